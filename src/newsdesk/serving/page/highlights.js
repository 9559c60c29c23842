// A text with the weight of its words for one class.

import { el } from "./dom.js";
import { weight as worded } from "./words.js";

// Words below this share of the heaviest are left unmarked: where everything is marked, nothing is.
const FAINT = 0.1;
const LEVELS = 4;

// What belongs to the letter before it: combining marks, joiners, variation selectors.
const CLINGS = /^[\p{M}\u200d\ufe0e\ufe0f]/u;

/** Cut a text at the borders of its spans, which count in UTF-16 units. Gives {text, weight, share}
 * in reading order, `share` in [-1, 1] of the weight `heaviest`. Spans that overlap become one. */
export function pieces(text, spans, heaviest) {
  const merged = [];
  const sorted = spans
    .map((span) => ({ start: Math.max(0, span.start_utf16), end: Math.min(text.length, span.end_utf16), weight: span.weight }))
    .filter((span) => span.end > span.start && Number.isFinite(span.weight))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  for (const span of sorted) {
    while (CLINGS.test(text.slice(span.end, span.end + 2))) span.end += text.codePointAt(span.end) > 0xffff ? 2 : 1;
    const last = merged.at(-1);
    if (last && span.start < last.end) {
      last.end = Math.max(last.end, span.end);
      last.weight += span.weight;
    } else merged.push(span);
  }
  const found = [];
  let at = 0;
  for (const { start, end, weight } of merged) {
    if (start > at) found.push({ text: text.slice(at, start), weight: 0, share: 0 });
    found.push({ text: text.slice(start, end), weight, share: heaviest ? weight / heaviest : 0 });
    at = end;
  }
  if (at < text.length) found.push({ text: text.slice(at), weight: 0, share: 0 });
  return found;
}

/** The largest weight of any span, whatever its sign; 0 without spans. */
export const heaviestOf = (spans) => spans.reduce((most, { weight }) => Math.max(most, Math.abs(weight) || 0), 0);

/** A paragraph of text in which words are marked: blue and underlined for the class, orange and
 * dotted against it, the stronger the heavier. */
function marked(text, spans, heaviest) {
  return el("p", { class: "read", dir: "auto" }, pieces(text, spans, heaviest).map((piece) => {
    const share = Math.min(1, Math.abs(piece.share));
    if (share < FAINT) return piece.text;
    return el("mark", { class: `${piece.weight > 0 ? "for" : "against"} w${Math.ceil(share * LEVELS)}`, text: piece.text });
  }));
}

/** The heaviest words, occurrences summed: {word, weight}, for and against apart. */
export function heaviest(fields, spans, { pro = 5, contra = 3 } = {}) {
  const sums = new Map();
  for (const { field, start_utf16: start, end_utf16: end, weight } of spans) {
    const word = (fields[field] ?? "").slice(start, end).trim();
    if (!word || !Number.isFinite(weight)) continue;
    const key = word.toLocaleLowerCase();
    const known = sums.get(key) ?? { word, weight: 0 };
    known.weight += weight;
    sums.set(key, known);
  }
  const all = [...sums.values()];
  return {
    pro: all.filter((one) => one.weight > 0).sort((a, b) => b.weight - a.weight).slice(0, pro),
    contra: all.filter((one) => one.weight < 0).sort((a, b) => a.weight - b.weight).slice(0, contra),
  };
}

const METHODS = {
  exact: "The weights are exact: they are what the model itself adds up.",
  occlusion: "The weights are measured by occlusion: each word is left out in turn.",
};

/** The reading of a document for one class: its texts with marks, the heaviest words as a list,
 * a legend, and how the weights were found. Marks are as strong as their weight is beside `top`. */
export function reading(fields, label, spans, { top, method }) {
  const filled = Object.entries(fields).filter(([, text]) => text);
  // A model without named fields reads all of them as one text.
  const own = (name) => spans.filter((span) => span.field === name || filled.length === 1);
  const texts = filled.map(([name, text]) => marked(text, own(name), top));
  const words = heaviest(filled.length === 1 ? Object.fromEntries(spans.map((span) => [span.field, filled[0][1]])) : fields, spans);
  const row = (title, kind, found) => found.length > 0 && el("p", { class: "heaviest" },
    el("span", { class: "quiet", text: title }), " ",
    found.flatMap((one, index) => [index > 0 && ", ", el("bdi", { class: kind, text: one.word }), `\u00a0${worded(one.weight)}`]));
  return el("div", { class: "reading" },
    el("h4", {}, "Words for ", el("bdi", { text: label })),
    texts,
    el("div", { class: "weights" },
      row("Heaviest for it:", "pro", words.pro),
      row("Against it:", "contra", words.contra),
      words.pro.length + words.contra.length === 0 && el("p", { class: "quiet", text: "No word weighs for or against this class." })),
    el("p", { class: "legend" },
      el("span", {}, el("mark", { class: "for w3", text: "for" }), " the class"),
      el("span", {}, el("mark", { class: "against w3", text: "against" }), " it"),
      el("span", { text: "heavier words stand out more" })),
    METHODS[method] && el("p", { class: "quiet method", text: METHODS[method] }));
}
