// @ts-check
// Measure: start and stop a real run, see how far it is, and what of it is measured and what is not.

import { el, set, write } from "./common.js";

/**
 * @typedef {(key: string, facts?: Record<string, any>) => string} Say
 * @typedef {{running: boolean, notes: string[], stale: string}} MeasureState
 */

export class MeasurePanel {
  /** @param {Say} say @param {[number, string][]} seconds @param {(act: Record<string, any>) => void} act */
  constructor(say, seconds, act) {
    this.say = say;
    this.choice = /** @type {HTMLSelectElement} */ (el("select", { "data-choice": "seconds" }, ...seconds.map(([value, label]) => el("option", { value: String(value) }, label))));
    this.start = el("button", { type: "button", class: "wsedu-lab-strong", onclick: () => act({ do: "measure", seconds: this.choice.value }) }, say("measure.start"));
    this.stop = el("button", { type: "button", hidden: true, onclick: () => act({ do: "stop" }) }, say("measure.stop"));
    this.bar = /** @type {HTMLProgressElement} */ (el("progress", { max: "1", value: "0", "aria-label": say("measure.progress") }));
    this.told = el("span", { class: "wsedu-lab-going" });
    this.going = el("div", { class: "wsedu-row", hidden: true }, this.bar, this.told);
    this.notes = el("ul", { class: "wsedu-lab-notes" });
    this.stale = el("span", {});
    this.back = el("button", { type: "button", onclick: () => act({ do: "back" }) }, say("measure.back"));
    this.older = el("p", { class: "wsedu-row wsedu-lab-stale", hidden: true }, this.stale, this.back);
    const head = el("div", { class: "wsedu-row" }, this.start, this.stop, el("label", { class: "wsedu-row" }, say("measure.seconds"), this.choice), el("span", { class: "wsedu-muted" }, say("measure.lead")));
    this.root = el("div", { class: "wsedu-lab-measure", role: "group", "aria-label": say("lab.measuring") }, head, this.going, this.older, this.notes);
  }

  /** @param {{text: string, part: number}} progress */
  progress({ text, part }) {
    this.bar.value = part;
    write(this.told, text);
  }

  /** @param {MeasureState} state */
  show(state) {
    // The button that is used is not taken away under the user's finger.
    const focused = this.root.contains(document.activeElement);
    const started = state.running && !this.start.hidden;
    const ended = !state.running && !this.stop.hidden;
    set(this.start, { hidden: state.running });
    set(this.stop, { hidden: !state.running });
    set(this.going, { hidden: !state.running });
    set(this.choice, { disabled: state.running });
    if (started) this.progress({ text: this.say("measure.beginning"), part: 0 });
    if (focused && (started || ended)) (started ? this.stop : this.start).focus();
    set(this.older, { hidden: !state.stale });
    write(this.stale, state.stale);
    const notes = state.stale ? [] : state.notes;
    if (notes.join("\n") !== [...this.notes.children].map((one) => one.textContent).join("\n")) this.notes.replaceChildren(...notes.map((note) => el("li", {}, note)));
    set(this.notes, { hidden: !notes.length });
  }
}
