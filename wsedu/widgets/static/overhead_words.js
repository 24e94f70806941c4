// @ts-check
// What the names of ways and layers mean, for whoever has no mouse to point at them.

import { el } from "./common.js";

/**
 * @param {string} title
 * @param {string} lead
 * @param {{label: string, means: string}[]} looks
 */
export function glossary(title, lead, looks) {
  const entries = looks.flatMap(({ label, means }) => [el("dt", {}, label), el("dd", {}, means)]);
  return el("details", { class: "wsedu-lab-glossary" }, el("summary", {}, title), el("p", {}, lead), el("dl", {}, ...entries));
}
