// @ts-check
// The keys of a film, and the list of them.

import { el } from "./common.js";

/** What is shown in the list: the keys, and the text that says what they do. */
const LISTED = [
  [["."], "play"],
  [["←", "→", "Page Up", "Page Down"], "step"],
  [["Home", "End"], "ends"],
  [["1–9"], "scenario"],
  [["f"], "fork"],
  [["+", "−", "0"], "zoom"],
  [["p"], "projector"],
  [["?"], "help"],
];

/** @type {Record<string, (page: any) => void>} */
const DONE = {
  ".": (page) => page.toggle(),
  ArrowLeft: (page) => page.step(-1),
  PageUp: (page) => page.step(-1),
  ArrowRight: (page) => page.step(1),
  PageDown: (page) => page.step(1),
  Home: (page) => page.go(0),
  End: (page) => page.go(page.store.count - 1),
  "+": (page) => page.lanes.zoom(2),
  "-": (page) => page.lanes.zoom(0.5),
  0: (page) => page.lanes.zoom(0),
  f: (page) => page.fork(),
  p: (page) => page.project(),
  "?": (page) => page.help.showModal(),
};

/** Whether an element takes letters for itself. @param {Element} target */
function takesText(target) {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== "range") || (target instanceof HTMLElement && target.isContentEditable);
}

/**
 * Do what a key says.
 * @param {any} page a `FilmPage`
 * @param {KeyboardEvent} event
 */
export function pressed(page, event) {
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || takesText(target) || page.help.open) return;
  const space = event.key === " " && !target.closest("button, summary, [role='radio'], [role='option']");
  const scenario = /^[1-9]$/.test(event.key) ? page.film.menu[Number(event.key) - 1] : undefined;
  const act = space ? DONE["."] : scenario ? () => page.record(scenario) : DONE[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act(page);
}

/**
 * The list of the keys, as a dialog.
 * @param {(key: string, facts?: Record<string, any>) => string} say
 * @returns {HTMLDialogElement}
 */
export function keyHelp(say) {
  const list = el("dl", { class: "wsedu-film-keys" });
  for (const [keys, name] of LISTED) list.append(el("dt", {}, ...(/** @type {string[]} */ (keys)).map((key) => el("kbd", {}, key))), el("dd", {}, say(`film.key.${name}`)));
  const dialog = /** @type {HTMLDialogElement} */ (el("dialog", { class: "wsedu-film-help", "aria-label": say("film.help") }, el("h3", {}, say("film.help")), list));
  dialog.append(el("p", {}, say("film.pace")), el("button", { type: "button", onclick: () => dialog.close() }, say("film.close")));
  return dialog;
}
