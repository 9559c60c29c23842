// Many texts from a file: chosen or dropped, classified, given back beside their columns.

import { classifyMany, weigh } from "./api.js";
import { bar, el, faultBox, freshId, say } from "./dom.js";
import { chunks, sendAll } from "./sending.js";
import { cellText, columnNames, decode, readTable, writeCsv, writeJsonl } from "./table.js";
import { count, duration, excerpt, percent, plural } from "./words.js";

const MOST_BYTES = 100 * 2 ** 20;
const CHUNK = 64;
const LANES = 2;
const PREVIEW = 8;
const ADDED = ["predicted", "label_1", "label_2", "label_3", "proba_1", "proba_2", "proba_3"];
// Names that people give to columns of text, the likeliest first.
const TEXTUAL = ["text", "headline", "title", "description", "body", "content", "abstract", "summary", "sentence", "document"];

/** Which columns hold the texts: for each field of the model its namesake, or what looks like text. */
export function guessColumns(fields, table) {
  const find = (name) => table.columns.findIndex((column) => column.toLocaleLowerCase() === name.toLocaleLowerCase());
  const named = fields.map(find);
  if (named.some((index) => index >= 0)) return named;
  const known = TEXTUAL.map(find).filter((index) => index >= 0);
  const length = (column) => table.rows.slice(0, 50).reduce((sum, row) => sum + cellText(row[column]).length, 0);
  const longest = table.columns.map((_, column) => column).sort((a, b) => length(b) - length(a));
  const best = known.length ? known : longest;
  return fields.map((_, index) => (index < known.length || index === 0 ? best[index] ?? -1 : -1));
}

/** The columns and rows of the result: those of the file, then what the model said. */
export function joined(table, results) {
  const failed = results.some((result) => result?.error);
  const added = failed ? [...ADDED, "error"] : ADDED;
  const columns = columnNames([...table.columns, ...added], 0);
  const rows = table.rows.map((row, index) => {
    const labels = results[index]?.labels ?? [];
    const cells = [labels[0]?.label ?? "", ...[0, 1, 2].map((k) => labels[k]?.label ?? ""), ...[0, 1, 2].map((k) => labels[k]?.score ?? "")];
    if (failed) cells.push(results[index]?.error ?? "");
    return [...row, ...cells];
  });
  return { columns, rows };
}

/** The part of the page that classifies files. */
export class Batch {
  constructor(place, { models, standard, facts }) {
    this.models = models;
    this.facts = facts;
    this.model = models.find(({ name }) => name === standard) ?? models[0];
    this.running = null;
    const file = el("input", { type: "file", id: freshId("file"), accept: ".csv,.tsv,.tab,.jsonl,.ndjson,.json,.txt", "aria-describedby": "drop-say" });
    file.addEventListener("change", () => file.files[0] && this.read(file.files[0]));
    // The same file, changed in the meantime, may be chosen again.
    file.addEventListener("click", () => { file.value = ""; });
    this.fault = el("div", { role: "status" });
    this.setup = el("div", {});
    this.outcome = el("div", {});
    place.replaceChildren(
      el("div", { class: "drop" }, el("label", { class: "unseen", for: file.id, text: "Choose a file" }), file,
        el("p", { id: "drop-say", class: "quiet", text: "or drop one anywhere on this page" })),
      this.fault, this.setup, this.outcome);
    this.listen(place);
  }

