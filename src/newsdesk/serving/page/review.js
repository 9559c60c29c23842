// Corrections before the eyes of the person who accepts or rejects them.

import { corrections, decide } from "./api.js";
import { byId, el, faultBox, say } from "./dom.js";
import { count, moment, percent } from "./words.js";

const LIMIT = 20;
const STATUSES = ["waiting", "accepted", "rejected"];
const DONE = { accept: "accepted", reject: "rejected", wait: "waiting" };

const form = byId("filter");
const items = byId("corrections");
const more = byId("more");
let next = null;
let loading = null;
let counts = {};

function told() {
  byId("counts").textContent = STATUSES.filter((status) => Number.isFinite(counts[status]))
    .map((status) => `${count(counts[status])} ${status}`).join(" · ");
}

async function load({ onward = false } = {}) {
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  const filter = { status: form.elements.status.value, limit: LIMIT };
  const label = form.elements.label.value.trim();
  if (label) filter.label = label;
  if (onward) filter.after = next;
  try {
    const page = await corrections(filter, signal);
    if (signal.aborted) return;
    byId("fault").replaceChildren();
    if (!onward) items.replaceChildren();
    const fresh = page.corrections.map(item);
    items.append(...fresh);
    next = page.next ?? null;
    more.hidden = next === null;
    counts = page.counts ?? {};
    told();
    if (!items.children.length) items.append(el("li", { class: "empty", text: "None here." }));
    if (onward) fresh[0]?.focus();
    say(`${count(items.querySelectorAll("[data-id]").length)} shown.`);
  } catch (fault) {
    if (fault.name === "AbortError") return;
    byId("fault").replaceChildren(faultBox(fault, el("button", { type: "button", text: "Try again", on: { click: () => load({ onward }) } })));
  }
}

function item(correction) {
  const { id, fields, predicted, label, comment, model, at, status } = correction;
  const act = (decision, text) => el("button", { type: "button", "data-decision": decision, text, on: { click: () => settle(node, decision) } });
  const node = el("li", { "data-id": id, "data-status": status, tabindex: "-1" },
    el("div", { class: "texts" }, Object.entries(fields).filter(([, text]) => text).map(([, text], index) =>
      el("p", { class: index === 0 ? "first" : "", dir: "auto", text }))),
    el("p", { class: "change" },
      predicted ? [el("span", { class: "quiet", text: "predicted " }), el("bdi", { text: predicted.label }), ` ${percent(predicted.score)}`] : el("span", { class: "quiet", text: "no prediction" }),
      " → ", el("strong", {}, el("bdi", { text: label })),
      predicted?.label === label && el("span", { class: "badge", text: "confirmed" })),
    comment && el("p", { class: "comment", dir: "auto", text: comment }),
    el("p", { class: "quiet" }, el("bdi", { text: model ?? "" }), ` · ${moment(at)} · `, el("span", { class: "state", text: status })),
    el("p", { class: "acts" }, act("accept", "Accept"), act("reject", "Reject"), act("wait", "Back to waiting")));
  fit(node);
  return node;
}

/** Offer only the decisions that would change something. */
function fit(node) {
  for (const button of node.querySelectorAll("[data-decision]")) button.hidden = DONE[button.dataset.decision] === node.dataset.status;
}

async function settle(node, decision) {
  const before = node.dataset.status;
  if (DONE[decision] === before || node.hasAttribute("aria-busy")) return;
  node.setAttribute("aria-busy", "true");
  node.querySelector(".why")?.remove();
  try {
    await decide(node.dataset.id, decision);
    node.dataset.status = DONE[decision];
    node.querySelector(".state").textContent = DONE[decision];
    if (Number.isFinite(counts[before])) counts[before] -= 1;
    if (Number.isFinite(counts[DONE[decision]])) counts[DONE[decision]] += 1;
    told();
    fit(node);
    say(`${DONE[decision]}.`);
    if (node.contains(document.activeElement)) (node.nextElementSibling ?? node).focus();
  } catch (fault) {
    node.append(el("p", { class: "why", role: "alert", text: `${fault.message} ${fault.hint ?? ""}` }));
  } finally {
    node.removeAttribute("aria-busy");
  }
}

const typing = (node) => node.closest("input, select, textarea, dialog") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const all = [...items.querySelectorAll("[data-id]")];
  const at = all.findIndex((node) => node.contains(document.activeElement));
  const step = { j: 1, k: -1 }[event.key];
  if (step) all[Math.min(all.length - 1, Math.max(0, at + step))]?.focus();
  else if (event.key === "a" && at >= 0) settle(all[at], "accept");
  else if (event.key === "r" && at >= 0) settle(all[at], "reject");
  else return;
  event.preventDefault();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  load();
});
form.elements.status.addEventListener("change", () => load());
more.addEventListener("click", () => load({ onward: true }));

load();
