// Tables of text: CSV, TSV, JSONL and plain lines, read and written.

/** A file that cannot be read as a table; says why and what to do. */
export class TableFault extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** Decode a file's bytes: UTF-16 by its mark, else UTF-8, else Windows-1252. Gives the text without
 * a byte-order mark, the encoding's name, and whether there was a mark. */
export function decode(bytes) {
  const starts = (...mark) => mark.every((byte, index) => bytes[index] === byte);
  if (starts(0xff, 0xfe)) return { text: new TextDecoder("utf-16le").decode(bytes), encoding: "utf-16le", marked: true };
  if (starts(0xfe, 0xff)) return { text: new TextDecoder("utf-16be").decode(bytes), encoding: "utf-16be", marked: true };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, encoding: "utf-8", marked: starts(0xef, 0xbb, 0xbf) };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "windows-1252", marked: false };
  }
}

/** Parse CSV (RFC 4180; line ends LF, CRLF or CR; a quote inside a bare cell is a letter). Lines
 * that are empty are left out. Gives rows of cells; throws TableFault for a quote left open, unless
 * `partial`, the beginning of a file. */
export function parseCsv(text, delimiter = ",", { partial = false } = {}) {
  const rows = [];
  let row = [];
  let at = 0;
  const close = () => {
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      let from = at + 1;
      for (;;) {
        const quote = text.indexOf('"', from);
        if (quote < 0) {
          if (partial) return rows;
          throw new TableFault(`Row ${rows.length + 1} opens a quote that is never closed.`, "Close it, or double the quotes that belong to a text.");
        }
        cell += text.slice(from, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        from = at + 1;
      }
    }
    const bare = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at += 1;
    row.push(cell + text.slice(bare, at));
    if (text[at] === delimiter) {
      at += 1;
      // A delimiter at the very end opens one more, empty cell.
      if (at === text.length) row.push("");
    } else {
      at += text.startsWith("\r\n", at) ? 2 : 1;
      close();
    }
  }
  if (row.length) close();
  return rows;
}

const DELIMITERS = [",", "\t", ";", "|"];

/** Guess what divides the cells: what gives the first rows the same number of cells, and many. */
export function guessDelimiter(text) {
  const head = text.slice(0, 65_536);
  let best = { delimiter: ",", merit: 0 };
  for (const delimiter of DELIMITERS) {
    const rows = parseCsv(head, delimiter, { partial: true }).slice(0, 50);
    // The last row may be cut.
    const whole = head.length < text.length && rows.length > 1 ? rows.slice(0, -1) : rows;
    const width = whole[0]?.length ?? 0;
    if (width < 2) continue;
    const alike = whole.filter((row) => row.length === width).length / whole.length;
    const merit = alike + width / 1000;
    if (merit > best.merit) best = { delimiter, merit };
  }
  return best.delimiter;
}

/** Names for columns: none empty, none twice. */
export function columnNames(names, width) {
  const taken = new Set();
  return Array.from({ length: Math.max(width, names.length) }, (_, index) => {
    const stem = String(names[index] ?? "").trim() || `column ${index + 1}`;
    let name = stem;
    for (let n = 2; taken.has(name); n += 1) name = `${stem} ${n}`;
    taken.add(name);
    return name;
  });
}

/** Read a table from a file's text: {kind, delimiter, columns, rows}; every row has a cell for every
 * column. `header` says whether the first row of a CSV names the columns. */
export function readTable(name, text, { header = true } = {}) {
  const kind = /\.(jsonl|ndjson|json)$/iu.test(name) ? "jsonl" : /\.txt$/iu.test(name) ? "txt" : "csv";
  const table = kind === "jsonl" ? readJsonl(text) : kind === "txt" ? readLines(text) : readCsv(name, text, header);
  if (!table.rows.length) throw new TableFault("The file holds no rows.", "Choose a file with at least one text.");
  return { kind, ...table };
}

function readCsv(name, text, header) {
  const delimiter = /\.(tsv|tab)$/iu.test(name) ? "\t" : guessDelimiter(text);
  const all = parseCsv(text, delimiter);
  const rows = header ? all.slice(1) : all;
  let width = 0;
  for (const row of all) width = Math.max(width, row.length);
  const columns = columnNames(header ? all[0] ?? [] : [], width);
  for (const row of rows) while (row.length < width) row.push("");
  return { delimiter, columns, rows };
}

function readLines(text) {
  const rows = text.split(/\r\n|\n|\r/u).filter((line) => line.trim()).map((line) => [line]);
  return { delimiter: ",", columns: ["text"], rows };
}

// A number that JavaScript would change (a long id) keeps its digits where the browser can.
const exact = (_, value, context) =>
  typeof value === "number" && context?.source !== undefined && JSON.rawJSON && String(value) !== context.source
    ? JSON.rawJSON(context.source) : value;

function readJsonl(text) {
  const records = text.trimStart().startsWith("[") ? wholeList(text) : lines(text);
  const columns = new Map();
  for (const record of records) for (const key of Object.keys(record)) if (!columns.has(key)) columns.set(key, columns.size);
  const rows = records.map((record) => {
    const row = new Array(columns.size).fill("");
    for (const [key, value] of Object.entries(record)) row[columns.get(key)] = value;
    return row;
  });
  return { delimiter: ",", columns: [...columns.keys()], rows };
}

const asRecord = (value) =>
  typeof value === "string" ? { text: value } : value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;

function lines(text) {
  const records = [];
  text.split(/\r\n|\n|\r/u).forEach((line, index) => {
    if (!line.trim()) return;
    let record = null;
    try {
      record = asRecord(JSON.parse(line, exact));
    } catch {
      // Told below, as other values are.
    }
    if (!record) throw new TableFault(`Line ${index + 1} is no JSON object.`, "Write one object a line, such as {\"text\": \"…\"}.");
    records.push(record);
  });
  return records;
}

function wholeList(text) {
  try {
    const records = JSON.parse(text, exact).map(asRecord);
    if (records.every(Boolean)) return records;
  } catch {
    // Told below.
  }
  throw new TableFault("The file is no list of JSON objects.", "Write one object a line, such as {\"text\": \"…\"}.");
}

/** A cell as text. */
export function cellText(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? value.rawJSON ?? JSON.stringify(value) : String(value);
}

// A spreadsheet runs such cells as formulas; a plain number is none.
const FORMULA = /^[=+\-@\t\r]/u;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u;

function written(value, delimiter) {
  let text = cellText(value);
  if (FORMULA.test(text) && !NUMBER.test(text)) text = `'${text}`;
  return /["\r\n]/u.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Write CSV with CRLF; cells that a spreadsheet would run get an apostrophe in front. */
export function writeCsv(columns, rows, { delimiter = ",", marked = false } = {}) {
  const lines = [columns, ...rows].map((row) => {
    const line = row.map((value) => written(value, delimiter)).join(delimiter);
    // A row of one empty cell would read as no row.
    return line || '""';
  });
  return `${marked ? "\ufeff" : ""}${lines.join("\r\n")}\r\n`;
}

/** Write one JSON object a line. */
export function writeJsonl(columns, rows) {
  return rows.map((row) => `${JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index]])))}\n`).join("");
}
