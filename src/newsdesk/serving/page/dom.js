// Nodes made from data. Whatever comes from the server or the user enters as text nodes and
// attribute values, never as markup.

/** Make an element. `traits` are attributes; `text`, `on` (listeners) and `share` (0..1, the length
 * of a bar) are special; false, null and undefined leave an attribute out. */
export function el(tag, traits = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (name === "share") node.style.setProperty("--share", String(value));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...inside.flat().filter((part) => part !== undefined && part !== null && part !== false));
  return node;
}

/** Find an element by its id. */
export const byId = (id) => document.getElementById(id);

/** Tell those who listen rather than look; politely, after what is being said. */
export function say(text) {
  const region = byId("said");
  region.textContent = "";
  // A region that is given the same words twice stays silent, unless it was empty in between.
  setTimeout(() => { region.textContent = text; }, 50);
}

let made = 0;

/** Give an id that no other element has. */
export function freshId(stem) {
  made += 1;
  return `${stem}-${made}`;
}

/** Show a fault in two lines: what is wrong, what to do. `acts` are buttons below. */
export function faultBox(fault, ...acts) {
  return el("div", { class: "fault" },
    el("p", {}, el("strong", { text: fault.message || String(fault) })),
    fault.hint && el("p", { text: fault.hint }),
    acts.length > 0 && el("p", { class: "acts" }, acts));
}

/** A bar whose length is a share of the whole. */
export const bar = (share, traits = {}) =>
  el("span", { class: "bar", "aria-hidden": "true", ...traits }, el("b", { share: Math.min(1, Math.max(0, share)) }));
