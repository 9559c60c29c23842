// What was classified in this browser. Storage may be full, forbidden or spoilt: then there is
// none, and nothing else suffers.

import { el } from "./dom.js";
import { excerpt, moment, percent } from "./words.js";

const PLACE = "newsdesk.history";
const MOST = 50;
// Browsers give an origin about 5 MB; this page takes a small part of it.
const MOST_CHARS = 200_000;

const sound = (entry) => entry && typeof entry === "object" && typeof entry.label === "string"
  && typeof entry.score === "number" && typeof entry.at === "number" && entry.fields && typeof entry.fields === "object"
  && Object.values(entry.fields).every((text) => typeof text === "string");

/** Entries, the newest first. */
export function load() {
  try {
    const entries = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(entries) ? entries.filter(sound).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Keep the newest entries that fit; gives those kept. */
export function bounded(entries) {
  let chars = 0;
  return entries.slice(0, MOST).filter((entry) => {
    const size = JSON.stringify(entry).length;
    if (chars + size > MOST_CHARS) return false;
    chars += size;
    return true;
  });
}

function save(entries) {
  try {
    if (entries.length) localStorage.setItem(PLACE, JSON.stringify(entries));
    else localStorage.removeItem(PLACE);
  } catch {
    // Said above.
  }
}

const sameText = (a, b) => JSON.stringify(a.fields) === JSON.stringify(b.fields);

/** The list on the page; `again(fields)` classifies an entry's text once more. */
export class History {
  constructor(place, again) {
    this.place = place;
    this.again = again;
    this.entries = load();
    this.show();
  }

  add(entry) {
    this.entries = bounded([entry, ...this.entries.filter((known) => !sameText(known, entry))]);
    save(this.entries);
    this.show();
  }

  clear() {
    this.entries = [];
    save([]);
    this.show();
    this.place.querySelector("p").focus();
  }

  show() {
    const hadFocus = this.place.contains(document.activeElement);
    if (!this.entries.length) {
      this.place.replaceChildren(el("p", { class: "empty", tabindex: "-1", text: "Nothing yet." }));
      return;
    }
    this.place.replaceChildren(
      el("ul", { class: "past" }, this.entries.map((entry) => el("li", {}, el("button", {
        type: "button", class: "again", on: { click: () => this.again(entry.fields) },
      },
      el("span", { class: "text", dir: "auto", text: excerpt(Object.values(entry.fields).filter(Boolean).join(" — "), 110) }),
      el("span", { class: "said" }, entry.abstain ? "not sure" : [el("bdi", { text: entry.label }), " ", el("span", { class: "n", text: percent(entry.score) })]),
      el("span", { class: "quiet" }, el("bdi", { text: entry.model }), ` · ${moment(entry.at)}`))))),
      el("p", { class: "acts" }, el("button", { type: "button", text: "Clear the history", on: { click: () => this.clear() } })));
    // The text that was asked for again comes first now.
    if (hadFocus) this.place.querySelector("button").focus({ preventScroll: true });
  }
}
