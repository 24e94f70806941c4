// @ts-check
// Measure: start and stop a real run, see how far it is, and what of it is measured and what is not.

import { el, set, write } from "./common.js";

/**
 * @typedef {(key: string, facts?: Record<string, any>) => string} Say
 * @typedef {{running: boolean, notes: string[], details: string[], stale: string, obstacles: Record<string, string>, fits: boolean}} MeasureState
 */

export class MeasurePanel {
  /** @param {Say} say @param {[number, string][]} seconds @param {(act: Record<string, any>) => void} act */
  constructor(say, seconds, act) {
    this.say = say;
    this.choice = /** @type {HTMLSelectElement} */ (el("select", { "data-choice": "seconds", onchange: () => this._warn() }, ...seconds.map(([value, label]) => el("option", { value: String(value) }, label))));
    this.start = el("button", { type: "button", class: "wsedu-lab-strong", onclick: () => act({ do: "measure", seconds: this.choice.value }) }, say("measure.start"));
    this.stop = el("button", { type: "button", hidden: true, onclick: () => act({ do: "stop" }) }, say("measure.stop"));
    this.bar = /** @type {HTMLProgressElement} */ (el("progress", { max: "1", value: "0", "aria-label": say("measure.progress") }));
    this.told = el("span", { class: "wsedu-lab-going" });
    this.going = el("div", { class: "wsedu-row", hidden: true }, this.bar, this.told);
    this.notes = el("ul", { class: "wsedu-lab-notes" });
    this.stale = el("span", {});
    this.back = el("button", { type: "button", onclick: () => act({ do: "back" }) }, say("measure.back"));
    this.older = el("p", { class: "wsedu-row wsedu-lab-stale", hidden: true }, this.stale, this.back);
    this.obstacle = el("span", {});
    this.fit = el("button", { type: "button", onclick: () => this._fit(act) }, say("measure.fit"));
    this.warning = el("p", { class: "wsedu-row wsedu-lab-obstacle", hidden: true }, this.obstacle, this.fit);
    const head = el("div", { class: "wsedu-row" }, this.start, this.stop, el("label", { class: "wsedu-row" }, say("measure.seconds"), this.choice));
    const lead = el("p", { class: "wsedu-muted" }, say("measure.lead"));
    this.root = el("div", { class: "wsedu-lab-measure", role: "group", "aria-label": say("lab.measuring") }, head, lead, this.warning, this.going, this.older, this.notes);
    this.details = el("ul", { class: "wsedu-lab-notes" });
    /** what the dots are, below the charts */
    this.about = el("details", { class: "wsedu-lab-about", hidden: true }, el("summary", {}, say("measure.details")), this.details);
  }

  /** @param {{text: string, part: number}} progress */
  progress({ text, part }) {
    this.bar.value = part;
    write(this.told, text);
  }

  /** @param {(act: Record<string, any>) => void} act */
  _fit(act) {
    act({ do: "fit", seconds: this.choice.value });
    // The button goes away with what it has mended.
    this.start.focus();
  }

  /** What keeps it from being measured is said before anybody tries. */
  _warn() {
    const told = this.running ? "" : (this.obstacles?.[this.choice.value] ?? "");
    write(this.obstacle, told);
    set(this.warning, { hidden: !told });
  }

  /** @param {MeasureState} state */
  show(state) {
    this.obstacles = state.obstacles;
    this.running = state.running;
    this._warn();
    set(this.fit, { hidden: !state.fits });
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
    list(this.notes, state.stale ? [] : state.notes);
    list(this.details, state.stale ? [] : state.details);
    set(this.about, { hidden: this.details.hidden });
  }
}

/** Lines of a list, which is made anew only where they have changed. @param {HTMLElement} place @param {string[]} lines */
function list(place, lines) {
  if (lines.join("\n") !== [...place.children].map((one) => one.textContent).join("\n")) place.replaceChildren(...lines.map((line) => el("li", {}, line)));
  set(place, { hidden: !lines.length });
}
