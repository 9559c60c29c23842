// The API as the server describes it: routes, what they take and give, a line to try each.

import { byId, el, faultBox } from "./dom.js";

const JSON_BODY = "application/json";
let schemas = {};

const nameOf = (ref) => ref.split("/").pop();

/** A type in a few words: names of structures are those of the tables below. */
function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `[${typeOf(schema.items) || "any"}]`;
  if (schema.type === "object") {
    const inner = schema.additionalProperties;
    return inner && typeof inner === "object" ? `{string: ${typeOf(inner) || "any"}}` : "object";
  }
  const bounds = [schema.minimum !== undefined && `≥ ${schema.minimum}`, schema.maximum !== undefined && `≤ ${schema.maximum}`];
  return [schema.type || "any", ...bounds.filter(Boolean)].join(" ");
}

/** Structures that a type is made of, itself first. */
function structuresOf(schema, found = new Map()) {
  if (!schema || typeof schema !== "object") return found;
  if (schema.$ref) {
    const name = nameOf(schema.$ref);
    if (!found.has(name) && schemas[name]) {
      found.set(name, schemas[name]);
      structuresOf(schemas[name], found);
    }
    return found;
  }
  for (const part of Object.values(schema)) structuresOf(part, found);
  return found;
}

function table(schema) {
  const required = new Set(schema.required || []);
  const rows = Object.entries(schema.properties || {}).map(([name, type]) => el("tr", {},
    el("th", { scope: "row" }, el("code", { text: name })),
    el("td", { text: typeOf(type) }),
    el("td", { class: "quiet", text: required.has(name) ? "required" : said(type.default) })));
  return el("table", {}, el("tbody", {}, rows));
}

const said = (value) => (value === undefined || value === null ? "" : `default ${JSON.stringify(value)}`);

function structures(heading, schema) {
  if (!schema) return [];
  const found = [...structuresOf(schema)];
  return [
    el("h4", {}, `${heading}: `, el("code", { text: typeOf(schema) })),
    ...found.map(([name, own]) => el("div", {},
      (found.length > 1 || own.description) && el("p", { class: "quiet" }, el("code", { text: name }), ` ${own.description || ""}`),
      own.properties && table(own))),
  ];
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A line for a shell that asks the route. */
function curl(method, path, act, model) {
  const place = path.replace("{model}", model || "{model}");
  const verb = method === "get" || act.requestBody ? "" : `-X ${method.toUpperCase()} `;
  const address = new URL(place.slice(1), document.baseURI).href.replaceAll("%7B", "{").replaceAll("%7D", "}");
  const parts = [`curl ${verb}${address}`];
  const needed = act.security.length > 0 && !act.security.some((one) => Object.keys(one).length === 0);
  if (needed) parts.push("-H 'Authorization: Bearer KEY'");
  const example = act.requestBody?.content[JSON_BODY]?.example;
  if (act.requestBody) parts.push(`-H 'Content-Type: ${JSON_BODY}'`, `-d ${quoted(JSON.stringify(example ?? {}))}`);
  return parts.join(" \\\n  ");
}

function needs(act) {
  if (act.security.length === 0) return "open";
  return act.security.some((one) => Object.keys(one).length === 0) ? "a key, if the server has some" : "the management key";
}

function shown(method, path, act) {
  const model = act.parameters?.find((one) => one.name === "model")?.schema.enum?.[0];
  const answers = Object.entries(act.responses);
  const good = answers.find(([status]) => status < "300");
  return el("details", { class: "act", id: act.operationId },
    el("summary", {},
      el("span", { class: `method ${method}`, text: method.toUpperCase() }),
      el("code", { text: path }),
      el("span", { class: "needs", text: needs(act) }),
      el("span", { class: "what", text: act.summary })),
    el("div", {},
      el("h4", { text: "Try it" }),
      el("pre", { tabindex: "0" }, el("code", { text: curl(method, path, act, model) })),
      act.parameters && el("h4", { text: "Parameters" }),
      act.parameters && el("table", {}, el("tbody", {}, act.parameters.map((one) => el("tr", {},
        el("th", { scope: "row" }, el("code", { text: one.name })),
        el("td", { text: `${one.in}: ${typeOf(one.schema)}` }),
        el("td", { class: "quiet", text: one.required ? "required" : "" }))))),
      structures("Takes", act.requestBody?.content[JSON_BODY]?.schema),
      structures("Gives", good?.[1].content?.[JSON_BODY]?.schema),
      el("h4", { text: "Answers" }),
      el("table", {}, el("tbody", {}, answers.map(([status, answer]) => el("tr", {},
        el("th", { scope: "row", class: "n", text: status }),
        el("td", { text: answer.description })))))));
}

function show(description) {
  schemas = description.components.schemas;
  const groups = new Map();
  for (const [path, acts] of Object.entries(description.paths)) {
    for (const [method, act] of Object.entries(acts)) {
      const [tag] = act.tags;
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push([method, path, act]);
    }
  }
  for (const [tag, acts] of groups) {
    byId("contents").append(
      el("h3", { text: tag }),
      el("ul", {}, acts.map(([, path, act]) => el("li", {},
        el("a", { href: `#${act.operationId}`, text: path, title: act.summary })))));
    byId("routes").append(el("section", {}, el("h3", { text: tag }), acts.map((one) => shown(...one))));
  }
  const open = () => {
    const target = byId(location.hash.slice(1));
    if (target?.matches("details")) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", open);
  open();
  if (!location.hash) byId("routes").querySelector("details").open = true;
}

try {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`The description cannot be read (${answer.status}).`);
  show(await answer.json());
} catch (error) {
  byId("fault").append(faultBox(error));
}
