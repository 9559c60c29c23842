// The answer of one model about one text.

import { readBy } from "./api.js";
import { bar, el, faultBox, freshId } from "./dom.js";
import { receipt } from "./feedback.js";
import { heaviestOf, reading } from "./highlights.js";
import { percent, plural } from "./words.js";

/** What an answer says, in one sentence. */
export function sentence({ labels, abstain, low_evidence: lowEvidence }) {
  const guesses = labels.map(({ label, score }) => `${label} ${percent(score)}`).join(", ");
  if (lowEvidence) return `Nothing known in this text. Guesses: ${guesses}.`;
  return abstain ? `Not sure. Best guesses: ${guesses}.` : `${guesses}.`;
}

/** The element that shows an answer.
 *
 * `model` is a row of the server's list, `answer` what the server said of `fields`, `truth` the
 * label of a sample or null; `more()` fetches all classes, `correct(content)` sends a correction
 * and gives it, or is null where the server takes none. */
export function card({ model, answer, fields, truth, more, correct }) {
  const read = readBy(model, fields);
  const { result } = answer;
  const all = model.labels?.length ?? 0;
  const likeliest = result.labels[0].label;
  // One measure for all classes: a word that hardly weighs for one must not look heavy there.
  let top = 0;
  const list = el("ol", { class: "classes" });
  const words = el("div", { class: "words", id: freshId("words"), "aria-live": "off" });
  const status = el("div", { class: "status" });
  const teach = correct && lessons({ model, answer, read, correct, status, list });

  const point = (entry) => {
    for (const button of list.querySelectorAll("button.name")) {
      button.setAttribute("aria-pressed", String(button.dataset.label === entry.label));
    }
    const spans = entry.highlights ?? (entry.label === likeliest ? result.highlights : undefined);
    if (!spans) {
      words.replaceChildren(
        el("div", { class: "reading" }, Object.values(read).filter(Boolean).map((text) => el("p", { class: "read", dir: "auto", text })),
          el("p", { class: "quiet method", text: "This model does not say which words weigh." })));
      return;
    }
    words.replaceChildren(reading(read, entry.label, spans, { top, method: result.highlight_method ?? model.explains }));
  };

  const fill = (labels) => {
    top = heaviestOf([...(result.highlights ?? []), ...labels.flatMap((entry) => entry.highlights ?? [])]);
    list.replaceChildren(...labels.map((entry) => row(entry, {
      isTrue: truth === entry.label, words: words.id, point: () => point(entry), teach,
    })));
    point(labels[0]);
  };

  const rest = el("button", { type: "button", class: "more", text: `Show all ${plural(all, "class", "classes")}` });
  rest.addEventListener("click", async () => {
    rest.disabled = true;
    try {
      const { labels } = (await more()).result;
      const seen = list.children.length;
      fill(labels);
      list.classList.add("all");
      list.children[seen]?.querySelector("button").focus();
      rest.replaceWith(el("p", { class: "quiet", text: labels.length < all
        ? `The likeliest ${plural(labels.length, "class", "classes")} of ${all}.` : `All ${plural(all, "class", "classes")}.` }));
    } catch (fault) {
      rest.disabled = false;
      status.replaceChildren(faultBox(fault));
    }
  });

  fill(result.labels);
  return el("article", { class: `card${result.abstain || result.low_evidence ? " unsure" : ""}` },
    el("p", { class: "kicker" }, el("bdi", { text: model.name }), model.family && ` · ${model.family}`,
      answer.model?.digest && el("span", { class: "digest", text: ` · ${answer.model.digest.replace(/^sha256:/u, "").slice(0, 8)}` })),
    verdict(result, model),
    truth !== null && judged(result, truth),
    el("div", { class: "body" },
      el("div", { class: "ranking" }, list, el("div", { class: "below" }, all > result.labels.length && rest, teach?.other), status),
      words));
}

function verdict(result, model) {
  const [top] = result.labels;
  const limit = model.abstain_below > 0 ? `: every class is below ${percent(model.abstain_below)}` : "";
  return [
    el("h3", { class: "verdict" }, result.abstain
      ? "Not sure"
      : [el("bdi", { text: top.label }), " ", el("span", { class: "n", text: percent(top.score) })]),
    result.low_evidence && el("p", { class: "note", text: "Nothing known in this text: the answer only says how common each class is." }),
    result.abstain && !result.low_evidence && el("p", { class: "note", text: `These are only guesses${limit}.` }),
  ];
}

function judged(result, truth) {
  const at = result.labels.findIndex(({ label }) => label === truth);
  const right = at === 0;
  const place = at > 0 ? `, in place ${at + 1} here` : "";
  return el("p", { class: `truth ${right ? "right" : "wrong"}` },
    el("strong", { text: right ? "✓ Right" : "✗ Wrong" }), " — the sample’s label is ", el("bdi", { class: "label", text: truth }), `${place}.`);
}

function row(entry, { isTrue, words, point, teach }) {
  const name = el("button", {
    type: "button", class: "name", "data-label": entry.label, "aria-pressed": "false", "aria-controls": words,
    title: "Show the words for this class", on: { focus: point, click: point },
  }, el("bdi", { text: entry.label }), isTrue && el("span", { class: "badge", text: "true label" }));
  return el("li", { on: { pointerenter: point } },
    name, bar(entry.score), el("span", { class: "n", text: percent(entry.score) }),
    teach && el("button", {
      type: "button", class: "yes", text: "This is right", "aria-label": `This is right: ${entry.label}`,
      on: { click: () => teach.say(entry.label) },
    }));
}

/** What lets a reader say the right class: the buttons' act and the field for any other class. */
function lessons({ model, answer, read, correct, status, list }) {
  const known = model.labels ?? [];
  const id = freshId("other");
  const input = el("input", { id, list: `${id}-list`, autocomplete: "off", spellcheck: "false", maxlength: "200", placeholder: "search, or a new one", "aria-describedby": `${id}-new` });
  const hint = el("p", { id: `${id}-new`, class: "quiet", "aria-live": "polite" });
  const other = el("form", { class: "other" },
    el("label", { for: id, text: "Another class" }), input,
    el("datalist", { id: `${id}-list` }, known.map((label) => el("option", { value: label }))),
    el("button", { type: "submit", text: "This is right" }), hint);
  const named = () => {
    const typed = input.value.trim();
    return known.find((label) => label === typed)
      ?? known.find((label) => label.toLocaleLowerCase() === typed.toLocaleLowerCase()) ?? typed;
  };
  input.addEventListener("input", () => {
    const label = named();
    hint.textContent = label && !known.includes(label) ? `“${label}” is no class of this model yet; it is kept as a new one.` : "";
  });

  const say = (label) => {
    const [top] = answer.result.labels;
    const correction = correct({
      model: model.name, ...(answer.model?.digest ? { digest: answer.model.digest } : {}),
      fields: read, predicted: { label: top.label, score: top.score }, label,
    });
    const shut = () => {
      const free = correction.state === "undone";
      other.hidden = !free;
      list.classList.toggle("told", !free);
      for (const button of list.querySelectorAll("button.yes")) button.disabled = !free;
    };
    const note = receipt(correction);
    status.replaceChildren(note);
    correction.addEventListener("change", shut);
    shut();
    note.focus({ preventScroll: false });
  };
  other.addEventListener("submit", (event) => {
    event.preventDefault();
    if (named()) say(named());
    else {
      hint.textContent = "Name the class first.";
      input.focus();
    }
  });
  return { say, other };
}
