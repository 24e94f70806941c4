// @ts-check
// A frame as bytes in hex, and as a table of its fields; and the lines that tell of the field pointed at and the pinned one.

import { el, set, write } from "./common.js";

/**
 * @typedef {import("./frame_types.js").Sheet} Sheet
 * @typedef {import("./frame_types.js").Field} Field
 * @typedef {import("./frame_types.js").Marks} Marks
 * @typedef {(key: string, facts?: Record<string, any>) => string} Say
 * @typedef {{hover: (field: Field | null) => void, pin: (field: Field, byte: number) => void}} ViewActs
 */

/**
 * The name of a field, with the number of its frame after the first.
 * @param {Say} say @param {Field} field
 */
function labelled(say, field) {
  return field.frame ? say("builder.of_frame", { label: field.label, number: field.frame + 1 }) : field.label;
}

/** Bytes in hex, with what each stands for: one tab stop, arrow keys inside it, Enter or a click pins. */
export class HexBytes {
  /** @param {Say} say @param {ViewActs} acts */
  constructor(say, acts) {
    this.say = say;
    this.acts = acts;
    /** @type {HTMLElement[]} */
    this.cells = [];
    /** @type {(Field | undefined)[]} by the number of the byte */
    this.fields = [];
    this.current = 0;
    const field = (/** @type {Event} */ event) => this.fields[this._number(event)] ?? null;
    this.root = el("div", {
      class: "wsedu-hexes",
      role: "group",
      "aria-label": say("builder.bytes"),
      onclick: (/** @type {Event} */ event) => this._choose(event),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
      onpointerover: (/** @type {Event} */ event) => acts.hover(field(event)),
      onpointerleave: () => acts.hover(null),
      onfocusin: (/** @type {Event} */ event) => {
        this._move(this._number(event));
        acts.hover(field(event));
      },
      onfocusout: () => acts.hover(null),
    });
  }

  /** @param {string} hex @param {Sheet | null} known @param {number[]} changed */
  show(hex, known, changed) {
    const count = hex.length / 2;
    while (this.cells.length < count) {
      const cell = el("button", { type: "button", "data-place": this.cells.length }, ...["mark", "digits", "letter"].map((name) => el("span", { class: `wsedu-hex-${name}` })));
      this.cells.push(cell);
      this.root.append(cell);
    }
    while (this.cells.length > count) this.cells.pop()?.remove();
    this.current = Math.min(this.current, Math.max(0, count - 1));
    this.fields = [];
    for (const field of known?.fields ?? []) for (let byte = field.first >> 3; byte < count && 8 * byte < field.first + field.bits; byte++) this.fields[byte] = field;
    const touched = new Set(changed.map((bit) => bit >> 3));
    for (let byte = 0; byte < count; byte++) this._cell(byte, hex.slice(2 * byte, 2 * byte + 2), known, touched.has(byte));
  }

  /** @param {number} byte @param {string} hex @param {Sheet | null} known @param {boolean} changed */
  _cell(byte, hex, known, changed) {
    const cell = this.cells[byte];
    const field = this.fields[byte];
    // A byte of the first two holds several fields: their letters instead of a fill.
    const inside = (known?.fields ?? []).filter((one) => one.first >> 3 <= byte && 8 * byte < one.first + one.bits);
    const mark = inside.length > 1 ? [...new Set(inside.map((one) => one.letter[0]))].join(" ") : known?.bytes[byte]?.[1] ?? "";
    const letter = inside.length > 1 ? "" : (known?.bytes[byte]?.[2] ?? "").replace(/^⊕ .. = /, "");
    [mark, hex, letter].forEach((text, place) => write(cell.children[place], text));
    const said = this.say("builder.byte_named", { number: byte, mark: inside.map((one) => one.label).join(" "), hex });
    set(cell, {
      class: ["wsedu-hex", inside.length === 1 && field ? `wsedu-fill wsedu-f-${field.name}` : "", changed ? "wsedu-bit-changed" : ""].filter(Boolean).join(" "),
      "aria-label": changed ? said + this.say("shared.comma") + this.say("builder.changed") : said,
      tabindex: byte === this.current ? "0" : "-1",
    });
  }

