// @ts-check
// The numbers of the overhead lab: a slider with its stops, and a box for any number. Both are bound to Python's value.

import { el, set, write } from "./common.js";

/**
 * @typedef {(key: string, facts?: Record<string, any>) => string} Say
 * @typedef {{name: string, label: string, unit: string, stops: [string, string][]}} FieldLook
 * @typedef {{value: string, stop: number, told: string, complaint: string}} FieldState
 * @typedef {{slide: (name: string, stop: number) => void, type: (name: string, text: string) => void}} Acts
 */

export class NumberField {
  /** @param {Say} say @param {FieldLook} look @param {string} id @param {Acts} acts */
  constructor(say, look, id, acts) {
    this.look = look;
    this.acts = acts;
    /** what is shown in the box and is Python's, not the user's */
    this.known = "";
    this.slider = /** @type {HTMLInputElement} */ (
      el("input", { type: "range", min: "0", max: String(look.stops.length - 1), step: "1", "aria-label": say("field.slider", { field: look.label }), "data-slider": look.name, oninput: () => this._slid() })
    );
    const keys = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter") this._typed();
    };
    this.box = /** @type {HTMLInputElement} */ (
      el("input", { id: `${id}-box`, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", size: "9", "data-box": look.name, "aria-describedby": `${id}-complaint`, onchange: () => this._typed(), onkeydown: keys })
    );
    this.complaint = el("p", { id: `${id}-complaint`, class: "wsedu-lab-complaint wsedu-bad", "aria-live": "polite", hidden: true });
    const head = el("div", { class: "wsedu-lab-field-head" }, el("label", { for: `${id}-box` }, look.label), el("span", { class: "wsedu-lab-value" }, this.box, el("span", { class: "wsedu-muted" }, look.unit)));
    this.root = el("div", { class: "wsedu-lab-field" }, head, this.slider, this.complaint);
  }

  _slid() {
    const stop = Number(this.slider.value);
    const [text, told] = this.look.stops[stop];
    this.box.value = this.known = text;
    set(this.slider, { "aria-valuetext": told });
    this.acts.slide(this.look.name, stop);
  }

  _typed() {
    if (this.box.value === this.known) return;
    this.known = this.box.value;
    this.acts.type(this.look.name, this.box.value);
  }

  /** @param {FieldState} state @param {boolean} moving whether the user is ahead of Python */
  show(state, moving) {
    write(this.complaint, state.complaint);
    set(this.complaint, { hidden: !state.complaint });
    set(this.box, { "aria-invalid": state.complaint ? "true" : null });
    if (moving || state.complaint) return;
    // What somebody is typing just now stays as it is.
    const typing = document.activeElement === this.box && this.box.value !== this.known;
    if (!typing) this.box.value = this.known = state.value;
    this.slider.value = String(state.stop);
    set(this.slider, { "aria-valuetext": state.told });
  }
}
