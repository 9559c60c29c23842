// Numbers and times as the reader's language writes them.

const tenths = new Intl.NumberFormat(undefined, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat();
const signed = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "always" });
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A probability with one decimal. What is nearly sure is not said to be sure. */
export function percent(proba) {
  if (proba < 1 && proba >= 0.9995) return `>${tenths.format(0.999)}`;
  if (proba > 0 && proba < 0.0005) return `<${tenths.format(0.001)}`;
  return tenths.format(proba);
}

export const count = (n) => whole.format(n);

/** A number of things: `plural(1, "text")` is "1 text". */
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** A weight with its sign; the minus is as wide as the plus. */
export const weight = (value) => signed.format(value).replace("-", "\u2212");

/** A moment, given in milliseconds or as ISO 8601; what is no moment is shown as it came. */
export function moment(when) {
  const date = new Date(when);
  return Number.isNaN(date.getTime()) ? String(when) : clock.format(date);
}

/** Seconds in words, roughly. */
export function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** The beginning of a text, cut between characters. */
export function excerpt(text, length = 140) {
  const flat = text.replace(/\s+/gu, " ").trim();
  const points = Array.from(flat.slice(0, 2 * length + 2));
  return points.length > length ? `${points.slice(0, length).join("").trimEnd()}…` : flat;
}

/** Names in a sentence: "a, b and c". */
export const list = (names) => new Intl.ListFormat("en", { type: "conjunction" }).format(names);
