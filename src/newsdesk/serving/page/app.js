// The page: what is typed goes to the server, what it says is shown.

import * as api from "./api.js";
import { Batch } from "./batch.js";
import { answers } from "./compare.js";
import { Choice, Fields } from "./composer.js";
import { byId, el, faultBox, say } from "./dom.js";
import { Sent } from "./feedback.js";
import { History } from "./history.js";

const form = byId("ask");
const sent = new Sent(byId("sent"));
const fields = new Fields(byId("fields"), changed);
const history = new History(byId("past"), (old) => classify({ fields: old }));
let choice = null;
let facts = {};
let sample = null;
let asked = null;
let running = null;
let early = null;

fields.show([]);
if (/Mac|iPhone|iPad/u.test(navigator.platform)) byId("modifier").textContent = "⌘";

const again = (act) => el("button", { type: "button", text: "Try again", on: { click: act } });

function fail(fault, act) {
  byId("fault").replaceChildren(faultBox(fault, again(() => {
    byId("fault").replaceChildren();
    act();
  })));
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function changed() {
  byId("stale").hidden = asked === null || same(asked, fields.value);
}

function chosen() {
  const models = choice.value;
  fields.show([...new Set(models.flatMap((model) => model.fields ?? []))]);
  document.body.classList.toggle("comparing", models.length > 1);
  if (asked && !fields.empty) classify();
}

/** Classify what is typed, or a document given as `fields` (a sample with its `label`). */
async function classify(given) {
  if (!choice) {
    // The models are still on their way.
    early = given ?? { fields: fields.value };
    return;
  }
  if (given) {
    fields.value = given.fields;
    // What a text area holds is not always what was put in: it joins kinds of line ends.
    sample = given.label === undefined ? null : { fields: fields.value, label: given.label };
  }
  if (fields.empty) {
    byId("fault").replaceChildren(faultBox({ message: "There is nothing to classify yet.", hint: "Type or paste a text first." }));
    fields.focus();
    return;
  }
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const text = fields.value;
  busy(true);
  try {
    const { node, good, said } = await answers(choice.value, {
      fields: text, signal,
      truth: sample && same(sample.fields, text) ? sample.label : null,
      correct: facts.feedback === false ? null : (content) => sent.add(content),
      retry: () => again(() => classify()),
    });
    asked = text;
    byId("fault").replaceChildren();
    byId("answer").replaceChildren(node);
    reveal(byId("answer"));
    changed();
    say(said);
    remember(text, good[0]);
  } catch (fault) {
    if (fault.name === "AbortError") return;
    fail(fault, () => classify());
  } finally {
    if (!signal.aborted) busy(false);
  }
}

/** Bring what has just appeared into sight, unless its beginning is there already. */
function reveal(node) {
  const { top } = node.getBoundingClientRect();
  if (top < 0 || top > innerHeight - 160) node.scrollIntoView({ block: "start" });
}

function busy(is) {
  byId("answer").setAttribute("aria-busy", String(is));
  byId("go").textContent = is ? "Classifying…" : "Classify";
}

function remember(text, { model, answer }) {
  const [top] = answer.result.labels;
  history.add({ fields: text, label: top.label, score: top.score, abstain: answer.result.abstain === true, model: model.name, at: Date.now() });
}

async function random() {
  try {
    await classify(await api.sample());
  } catch (fault) {
    fail(fault, random);
  }
}

function clear() {
  running?.abort();
  busy(false);
  fields.value = {};
  sample = null;
  asked = null;
  byId("fault").replaceChildren();
  byId("stale").hidden = true;
  byId("answer").replaceChildren(el("p", { class: "empty", text: "Cleared." }));
  fields.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  classify();
});
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  classify();
});
byId("random").addEventListener("click", random);
byId("clear").addEventListener("click", clear);

async function start() {
  try {
    facts = await api.about();
    byId("about").textContent = `newsdesk ${facts.version ?? ""}`;
    byId("random").hidden = facts.samples !== true;
    byId("to-review").hidden = facts.feedback !== true;
    const { models, default: standard } = await api.models();
    if (!models.length) throw new api.Fault(503, "The server has no model loaded.", "Load one, then try again.");
    choice = new Choice(byId("models"), { models, standard }, chosen);
    chosen();
    new Batch(byId("batch"), { models, standard, facts });
    if (early) classify(early);
  } catch (fault) {
    fail(fault, start);
  }
}

start();
