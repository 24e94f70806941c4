// @ts-check
// A frame as a grid of bits: one tab stop, arrow keys inside it, Space or a click flips.

import { el, set, write } from "./common.js";

export class BitGrid {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {(bit: number) => void} flip called with the number of a bit that the user flips
   */
  constructor(say, flip) {
    this.say = say;
    this.flip = flip;
    /** @type {HTMLElement[]} */
    this.cells = [];
    this.current = 0;
    this.root = el("div", {
      class: "wsedu-grid",
      role: "group",
      "aria-label": say("builder.bits"),
      onclick: (/** @type {MouseEvent} */ event) => this._clicked(event),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
    });
  }

  /**
   * Show bytes, with the fields that they have; without fields while nobody knows them.
   * @param {string} hex
   * @param {any} known a sheet, or null
   */
  show(hex, known) {
    const bits = hex.length * 4;
    while (this.cells.length < bits) this._grow();
    while (this.cells.length > bits) this.cells.pop()?.remove();
    this.current = Math.min(this.current, Math.max(0, bits - 1));
    /** @type {any[]} */
    const fields = [];
    for (const field of known?.fields ?? []) this._spread(fields, field, bits);
    for (let bit = 0; bit < bits; bit++) this._cell(bit, (parseInt(hex[bit >> 2], 16) >> (3 - (bit & 3))) & 1, fields[bit]);
  }

  /** @param {any[]} fields @param {any} field @param {number} bits */
  _spread(fields, field, bits) {
    for (let bit = field.first; bit < Math.min(bits, field.first + field.bits); bit++) fields[bit] = field;
  }

  /** @param {number} bit @param {number} value @param {any} field */
  _cell(bit, value, field) {
    const cell = this.cells[bit];
    const first = field && field.first === bit;
    write(cell.children[0], first ? field.letter : "");
    write(cell.children[1], String(value));
    set(cell, {
      class: field ? `wsedu-bit wsedu-fill wsedu-f-${field.name}${first ? " wsedu-bit-first" : ""}` : "wsedu-bit",
      "aria-pressed": value ? "true" : "false",
      "aria-label": this.say("builder.bit", { label: field?.label ?? "", byte: bit >> 3, bit: bit & 7, value }),
      tabindex: bit === this.current ? "0" : "-1",
    });
  }

  _grow() {
    const cell = el("button", { type: "button", "data-bit": this.cells.length }, el("span", { class: "wsedu-bit-letter" }), el("span", {}));
    this.cells.push(cell);
    this.root.append(cell);
  }

  /** @param {MouseEvent} event */
  _clicked(event) {
    const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-bit]"));
    if (!cell) return;
    this._move(Number(cell.dataset.bit));
    this.flip(this.current);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const row = 32;
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row });
    const wanted = event.key in steps ? this.current + steps[event.key] : event.key === "Home" ? 0 : event.key === "End" ? this.cells.length - 1 : -1;
    if (wanted < 0 || wanted >= this.cells.length) return;
    event.preventDefault();
    event.stopPropagation();
    this._move(wanted);
    this.cells[wanted].focus();
  }

  /** @param {number} bit */
  _move(bit) {
    this.cells[this.current]?.setAttribute("tabindex", "-1");
    this.current = bit;
    this.cells[bit].setAttribute("tabindex", "0");
  }
}
