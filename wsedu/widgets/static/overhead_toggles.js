// @ts-check
// A row of buttons that are on or off: one tab stop, arrow keys inside it. They are the legend of the charts as well.

import { el, set } from "./common.js";

/** @typedef {{name: string, label: string, means?: string, sign: Node}} Toggle */

export class ToggleRow {
  /** @param {string} label @param {Toggle[]} toggles @param {(name: string) => void} toggled */
  constructor(label, toggles, toggled) {
    this.current = 0;
    this.names = toggles.map((one) => one.name);
    this.buttons = toggles.map((one, place) =>
      el("button", { type: "button", class: "wsedu-lab-toggle", "data-toggle": one.name, title: one.means ?? null, "aria-pressed": "true", tabindex: place ? "-1" : "0", onclick: () => { this._move(place); toggled(one.name); } }, one.sign, el("span", {}, one.label)),
    );
    const bar = el("div", { class: "wsedu-lab-toggles", role: "toolbar", "aria-label": label, onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) }, ...this.buttons);
    this.root = el("div", { class: "wsedu-lab-legend" }, el("p", { class: "wsedu-muted wsedu-lab-legend-name" }, label), bar);
  }

  /** @param {string[]} on */
  show(on) {
    this.buttons.forEach((button, place) => set(button, { "aria-pressed": on.includes(this.names[place]) ? "true" : "false" }));
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const last = this.buttons.length - 1;
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -last, End: last });
    if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    this._move(Math.max(0, Math.min(last, this.current + steps[event.key])));
    this.buttons[this.current].focus();
  }

  /** @param {number} place */
  _move(place) {
    set(this.buttons[this.current], { tabindex: "-1" });
    this.current = place;
    set(this.buttons[place], { tabindex: "0" });
  }
}