  listen(place) {
    const files = (event) => event.dataTransfer?.types.includes("Files");
    const over = (on) => document.body.classList.toggle("dragging", on);
    document.addEventListener("dragover", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      over(true);
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && over(false));
    document.addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      over(false);
      if (event.dataTransfer.files[0]) {
        place.scrollIntoView({ block: "nearest" });
        this.read(event.dataTransfer.files[0]);
      }
    });
  }

  async read(file) {
    this.running?.abort();
    this.setup.replaceChildren();
    this.outcome.replaceChildren();
    this.fault.replaceChildren();
    try {
      if (file.size > MOST_BYTES) throw { message: `${file.name} holds ${count(Math.round(file.size / 2 ** 20))} MB; this page reads at most 100 MB.`, hint: "Use the command “newsdesk predict” for larger files." };
      this.name = file.name;
      this.decoded = decode(new Uint8Array(await file.arrayBuffer()));
      this.open(true);
    } catch (fault) {
      this.fault.replaceChildren(faultBox(fault));
    }
  }

  open(header) {
    this.table = readTable(this.name, this.decoded.text, { header });
    this.offer(header);
    say(`${this.name}: ${plural(this.table.rows.length, "row")}.`);
  }

  get fields() {
    return this.model.fields?.length ? this.model.fields : ["text"];
  }

  /** Show what was read, and ask for the columns that hold the texts. */
  offer(header) {
    const { table } = this;
    this.picked = guessColumns(this.fields, table).map((column) => (column < 0 ? [] : [column]));
    const named = el("input", { type: "checkbox", checked: header });
    named.addEventListener("change", () => {
      this.open(named.checked);
      this.setup.querySelector("input[data-header]").focus();
    });
    named.dataset.header = "";
    this.setup.replaceChildren(
      el("form", { class: "setup", on: { submit: (event) => { event.preventDefault(); this.run(); } } },
        el("p", {}, el("strong", { dir: "auto", text: this.name }), ` — ${plural(table.rows.length, "row")}, ${plural(table.columns.length, "column")}`,
          this.decoded.encoding === "utf-8" ? "" : `, read as ${this.decoded.encoding}`),
        el("div", { class: "picks" }, this.models.length > 1 && this.modelPick(), table.columns.length > 1 && this.columnPicks(),
          table.kind === "csv" && el("label", { class: "chip" }, named, el("span", { text: "First row names the columns" }))),
        preview(table.columns, table.rows.slice(0, 3), "The first rows of the file"),
        el("p", { class: "acts" }, el("button", { class: "main", type: "submit", text: `Classify ${plural(table.rows.length, "row")}` }))));
  }

  modelPick() {
    const id = freshId("model");
    const pick = el("select", { id }, this.models.map(({ name }) => el("option", { value: name, text: name, selected: name === this.model.name })));
    pick.addEventListener("change", () => {
      this.model = this.models[pick.selectedIndex];
      this.offer(this.setup.querySelector("[data-header]")?.checked ?? true);
      this.setup.querySelector("select").focus();
    });
    return el("div", {}, el("label", { for: id, text: "Model" }), pick);
  }

  /** One choice for each field; a model with one field may be given several columns. */
  columnPicks() {
    const { columns } = this.table;
    if (this.fields.length === 1) {
      return el("fieldset", {}, el("legend", { text: "Columns of text" }), el("div", { class: "chips" }, columns.map((name, column) => {
        const box = el("input", { type: "checkbox", name: "column", value: name, checked: this.picked[0].includes(column) });
        box.addEventListener("change", () => {
          this.picked[0] = columns.map((_, index) => index).filter((index) => (index === column ? box.checked : this.picked[0].includes(index)));
        });
        return el("label", { class: "chip" }, box, el("bdi", { text: name }));
      })));
    }
    return this.fields.map((field, index) => {
      const id = freshId("column");
      const pick = el("select", { id }, el("option", { text: "(none)", value: "" }),
        columns.map((name, column) => el("option", { text: name, value: column, selected: this.picked[index].includes(column) })));
      pick.addEventListener("change", () => { this.picked[index] = pick.value === "" ? [] : [Number(pick.value)]; });
      return el("div", {}, el("label", { for: id, dir: "auto", text: `Column for ${field}` }), pick);
    });
  }

  documentAt(row) {
    const cells = this.table.rows[row];
    return Object.fromEntries(this.fields.map((field, index) =>
      [field, this.picked[index].map((column) => cellText(cells[column])).filter(Boolean).join("\n")]));
  }

  async run() {
    if (this.picked.every((columns) => !columns.length)) {
      this.fault.replaceChildren(faultBox({ message: "No column of text is chosen.", hint: "Choose the one that holds the texts." }));
      return;
    }
    this.fault.replaceChildren();
    this.running?.abort();
    this.running = new AbortController();
    const { signal } = this.running;
    const { table, model } = this;
    const progress = new Progress(table.rows.length, () => this.running.abort());
    const results = new Array(table.rows.length);
    this.setup.hidden = true;
    this.outcome.replaceChildren(progress.node);
    progress.node.querySelector("button").focus();
    const queue = chunks(table.rows.length, {
      size: Math.min(CHUNK, this.facts.max_texts ?? CHUNK),
      // The rest of the body is small.
      bytes: (this.facts.max_body_bytes ?? 2 ** 20) - 1024,
      weigh: (row) => weigh(model, this.documentAt(row)),
    });
    let stopped = null;
    try {
      await sendAll(queue, {
        lanes: LANES, signal,
        send: (start, end) => classifyMany(model, Array.from({ length: end - start }, (_, index) => this.documentAt(start + index)), signal),
        done: (start, found) => {
          found.forEach((result, index) => { results[start + index] = result; });
          progress.more(found.length);
        },
        refused: (row, fault) => {
          results[row] = { labels: [], error: fault.message };
          progress.more(1);
        },
        waits: (seconds) => progress.waits(seconds),
      });
    } catch (fault) {
      stopped = fault;
      this.running.abort();
    }
    this.setup.hidden = false;
    // Another file was opened in the meantime.
    if (table !== this.table) return;
    this.finish(table, results, stopped, progress.done);
  }

  finish(table, results, stopped, done) {
    const cancelled = stopped?.name === "AbortError";
    const refused = results.filter((result) => result?.error).length;
    const head = el("p", { class: "done", tabindex: "-1" },
      el("strong", { text: cancelled ? "Cancelled." : stopped ? "Stopped." : "Done." }),
      ` ${count(done)} of ${plural(results.length, "row")} classified`, refused > 0 && `, ${count(refused)} of them refused by the server`, ".");
    const again = el("button", { type: "button", text: "Try again", on: { click: () => this.run() } });
    this.outcome.replaceChildren(head);
    if (stopped && !cancelled) this.outcome.append(faultBox(stopped, again));
    if (done > 0) {
      this.setup.querySelector(".wide")?.remove();
      const { columns, rows } = joined(table, results);
      const stem = this.name.replace(/\.[^.]*$/u, "");
      const { delimiter } = table;
      const { marked, encoding } = this.decoded;
      this.outcome.append(
        el("p", { class: "acts" },
          save("Download CSV", `${stem}.predicted.csv`, "text/csv", () => writeCsv(columns, rows, { delimiter, marked: marked || encoding.startsWith("utf-16") })),
          save("Download JSONL", `${stem}.predicted.jsonl`, "application/x-ndjson", () => writeJsonl(columns, rows))),
        counts(results),
        preview(...firstAnswers(this, results), "The first answers"));
    }
    head.focus();
    say(head.textContent);
  }
}

