// The text as it is typed, and the models that are to read it.

import { el, freshId } from "./dom.js";

const heading = (name) => name.charAt(0).toLocaleUpperCase() + name.slice(1).replaceAll("_", " ");

/** One text area for each field that a chosen model reads; what is typed survives another choice. */
export class Fields {
  #texts = {};

  constructor(place, onInput) {
    this.place = place;
    this.onInput = onInput;
    this.shown = [];
  }

  show(names) {
    this.keep();
    this.shown = names.length ? names : ["text"];
    this.place.replaceChildren(...this.shown.map((name, index) => {
      const id = freshId("field");
      const short = index === 0 && this.shown.length > 1;
      const area = el("textarea", { id, name, rows: short ? 2 : 5, dir: "auto", spellcheck: "true", on: { input: this.onInput } });
      area.value = this.#texts[name] ?? "";
      return el("div", { class: "field" }, el("label", { for: id, dir: "auto", text: heading(name) }), area);
    }));
  }

  keep() {
    for (const area of this.place.querySelectorAll("textarea")) this.#texts[area.name] = area.value;
  }

  get value() {
    return Object.fromEntries(Array.from(this.place.querySelectorAll("textarea"), (area) => [area.name, area.value]));
  }

  /** Fill in a document; a text without a field of its own goes where there is room. */
  set value(fields) {
    const areas = [...this.place.querySelectorAll("textarea")];
    const homeless = Object.keys(fields).filter((name) => !this.shown.includes(name)).map((name) => fields[name]);
    areas.forEach((area, index) => {
      const extra = index === areas.length - 1 ? homeless : [];
      area.value = [fields[area.name], ...extra].filter(Boolean).join("\n");
    });
    this.#texts = {};
  }

  get empty() {
    return Object.values(this.value).every((text) => !text.trim());
  }

  focus() {
    this.place.querySelector("textarea")?.focus();
  }
}

/** The choice among the loaded models: one, or several side by side. */
export class Choice {
  constructor(place, { models, standard }, onChange) {
    this.place = place;
    this.models = models;
    this.chosen = new Set([models.some(({ name }) => name === standard) ? standard : models[0]?.name]);
    this.several = false;
    this.onChange = onChange;
    this.show();
  }

  get value() {
    return this.models.filter(({ name }) => this.chosen.has(name));
  }

  show() {
    if (this.models.length < 2) {
      this.place.replaceChildren();
      return;
    }
    const type = this.several ? "checkbox" : "radio";
    const chips = this.models.map((model) => {
      const input = el("input", { type, name: "model", value: model.name, checked: this.chosen.has(model.name) });
      input.addEventListener("change", () => this.choose(model.name, input));
      return el("label", { class: "chip" }, input, el("span", {}, el("bdi", { text: model.name }), el("small", { text: ` ${model.family ?? ""}` })));
    });
    const side = el("input", { type: "checkbox", id: "compare", checked: this.several });
    side.addEventListener("change", () => {
      this.several = side.checked;
      if (this.several) this.chosen = new Set(this.models.map(({ name }) => name));
      else this.chosen = new Set([...this.chosen].slice(0, 1));
      this.show();
      this.place.querySelector("#compare").focus();
      this.onChange();
    });
    this.place.replaceChildren(el("fieldset", {}, el("legend", { text: this.several ? "Models" : "Model" }),
      el("div", { class: "chips" }, chips),
      el("label", { class: "chip side" }, side, el("span", { text: "Compare side by side" }))));
  }

  choose(name, input) {
    if (!this.several) this.chosen = new Set([name]);
    else if (input.checked) this.chosen.add(name);
    else if (this.chosen.size > 1) this.chosen.delete(name);
    else input.checked = true;
    this.onChange();
  }
}
