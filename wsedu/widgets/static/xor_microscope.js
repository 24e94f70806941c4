// @ts-check
// One payload byte under the microscope: its bits, those of its key byte, and the result (RFC 6455 §5.3).

import { BuilderPanel } from "./builder_panel.js";
import { el, set, write } from "./common.js";

/**
 * @typedef {{i: number, k: number, plain: string, key: string, wire: string, letter: string, bits: string[], sentence: string}} MaskColumn
 * @typedef {{sign: string, header: string[][], columns: string[][], differs: number[], first: number, rule: string, why: string, sentence: string}} MaskCompare
 * @typedef {{none?: string, size: number, first: number, pin: number, from: number, columns: MaskColumn[], rule: string, compare: MaskCompare | null}} Microscope
 */

const WRONG_RULES = ["first", "reversed", "frame_start", "carried", "and", "add", "header"];

export class XorMicroscope extends BuilderPanel {
  /** @param {import("./builder_panel.js").PanelHost} host */
  constructor(host) {
    super(host, "microscope");
    const { say } = this;
    /** @type {Microscope | null} */
    this.made = null;
    this.pin = 0;
    /** @type {HTMLElement[]} */
    this.cells = [];
    this.none = el("p", {});
    this.strip = el("div", {
      class: "wsedu-mask-strip", role: "listbox", "aria-label": say("microscope.strip"), "aria-orientation": "horizontal",
      onclick: (/** @type {MouseEvent} */ event) => this._clicked(event),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
    });
    this.heads = el("div", { class: "wsedu-mask-heads", "aria-hidden": "true" });
    this.header = el("p", { class: "wsedu-mono" });
    this.shown = el("span", { class: "wsedu-muted" });
    this.earlier = this.button("microscope.earlier", () => this._choose(/** @type {Microscope} */ (this.made).from - 1));
    this.later = this.button("microscope.later", () => this._choose(/** @type {Microscope} */ (this.made).from + this.cells.length));
    this.bits = el("tbody", {});
    this.sentence = el("p", { "aria-live": "polite", class: "wsedu-panel-sentence" });
    this.rule = /** @type {HTMLSelectElement} */ (
      el("select", { onchange: () => this.send({ do: "compare", rule: this.rule.value }) },
        el("option", { value: "" }, say("microscope.right")),
        ...WRONG_RULES.map((name) => el("option", { value: name }, say(`microscope.rule.${name}`))))
    );
    this.why = el("p", { class: "wsedu-muted" });
    this.difference = el("p", { "aria-live": "polite" });
    this.body = el("div", {},
      el("div", { class: "wsedu-row" }, el("label", { class: "wsedu-row" }, say("microscope.compare"), this.rule), this.shown, this.earlier, this.later),
      this.why, this.header,
      el("div", { class: "wsedu-mask-table" }, this.heads, this.strip),
      this.difference,
      el("table", { class: "wsedu-mask-bits" }, el("caption", { class: "wsedu-hidden-text" }, say("microscope.bits")), this._places(), this.bits),
      this.sentence);
    this.root.append(this.none, this.body);
  }

  /** The row of what each bit is worth. */
  _places() {
    const worth = [...Array(8).keys()].map((place) => el("th", { scope: "col" }, String(128 >> place)));
    return el("thead", {}, el("tr", {}, el("th", { scope: "col" }, this.say("microscope.byte")), el("th", { scope: "col" }, this.say("microscope.hex")), ...worth));
  }

  /** @param {any} state @param {any} _known */
  show(state, _known) {
    const made = /** @type {Microscope} */ (state.microscope);
    this.busy();
    this.made = made;
    set(this.none, { hidden: !made.none });
    set(this.body, { hidden: Boolean(made.none) });
    write(this.none, made.none ?? "");
    if (made.none) return;
    if (!this.waitsFor("pin")) this.pin = made.pin;
    if (!this.waitsFor("compare")) this.rule.value = made.rule;
    this._draw(made);
  }

  /** @param {Microscope} made */
  _draw(made) {
    const last = made.from + made.columns.length - 1;
    write(this.shown, this.say("microscope.shown", { from: made.from, to: last, size: made.size }));
    set(this.earlier, { hidden: made.from === 0 });
    set(this.later, { hidden: last + 1 >= made.size });
    const { compare } = made;
    write(this.why, compare?.why ?? "");
    write(this.difference, compare?.sentence ?? "");
    const header = compare?.header ?? [];
    set(this.header, { hidden: !header.length });
    write(this.header, header.map(([right, wrong]) => `${right} → ${wrong}`).join("   "));
    this._headings(compare);
    while (this.cells.length > made.columns.length) this.cells.pop()?.remove();
    made.columns.forEach((column, place) => this._cell(column, place, compare));
    this._select();
  }