function save(text, name, type, write) {
  return el("button", { type: "button", text, on: { click: () => {
    const address = URL.createObjectURL(new Blob([write()], { type }));
    const link = el("a", { href: address, download: name });
    link.click();
    // The browser has taken hold of it by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } } });
}

function firstAnswers(batch, results) {
  const rows = [];
  for (let row = 0; row < results.length && rows.length < PREVIEW; row += 1) {
    const result = results[row];
    if (!result) continue;
    const [top] = result.labels;
    const text = Object.values(batch.documentAt(row)).filter(Boolean).join(" — ");
    rows.push([top ? top.label : result.error, top ? percent(top.score) : "", text]);
  }
  return [["predicted", "likelihood", "text"], rows];
}

/** A table of the first rows, cells cut short; wide ones scroll, by keyboard too. */
function preview(columns, rows, title) {
  return el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": title }, el("table", {},
    el("caption", { text: title }),
    el("thead", {}, el("tr", {}, columns.map((name) => el("th", { scope: "col", dir: "auto", text: name })))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((value) => el("td", { dir: "auto", text: excerpt(cellText(value), 90) })))))));
}

function counts(results) {
  const sums = new Map();
  let n = 0;
  for (const result of results) {
    const label = result?.labels[0]?.label;
    if (label === undefined) continue;
    sums.set(label, (sums.get(label) ?? 0) + 1);
    n += 1;
  }
  const sorted = [...sums].sort((a, b) => b[1] - a[1]);
  return el("div", { class: "counts" }, el("h3", { text: "Rows per class" }), el("ul", {}, sorted.map(([label, own]) =>
    el("li", {}, el("bdi", { text: label }), bar(own / sorted[0][1]),
      el("span", { class: "n" }, count(own), " ", el("small", { class: "quiet", text: percent(own / n) }))))));
}

/** How far a batch is, said in numbers and about every quarter aloud. */
class Progress {
  constructor(total, cancel) {
    this.total = total;
    this.done = 0;
    this.began = performance.now();
    this.told = 0;
    this.resumes = 0;
    this.bar = el("progress", { max: total, value: 0, "aria-label": "Rows classified" });
    this.text = el("p", { class: "n", text: `0 of ${plural(total, "row")}` });
    this.node = el("div", { class: "progress" }, this.bar, this.text,
      el("button", { type: "button", text: "Cancel", on: { click: cancel } }));
  }

  more(n) {
    this.done += n;
    this.bar.value = this.done;
    this.show();
    const quarter = Math.floor((4 * this.done) / this.total);
    if (quarter > this.told && quarter < 4) {
      this.told = quarter;
      say(this.text.textContent);
    }
  }

  waits(seconds) {
    this.resumes = performance.now() + 1000 * seconds;
    this.show();
  }

  show() {
    const now = performance.now();
    const left = ((now - this.began) / 1000 / this.done) * (this.total - this.done);
    const outlook = now < this.resumes ? ` · the server is busy; going on in ${duration((this.resumes - now) / 1000)}`
      : 0 < this.done && this.done < this.total ? ` · about ${duration(left)} left` : "";
    this.text.textContent = `${count(this.done)} of ${plural(this.total, "row")}${outlook}`;
  }
}
