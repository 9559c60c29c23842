// Corrections: sent in one click, kept through failures, taken back as long as the page is open.

import { correct, undo } from "./api.js";
import { el, say } from "./dom.js";
import { excerpt } from "./words.js";

/** A key that no other correction has. crypto.randomUUID is missing where the page came over plain
 * HTTP from another machine. */
export function freshKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // RFC 9562, section 5.4: version 4, variant 10.
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
}

/** One correction and what became of it; tells of each change by the event "change". */
export class Correction extends EventTarget {
  #key = freshKey();
  #stored = null;

  constructor(content) {
    super();
    /** As the server wants it: model, digest, fields, predicted, label. */
    this.content = content;
    /** "sending", "stored", "failed", "undoing" or "undone". */
    this.state = "sending";
    this.fault = null;
  }

  async send() {
    await this.#turn("sending", "stored", "failed", async () => {
      this.#stored = await correct(this.content, this.#key);
    });
  }

  async undo() {
    await this.#turn("undoing", "undone", "stored", () => undo(this.#stored.id, this.#stored.undo));
  }

  async #turn(during, after, otherwise, act) {
    this.#become(during, null);
    try {
      await act();
      this.#become(after, null);
    } catch (fault) {
      this.#become(otherwise, fault);
    }
  }

  #become(state, fault) {
    this.state = state;
    this.fault = fault;
    this.dispatchEvent(new Event("change"));
  }
}

const SAID = {
  sending: "Sending…",
  stored: "Thank you — it waits for a person to accept it.",
  failed: "Not stored yet. Your correction is kept here.",
  undoing: "Taking it back…",
  undone: "Taken back.",
};

/** What became of a correction, with the acts that are left; follows its changes. */
export function receipt(correction, { withText = false } = {}) {
  const { label, fields } = correction.content;
  const box = el("div", { class: "receipt", tabindex: "-1" });
  const show = () => {
    const { state, fault } = correction;
    const hadFocus = box.contains(document.activeElement);
    const retry = el("button", { type: "button", text: "Try again", on: { click: () => correction.send() } });
    const back = el("button", { type: "button", text: "Undo", on: { click: () => correction.undo() } });
    box.dataset.state = state;
    box.replaceChildren(
      ...(withText ? [el("p", { class: "quiet", dir: "auto", text: excerpt(Object.values(fields).join(" · ")) })] : []),
      el("p", {}, el("strong", { dir: "auto", text: label }), " ", el("span", { text: SAID[state] }), " ",
        state === "stored" && back, state === "failed" && retry),
      ...(fault ? [el("p", { class: "why", text: `${fault.message} ${fault.hint ?? ""}` })] : []));
    // The button that was pressed is gone; who came by keyboard must not be thrown to the top.
    if (hadFocus) (box.querySelector("button") ?? box).focus();
  };
  show();
  correction.addEventListener("change", show);
  return box;
}

/** The list of all corrections that were sent since the page was opened. */
export class Sent {
  constructor(section) {
    this.section = section;
    this.items = section.querySelector("ul");
  }

  /** Send a correction and show what becomes of it. */
  add(content) {
    const correction = new Correction(content);
    this.section.hidden = false;
    this.items.prepend(el("li", {}, receipt(correction, { withText: true })));
    correction.addEventListener("change", () => say(`${content.label}: ${SAID[correction.state]}`));
    correction.send();
    return correction;
  }
}