  /** @param {Marks} marks */
  outline({ hovered, pinned }) {
    const inside = (/** @type {Field | null} */ field, /** @type {number} */ byte) => field !== null && field.first >> 3 <= byte && 8 * byte < field.first + field.bits;
    this.cells.forEach((cell, byte) => {
      cell.classList.toggle("wsedu-hex-hovered", inside(hovered, byte));
      cell.classList.toggle("wsedu-hex-pinned", inside(pinned, byte));
    });
  }

  /** @param {Event} event */
  _number(event) {
    const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-place]"));
    return cell ? Number(cell.dataset.place) : -1;
  }

  /** @param {Event} event */
  _choose(event) {
    const byte = this._number(event);
    if (byte < 0) return;
    this._move(byte);
    const field = this.fields[byte];
    if (field) this.acts.pin(field, byte);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const top = this.cells[0]?.offsetTop;
    const next = this.cells.findIndex((cell) => cell.offsetTop !== top);
    const row = next < 0 ? this.cells.length : next;
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row, Home: -this.current, End: this.cells.length - 1 - this.current });
    if (!(event.key in steps) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const wanted = this.current + steps[event.key];
    if (wanted < 0 || wanted >= this.cells.length) return;
    this._move(wanted);
    this.cells[wanted].focus();
  }

  /** @param {number} byte */
  _move(byte) {
    if (byte < 0) return;
    this.cells[this.current]?.setAttribute("tabindex", "-1");
    this.current = byte;
    this.cells[byte].setAttribute("tabindex", "0");
  }
}

/** The fields as a table; a click on a row, or its button, pins. */
export class FieldTable {
  /** @param {Say} say @param {ViewActs} acts */
  constructor(say, acts) {
    this.say = say;
    this.acts = acts;
    /** @type {Field[]} */
    this.fields = [];
    this.body = el("tbody", {});
    const heads = ["field", "value", "meaning", "section"].map((name) => el("th", { scope: "col" }, say(`builder.${name}`)));
    this.root = el(
      "table",
      { class: "wsedu-field-table" },
      el("caption", { class: "wsedu-hidden-text" }, say("builder.fields")),
      el("thead", {}, el("tr", {}, ...heads)),
      this.body,
    );
    set(this.body, {
      onpointerover: (/** @type {Event} */ event) => acts.hover(this._field(event)),
      onpointerleave: () => acts.hover(null),
      onfocusin: (/** @type {Event} */ event) => acts.hover(this._field(event)),
      onfocusout: () => acts.hover(null),
      onclick: (/** @type {Event} */ event) => {
        const field = this._field(event);
        if (field) acts.pin(field, field.first >> 3);
      },
    });
  }

  /** @param {Event} event */
  _field(event) {
    const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("tr"));
    return row ? this.fields[Number(row.dataset.row)] ?? null : null;
  }

  /** @param {string} _hex @param {Sheet | null} known @param {number[]} changed */
  show(_hex, known, changed) {
    this.fields = known?.fields ?? [];
    while (this.body.children.length < this.fields.length) this._grow();
    while (this.body.children.length > this.fields.length) this.body.lastElementChild?.remove();
    this.fields.forEach((field, place) => {
      const [name, value, meaning, section] = this.body.children[place].children;
      const [chip, button] = name.children;
      set(chip, { class: `wsedu-chip wsedu-fill wsedu-f-${field.name}`, "data-letter": field.letter });
      write(button, labelled(this.say, field));
      const touched = changed.some((bit) => field.first <= bit && bit < field.first + field.bits);
      set(value, { class: touched ? "wsedu-mono wsedu-value-changed" : "wsedu-mono" });
      write(value, field.value);
      write(meaning, field.meaning);
      write(section, `§${field.section}`);
    });
  }

  _grow() {
    const button = el("button", { type: "button", class: "wsedu-link" });
    const row = el("tr", { "data-row": this.body.children.length }, el("td", {}, el("span", { "aria-hidden": "true" }), button), el("td", {}), el("td", {}), el("td", {}));
    this.body.append(row);
  }

  /** @param {Marks} marks */
  outline({ hovered, pinned }) {
    this.fields.forEach((field, place) => {
      const row = this.body.children[place];
      row.classList.toggle("wsedu-row-hovered", field.first === hovered?.first);
      row.classList.toggle("wsedu-row-pinned", field.first === pinned?.first);
      set(row.children[0].children[1], { "aria-pressed": field.first === pinned?.first ? "true" : "false" });
    });
  }
}

