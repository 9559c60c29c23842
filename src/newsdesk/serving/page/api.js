// The server's JSON interface. Paths are relative, so that the page also works below a prefix.

import { askKey, keyOf } from "./keys.js";

/** A refusal, in the server's words. `status` 0 means that no answer came. */
export class Fault extends Error {
  constructor(status, error, hint = "", code = "", retryAfter = null) {
    super(error);
    this.status = status;
    this.hint = hint;
    this.code = code;
    /** Seconds after which the server wants to be asked again, or null. */
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

/** Seconds of a Retry-After header, which holds seconds or a date; null without one. */
export function secondsOf(header, now = Date.now()) {
  if (!header) return null;
  const seconds = /^\s*\d+\s*$/u.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** Ask the server and give its decoded answer (null for an empty one); throws Fault. */
export async function ask(path, { method = "GET", body, headers = {}, signal, realm = "key" } = {}) {
  for (;;) {
    // Nobody reviews without a key: it is asked for before the server refuses.
    const key = keyOf(realm) ?? (realm === "management" ? await askKey(realm, false) : null);
    if (realm === "management" && !key) throw new Fault(401, "Reviewing needs the management key.");
    const response = await reach(path, {
      method, signal, cache: "no-store", credentials: "same-origin",
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(key ? { Authorization: `Bearer ${key}` } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return response.status === 204 ? null : decoded(response);
    const fault = await faultOf(response);
    if (fault.status !== 401) throw fault;
    // Another request may have been given a better key in the meantime.
    if (keyOf(realm) === key && !(await askKey(realm, Boolean(key)))) throw fault;
  }
}

async function reach(path, settings) {
  try {
    return await fetch(path, settings);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Fault(0, "The server cannot be reached.", "Check that it runs and that you are connected, then try again.");
  }
}

async function decoded(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Fault(response.status, "The server’s answer cannot be read.", "Check that this address leads to newsdesk itself, then try again.");
  }
}

async function faultOf(response) {
  const retryAfter = secondsOf(response.headers.get("Retry-After"));
  try {
    const { error, hint, code } = await response.json();
    if (typeof error === "string") return new Fault(response.status, error, hint, code, retryAfter);
  } catch {
    // A proxy in between answers as it likes.
  }
  return new Fault(response.status, `The server answered with status ${response.status}.`, "Try again later.", "", retryAfter);
}

// A lone half of a surrogate pair is no text to the server. Its stand-in is as long, so offsets hold.
const sound = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** The fields of a document as a model reads them: its own, or one text if it names none. */
export function readBy(model, fields) {
  if (!model.fields?.length) return { text: sound(Object.values(fields).filter(Boolean).join("\n")) };
  return Object.fromEntries(model.fields.map((name) => [name, sound(fields[name] ?? "")]));
}

function bodyOf(model, many) {
  const read = many.map((fields) => readBy(model, fields));
  return model.fields?.length ? { documents: read } : { texts: read.map((one) => one.text) };
}

export const about = () => ask("api/v1/about");
export const models = () => ask("api/v1/models");
export const sample = () => ask("api/v1/samples/random");

/** Classify one document; gives the answer of the server with its one result. */
export async function classify(model, fields, { topK = 3, signal } = {}) {
  const answer = await ask("api/v1/predict", {
    method: "POST", signal,
    body: { model: model.name, ...bodyOf(model, [fields]), top_k: topK, explain: model.explains ? "all" : false },
  });
  return { model: answer.model, result: answer.results[0] };
}

/** Classify many documents in one request; gives their results in order. */
export async function classifyMany(model, documents, signal) {
  const answer = await ask("api/v1/predict", {
    method: "POST", signal, body: { model: model.name, ...bodyOf(model, documents), top_k: 3, explain: false },
  });
  return answer.results;
}

/** The bytes that a document takes in a request, about. */
export const weigh = (model, fields) => new TextEncoder().encode(JSON.stringify(readBy(model, fields))).length + 1;

/** Store a correction; a repetition with the same idempotency key stores nothing new. */
export const correct = (correction, idempotencyKey) =>
  ask("api/v1/feedback", { method: "POST", body: correction, headers: { "Idempotency-Key": idempotencyKey } });

/** Take a correction back. */
export const undo = (id, token) =>
  ask(`api/v1/feedback/${encodeURIComponent(id)}`, { method: "DELETE", headers: { "X-Undo-Token": token } });

/** A page of corrections, for those who hold the management key. */
export const corrections = (filter, signal) =>
  ask(`api/v1/feedback?${new URLSearchParams(filter)}`, { realm: "management", signal });

/** Decide on a correction: "accept", "reject" or "wait". */
export const decide = (id, decision) =>
  ask(`api/v1/feedback/${encodeURIComponent(id)}/decision`, { method: "POST", body: { decision }, realm: "management" });