  /** @param {MaskCompare | null} compare */
  _headings(compare) {
    const names = ["i", this.say("microscope.plain"), "⊕ K[i mod 4]", `= ${this.say("microscope.wire")}`];
    if (compare) names.push(compare.sign, `= ${this.say("microscope.wrong")}`);
    this.heads.replaceChildren(...names.map((name) => (name.length > 1 ? el("span", {}, name) : el("span", { class: "wsedu-icon", "data-icon": name }))));
  }

  /** @param {MaskColumn} column @param {number} place @param {MaskCompare | null} compare */
  _cell(column, place, compare) {
    const differs = Boolean(compare?.differs.includes(column.i));
    const part = (/** @type {string} */ text, /** @type {string} */ kind) => el("span", { class: kind }, text);
    const parts = [
      part(`P${column.i}`, "wsedu-muted"),
      part(`${column.plain} ${column.letter}`, "wsedu-fill wsedu-f-payload"),
      el("span", { class: "wsedu-fill wsedu-f-masking_key" }, el("b", { class: "wsedu-backed" }, `K${column.k} ${column.key}`)),
      part(column.wire, "wsedu-fill wsedu-f-payload"),
    ];
    if (compare) {
      const [used, made] = compare.columns[place];
      parts.push(part(used, "wsedu-muted"), part(differs ? `${made} ≠` : made, differs ? "wsedu-mask-wrong" : ""));
    }
    if (!this.cells[place]) {
      this.cells[place] = el("div", { role: "option", class: "wsedu-mask-cell", "data-place": place });
      this.strip.append(this.cells[place]);
    }
    const cell = this.cells[place];
    cell.replaceChildren(...parts);
    set(cell, {
      "data-first": compare?.first === column.i ? "true" : null,
      "aria-posinset": column.i + 1,
      "aria-setsize": /** @type {Microscope} */ (this.made).size,
    });
  }

  /** Show which byte is pinned, its bits and the sentence about it. */
  _select() {
    const made = /** @type {Microscope} */ (this.made);
    const place = Math.max(0, Math.min(this.pin - made.from, this.cells.length - 1));
    this.cells.forEach((cell, at) => set(cell, { "aria-selected": at === place ? "true" : "false", tabindex: at === place ? "0" : "-1" }));
    const column = made.columns[place];
    const names = [this.say("microscope.plain"), `⊕ K${column.k}`, `= ${this.say("microscope.wire")}`];
    const fields = ["payload", "masking_key", "payload"];
    const values = [column.plain, column.key, column.wire];
    this.bits.replaceChildren(...names.map((name, row) =>
      el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "wsedu-mono" }, values[row]),
        ...[...column.bits[row]].map((bit, at) => {
          const turned = row === 2 && column.bits[1][at] === "1";
          const kind = `wsedu-mono wsedu-icon wsedu-fill wsedu-f-${fields[row]}${turned ? " wsedu-mask-turned" : ""}`;
          return el("td", { class: kind, "data-icon": bit, "aria-label": bit });
        }))));
    write(this.sentence, column.sentence);
  }

  /** @param {number} index of the payload byte */
  _choose(index) {
    const made = /** @type {Microscope} */ (this.made);
    if (index < 0 || index >= made.size) return;
    this.pin = index;
    this.send({ do: "pin", byte: made.first + index });
    if (made.columns[index - made.from]) this._select();
  }

  /** @param {MouseEvent} event */
  _clicked(event) {
    const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-place]"));
    if (!cell || !this.made) return;
    this._choose(this.made.from + Number(cell.dataset.place));
    cell.focus();
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const made = /** @type {Microscope} */ (this.made);
    const wanted = /** @type {Record<string, number>} */ ({
      ArrowLeft: this.pin - 1, ArrowUp: this.pin - 1, ArrowRight: this.pin + 1, ArrowDown: this.pin + 1, Home: 0, End: made.size - 1,
    })[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this._choose(wanted);
    this.cells[this.pin - made.from]?.focus();
  }
}