/** The names of the fields in a row: one tab stop, arrow keys inside it, a click or Enter pins. */
export class FieldLegend {
  /** @param {Say} say @param {ViewActs} acts */
  constructor(say, acts) {
    this.say = say;
    this.acts = acts;
    /** @type {Field[]} */
    this.fields = [];
    this.current = 0;
    this.root = el("div", {
      class: "wsedu-legend",
      role: "toolbar",
      "aria-label": say("builder.fields"),
      onpointerover: (/** @type {Event} */ event) => acts.hover(this._field(event)),
      onpointerleave: () => acts.hover(null),
      onfocusin: (/** @type {Event} */ event) => acts.hover(this._field(event)),
      onfocusout: () => acts.hover(null),
      onclick: (/** @type {Event} */ event) => {
        const field = this._field(event);
        if (field) acts.pin(field, field.first >> 3);
      },
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
    });
  }

  /** @param {Event} event */
  _field(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
    return button ? this.fields[Number(button.dataset.row)] ?? null : null;
  }

  /** @param {string} _hex @param {Sheet | null} known @param {number[]} changed */
  show(_hex, known, changed) {
    if (known) this.fields = known.fields;
    const buttons = this.root.children;
    while (buttons.length < this.fields.length)
      this.root.append(el("button", { type: "button", "data-row": buttons.length, class: "wsedu-legend-field" }, el("span", { "aria-hidden": "true" }), el("span", {})));
    while (buttons.length > this.fields.length) this.root.lastElementChild?.remove();
    this.current = Math.min(this.current, Math.max(0, this.fields.length - 1));
    this.fields.forEach((field, place) => {
      const [chip, name] = buttons[place].children;
      set(chip, { class: `wsedu-chip wsedu-fill wsedu-f-${field.name}`, "data-letter": field.letter });
      write(name, labelled(this.say, field));
      set(buttons[place], { tabindex: place === this.current ? "0" : "-1" });
      buttons[place].classList.toggle("wsedu-value-changed", changed.some((bit) => field.first <= bit && bit < field.first + field.bits));
    });
  }

  /** @param {Marks} marks */
  outline({ hovered, pinned }) {
    this.fields.forEach((field, place) => {
      const button = this.root.children[place];
      button.classList.toggle("wsedu-legend-hovered", field.first === hovered?.first);
      set(button, { "aria-pressed": field.first === pinned?.first ? "true" : "false" });
    });
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const last = this.fields.length - 1;
    const wanted = /** @type {Record<string, number>} */ ({ ArrowLeft: this.current - 1, ArrowRight: this.current + 1, Home: 0, End: last })[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (wanted < 0 || wanted > last) return;
    this.root.children[this.current].setAttribute("tabindex", "-1");
    this.current = wanted;
    this.root.children[wanted].setAttribute("tabindex", "0");
    /** @type {HTMLElement} */ (this.root.children[wanted]).focus();
  }
}

/** The two lines under the figure: the field that is pinned, and the one that is pointed at. */
export class FieldLines {
  /** @param {Say} say @param {() => void} unpin */
  constructor(say, unpin) {
    this.say = say;
    this.pinned = el("span", { "aria-live": "polite" });
    this.hovered = el("span", {});
    this.unpin = el("button", { type: "button", class: "wsedu-small", onclick: unpin }, say("builder.unpin"));
    this.root = el(
      "div",
      { class: "wsedu-field-lines" },
      el("p", { class: "wsedu-pinned-line" }, el("b", {}, say("builder.pinned")), this.pinned, " ", this.unpin),
      el("p", { class: "wsedu-hovered-line", "aria-hidden": "true" }, el("b", {}, say("builder.hovered")), this.hovered),
    );
  }

  /** @param {Field} field */
  _told(field) {
    const facts = { first: field.first, last: field.first + field.bits - 1 };
    const bits = this.say(field.bits === 1 ? "builder.field_bit" : "builder.field_bits", facts);
    return `${field.letter} · ${this.say("builder.field_line", field)}${this.say("builder.field_place", { bits, section: field.section })}`;
  }

  /** @param {Marks} marks */
  show({ hovered, pinned }) {
    write(this.pinned, pinned ? this._told(pinned) : this.say("builder.no_pin"));
    write(this.hovered, hovered ? this._told(hovered) : "–");
    set(this.unpin, { hidden: !pinned });
  }
}
