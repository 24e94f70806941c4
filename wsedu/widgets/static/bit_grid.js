// @ts-check
// A frame as a grid of bits: one tab stop, arrow keys inside it, Space or a click flips, Enter pins the field.

import { el, set, write } from "./common.js";

/**
 * @typedef {import("./frame_types.js").Sheet} Sheet
 * @typedef {import("./frame_types.js").Field} Field
 * @typedef {import("./frame_types.js").Marks} Marks
 * @typedef {{flip: (bit: number) => void, hover: (field: Field | null) => void, pin: (field: Field, byte: number) => void}} GridActs
 */

export class BitGrid {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {GridActs} acts what the user does
   */
  constructor(say, acts) {
    this.say = say;
    this.acts = acts;
    /** @type {HTMLElement[]} */
    this.cells = [];
    /** @type {{whole: HTMLElement, ruler: HTMLElement, mark: HTMLElement, bits: HTMLElement, hex: HTMLElement, below: HTMLElement}[]} */
    this.bytes = [];
    /** @type {(Field | undefined)[]} by the number of the bit */
    this.fields = [];
    this.current = 0;
    this.root = el("div", {
      class: "wsedu-grid",
      role: "group",
      "aria-label": say("builder.bits"),
      onclick: (/** @type {MouseEvent} */ event) => this._clicked(event),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
      onpointerover: (/** @type {Event} */ event) => acts.hover(this._field(event)),
      onpointerleave: () => acts.hover(null),
      onfocusin: (/** @type {Event} */ event) => {
        const bit = this._bit(event);
        if (bit !== null) this._move(bit);
        acts.hover(this._field(event));
      },
      onfocusout: () => acts.hover(null),
    });
  }

  /**
   * Show bytes, with the fields that they have; without fields while nobody knows them.
   * @param {string} hex
   * @param {Sheet | null} known
   * @param {number[]} changed bits that are not as they were
   */
  show(hex, known, changed) {
    const count = hex.length / 2;
    while (this.bytes.length < count) this._grow();
    while (this.bytes.length > count) this._shrink();
    this.current = Math.min(this.current, Math.max(0, 8 * count - 1));
    this.fields = [];
    for (const field of known?.fields ?? []) for (let bit = field.first; bit < Math.min(8 * count, field.first + field.bits); bit++) this.fields[bit] = field;
    const marked = new Set(changed);
    for (let byte = 0; byte < count; byte++) this._byte(byte, hex.slice(2 * byte, 2 * byte + 2), known?.bytes[byte]);
    for (let bit = 0; bit < 8 * count; bit++) this._cell(bit, (parseInt(hex[bit >> 2], 16) >> (3 - (bit & 3))) & 1, marked.has(bit));
  }

  /**
   * Outline fields: one that is pointed at, thinly, and one that is pinned.
   * @param {Marks} marks
   */
  outline({ hovered, pinned }) {
    this.cells.forEach((cell, bit) => {
      const field = this.fields[bit];
      for (const [name, marked] of /** @type {[string, Field | null][]} */ ([["hovered", hovered], ["pinned", pinned]])) {
        const inside = field !== undefined && marked !== null && field.first === marked.first;
        cell.classList.toggle(`wsedu-bit-${name}`, inside);
        cell.classList.toggle(`wsedu-bit-${name}-end`, inside && field.first + field.bits - 1 === bit);
      }
    });
  }

  /** @param {number} byte @param {string} hex @param {string[] | undefined} caption */
  _byte(byte, hex, caption) {
    const { whole, ruler, mark, hex: digits, below } = this.bytes[byte];
    const [part, number, meaning] = caption ?? ["", "", ""];
    write(ruler, part);
    write(mark, number);
    write(digits, hex);
    write(below, meaning);
    set(whole, { class: part ? "wsedu-byte wsedu-byte-first" : "wsedu-byte" });
  }

  /** @param {number} bit @param {number} value @param {boolean} changed */
  _cell(bit, value, changed) {
    const cell = this.cells[bit];
    const field = this.fields[bit];
    const first = field?.first === bit;
    // Not as text: the name of the bit says the whole word instead.
    set(cell.children[0], { "data-letter": field && first ? field.letter : null });
    write(cell.children[1], String(value));
    const names = ["wsedu-bit"];
    if (field) names.push("wsedu-fill", `wsedu-f-${field.name}`);
    if (first) names.push("wsedu-bit-first");
    if (changed) names.push("wsedu-bit-changed");
    for (const name of ["wsedu-bit-hovered", "wsedu-bit-hovered-end", "wsedu-bit-pinned", "wsedu-bit-pinned-end"]) if (cell.classList.contains(name)) names.push(name);
    const said = this.say(field ? "builder.bit" : "builder.bit_plain", { label: field?.label, byte: bit >> 3, bit: bit & 7, value });
    set(cell, {
      class: names.join(" "),
      "aria-pressed": value ? "true" : "false",
      "aria-label": changed ? said + this.say("shared.comma") + this.say("builder.changed") : said,
      tabindex: bit === this.current ? "0" : "-1",
    });
  }

  _grow() {
    const number = this.bytes.length;
    const [ruler, mark, hex, below] = ["ruler", "mark", "hex", "below"].map((name) => el("span", { class: `wsedu-byte-${name}` }));
    const bits = el("div", { class: "wsedu-byte-bits" });
    for (let bit = 8 * number; bit < 8 * number + 8; bit++) {
      const cell = el("button", { type: "button", "data-bit": bit }, el("span", { class: "wsedu-bit-letter" }), el("span", {}));
      this.cells.push(cell);
      bits.append(cell);
    }
    const whole = el("div", { "data-byte": number }, el("div", { class: "wsedu-byte-top", "aria-hidden": "true" }, ruler, mark), bits, el("div", { class: "wsedu-byte-bottom" }, hex, below));
    this.bytes.push({ whole, ruler, mark, bits, hex, below });
    this.root.append(whole);
  }

  _shrink() {
    this.bytes.pop()?.whole.remove();
    this.cells.length -= 8;
  }

  // --- What the user does ---

  /** @param {Event} event */
  _bit(event) {
    const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-bit]"));
    return cell ? Number(cell.dataset.bit) : null;
  }

  /** @param {Event} event @returns {Field | null} */
  _field(event) {
    const bit = this._bit(event);
    return bit === null ? null : this.fields[bit] ?? null;
  }

  /** @param {MouseEvent} event */
  _clicked(event) {
    const bit = this._bit(event);
    if (bit === null) return;
    this._move(bit);
    this.acts.flip(bit);
  }

  /** Bits in a row as it is laid out now. */
  row() {
    const top = this.bytes[0]?.whole.offsetTop;
    const next = this.bytes.findIndex(({ whole }) => whole.offsetTop !== top);
    return 8 * (next < 0 ? this.bytes.length : next);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = this.fields[this.current];
    if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (field) this.acts.pin(field, this.current >> 3);
      return;
    }
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.row(), ArrowDown: this.row() });
    const wanted = event.key in steps ? this.current + steps[event.key] : event.key === "Home" ? 0 : event.key === "End" ? this.cells.length - 1 : null;
    if (wanted === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (wanted < 0 || wanted >= this.cells.length) return;
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
