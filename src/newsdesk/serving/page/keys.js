// Keys of the server: asked for once, kept for this tab only.

import { el } from "./dom.js";

// A browser may forbid storage; then the key lives as long as the page.
const held = new Map();
let asking = null;

const place = (realm) => `newsdesk.${realm}`;

/** The key of a realm ("key" or "management"), or null. */
export function keyOf(realm) {
  if (held.has(realm)) return held.get(realm);
  try {
    return sessionStorage.getItem(place(realm));
  } catch {
    return null;
  }
}

function keep(realm, key) {
  held.set(realm, key);
  try {
    sessionStorage.setItem(place(realm), key);
  } catch {
    // Said above: the page keeps it.
  }
}

/** Ask for a key, once however many requests want it; gives the key, or null if declined. */
export function askKey(realm, refused) {
  asking ??= dialog(realm, refused).finally(() => { asking = null; });
  return asking;
}

function dialog(realm, refused) {
  return new Promise((resolve) => {
    const management = realm === "management";
    const input = el("input", {
      id: "key", type: "password", autocomplete: "off", spellcheck: "false", autocapitalize: "off", required: true,
      "aria-describedby": "key-why",
    });
    const form = el("form", { class: "key" },
      el("h2", { id: "key-head", text: management ? "For reviewers" : "A key, please" }),
      el("p", { id: "key-why", text: refused
        ? "The server refused that key. Try another."
        : `This server asks for ${management ? "its management key" : "a key"}. It is kept until this tab is closed.` }),
      el("label", { for: "key", text: "Key" }), input,
      el("p", { class: "acts" },
        el("button", { class: "main", type: "submit", text: "Use this key" }),
        el("button", { type: "button", text: "Not now", on: { click: () => box.close() } })));
    const box = el("dialog", { "aria-labelledby": "key-head" }, form);
    let key = null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      key = input.value.trim() || null;
      if (key) keep(realm, key);
      box.close();
    });
    box.addEventListener("close", () => {
      box.remove();
      resolve(key);
    });
    document.body.append(box);
    box.showModal();
    input.focus();
  });
}
