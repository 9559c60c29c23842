// The same text before several models, an answer beside each other.

import { classify } from "./api.js";
import { card, sentence } from "./answer.js";
import { el, faultBox } from "./dom.js";
import { list } from "./words.js";

/** How the answers agree, in a sentence; empty for fewer than two. */
export function agreement(answers) {
  if (answers.length < 2) return "";
  const groups = new Map();
  for (const { model, answer } of answers) {
    const { abstain, labels } = answer.result;
    const said = abstain ? "are not sure" : `say ${labels[0].label}`;
    groups.set(said, [...(groups.get(said) ?? []), model.name]);
  }
  if (groups.size === 1) {
    const [said] = groups.keys();
    return `${answers.length === 2 ? "Both" : `All ${answers.length}`} models ${said}.`;
  }
  const parts = [...groups].map(([said, names]) => {
    const verb = names.length > 1 ? said : said.replace(/^say /u, "says ").replace(/^are /u, "is ");
    return `${list(names)} ${verb}`;
  });
  return `The models differ: ${parts.join("; ")}.`;
}

/** Ask each model; gives the element to show, the answers, and the words to say. Throws the fault
 * if no model answered. */
export async function answers(models, { fields, truth, correct, retry, signal }) {
  const asked = await Promise.allSettled(models.map((model) => classify(model, fields, { signal })));
  if (signal.aborted) throw new DOMException("overtaken", "AbortError");
  for (const { reason } of asked) if (reason && !("status" in reason)) throw reason;
  // Where nobody answered there is nothing to show beside the old answer.
  if (asked.every(({ reason }) => reason)) throw asked[0].reason;
  const good = [];
  const cards = asked.map(({ value: answer, reason }, index) => {
    const model = models[index];
    if (reason) {
      return el("article", { class: "card" }, el("p", { class: "kicker", text: model.name }), faultBox(reason, retry()));
    }
    good.push({ model, answer });
    const more = () => classify(model, fields, { topK: Math.min(100, model.labels.length) });
    return card({ model, answer, fields, truth, more, correct });
  });
  const agreed = agreement(good);
  const said = good.map(({ model, answer }) => (models.length > 1 ? `${model.name}: ` : "") + sentence(answer.result));
  return {
    good,
    said: [agreed, ...said].filter(Boolean).join(" "),
    node: el("div", {}, agreed && el("p", { class: "agreement", dir: "auto", text: agreed }),
      el("div", { class: models.length > 1 ? "columns" : "single" }, cards)),
  };
}
