// @ts-check
// The fields of the first frame as controls, and the ladder of payload lengths.

import { el, set, write } from "./common.js";
import { Editor } from "./editor.js";

/**
 * @typedef {import("./frame_types.js").Form} Form
 * @typedef {(key: string, facts?: Record<string, any>) => string} Say
 * @typedef {(act: Record<string, any>) => void} Send
 * @typedef {{pending: boolean, held: boolean, refused: string, waiting: string | null}} Now `held`: an edit waits for
 * Python, and until it answers what the user has set stays as it is
 */

const FLAGS = /** @type {const} */ (["fin", "rsv1", "rsv2", "rsv3"]);

export class FieldForm {
  /** @param {Say} say @param {Send} send @param {string[]} opcodes the names of the 16 opcodes */
  constructor(say, send, opcodes) {
    this.say = say;
    const options = opcodes.map((name, value) => el("option", { value }, name));
    this.opcode = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": say("builder.opcode"), onchange: () => send({ do: "opcode", opcode: Number(this.opcode.value) }) }, ...options));
    const toggle = (/** @type {string} */ name, /** @type {(on: boolean) => void} */ act) => {
      const input = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", onchange: () => act(input.checked) }));
      return { input, whole: el("label", { class: "wsedu-flag" }, input, name) };
    };
    this.flags = Object.fromEntries(FLAGS.map((name) => [name, toggle(name.toUpperCase(), (on) => send({ do: "bit", name, on }))]));
    this.mask = toggle(say("builder.masked"), (on) => send({ do: "masked", on }));
    this.key = new Editor({ label: say("builder.key"), size: 9, check: (text) => send({ do: "check", what: "key", text }), commit: (text) => send({ do: "key", text }) });
    this.random = el("button", { type: "button", onclick: () => send({ do: "random_key" }) }, say("builder.key_random"));
    this.length = new Editor({ label: say("builder.length"), size: 8, commit: (text) => send({ do: "length", text }) });
    const forms = [7, 16, 64].map((bits) => el("option", { value: bits }, say("builder.form_bits", { bits })));
    this.form = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": say("builder.length") + say("shared.colon") + say("builder.form"), onchange: () => send({ do: "form", bits: Number(this.form.value) }) }, ...forms));
    this.code = new Editor({ label: say("builder.code"), size: 6, commit: (code) => send({ do: "close", code, reason: this.reason.input.value }) });
    this.reason = new Editor({ label: say("builder.reason"), size: 24, mono: false, commit: (reason) => send({ do: "close", code: this.code.input.value, reason }) });
    const named = (/** @type {string} */ key, /** @type {Node[]} */ ...nodes) => el("span", { class: "wsedu-named" }, el("span", { "aria-hidden": "true" }, say(`builder.${key}`)), ...nodes);
    this.close = el("div", { class: "wsedu-row" }, named("code", this.code.root), named("reason", this.reason.root));
    this.root = el(
      "fieldset",
      { class: "wsedu-form" },
      el("legend", { class: "wsedu-hidden-text" }, say("builder.fields")),
      el("div", { class: "wsedu-row" }, ...FLAGS.map((name) => this.flags[name].whole), named("opcode", this.opcode), this.mask.whole, named("key", this.key.root, this.random), named("length", this.length.root), named("form", this.form)),
      this.close,
    );
  }

  /** @param {Form | null} form null while there is none, or nobody knows it @param {Now} now */
  show(form, now) {
    const placeholder = now.waiting ?? "";
    const disabled = !form && now.waiting === null;
    for (const control of [this.opcode, this.form, this.random, this.mask.input, ...FLAGS.map((name) => this.flags[name].input)]) set(control, { disabled });
    if (now.held) return;
    for (const name of FLAGS) this._check(this.flags[name].input, form && form[name]);
    this._check(this.mask.input, form && form.key !== null);
    this.opcode.value = form ? String(form.opcode) : "";
    this.form.value = form ? String(form.length_form) : "";
    const masked = form ? form.key !== null : false;
    set(this.random, { disabled: disabled || (form !== null && !masked) });
    this.key.show(form ? form.key : null, { ...now, placeholder: form && !masked ? "–" : placeholder, disabled: disabled || (form !== null && !masked) });
    this.length.show(form ? String(form.length) : null, { ...now, placeholder, disabled });
    const close = form !== null && form.code !== null;
    set(this.close, { hidden: !close });
    if (!close) return;
    this.code.show(form.code, { ...now, placeholder: "–" });
    this.reason.show(form.reason, { ...now, placeholder: form.reason === null ? this.say("builder.no_text") : "" });
  }

  /** @param {HTMLInputElement} input @param {boolean | null} on null while nobody knows */
  _check(input, on) {
    input.checked = on === true;
    input.indeterminate = on === null;
  }
}

/** A slider that snaps at the lengths where the header grows. */
export class LengthLadder {
  /** @param {Say} say @param {Send} send */
  constructor(say, send) {
    this.say = say;
    /** @type {{length: number, header: number}[]} */
    this.rungs = [];
    this.input = /** @type {HTMLInputElement} */ (
      el("input", { type: "range", min: "0", step: "any", "aria-label": say("builder.ladder"), oninput: () => this._slid(send), onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event, send) })
    );
    this.marks = el("div", { class: "wsedu-rungs", role: "group", "aria-label": say("builder.ladder") });
    this.send = send;
    this.told = el("span", { class: "wsedu-ladder-told" });
    this.root = el("div", { class: "wsedu-ladder" }, el("div", { class: "wsedu-ladder-scale" }, this.input, this.marks), this.told);
  }

  /** The thumb snaps at the stops when it is drawn; a length between two of them has it between. @param {Send} send */
  _slid(send) {
    this._choose(Math.round(Number(this.input.value)), send);
  }

  /** @param {number} stop @param {Send} send */
  _choose(stop, send) {
    this.input.value = String(stop);
    send({ do: "ladder", length: this.rungs[stop].length });
  }

  /** The next stop in a direction. @param {KeyboardEvent} event @param {Send} send */
  _pressed(event, send) {
    const at = Number(this.input.value);
    const last = this.rungs.length - 1;
    const [up, down] = [Math.floor(at) + 1, Math.ceil(at) - 1];
    const wanted = /** @type {Record<string, number>} */ ({ ArrowRight: up, ArrowUp: up, PageUp: up, ArrowLeft: down, ArrowDown: down, PageDown: down, Home: 0, End: last })[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (wanted >= 0 && wanted <= last) this._choose(wanted, send);
  }

  /** Where a length stands: at its stop, or between the two next to it. @param {number} length */
  _place(length) {
    const above = this.rungs.findIndex((rung) => rung.length >= length);
    if (above < 0) return this.rungs.length - 1;
    if (above === 0) return 0;
    const [low, high] = [this.rungs[above - 1].length, this.rungs[above].length];
    return above - 1 + (length - low) / (high - low);
  }

  /** @param {number} place from 0 to 1 @param {number} length @param {boolean} grows whether the header is longer from here on */
  _rung(place, length, grows) {
    // By keyboard the slider does the same, so that these are no stops of the Tab key.
    const button = el("button", { type: "button", tabindex: "-1", onclick: () => this.send({ do: "ladder", length }) }, length.toLocaleString("en-US"));
    return el("span", { class: grows ? "wsedu-rung wsedu-rung-grows" : "wsedu-rung", style: `left: calc(8px + ${place} * (100% - 16px))` }, button);
  }

  /**
   * @param {{length: number, header: number}[]} rungs
   * @param {Form | null} form
   * @param {Now} now
   */
  show(rungs, form, now) {
    if (rungs.length !== this.rungs.length)
      this.marks.replaceChildren(...rungs.map((rung, place) => this._rung(place / (rungs.length - 1), rung.length, place > 0 && rungs[place - 1].header !== rung.header)));
    this.rungs = rungs;
    set(this.input, { max: String(rungs.length - 1), disabled: !form && now.waiting === null });
    const buttons = [...this.marks.querySelectorAll("button")];
    for (const button of buttons) set(button, { disabled: !form });
    if (!form) {
      write(this.told, now.waiting ?? "");
      set(this.input, { "aria-valuetext": now.waiting });
      return;
    }
    const at = this._place(form.size);
    const header = 2 + ({ 7: 0, 16: 2, 64: 8 }[form.length_form] ?? 0) + (form.key === null ? 0 : 4);
    const told = this.say("builder.ladder_value", { length: form.size, header });
    if (!now.pending) this.input.value = String(at);
    write(this.told, told);
    set(this.input, { "aria-valuetext": told });
    buttons.forEach((button, place) => set(button, { "aria-pressed": rungs[place].length === form.size ? "true" : "false" }));
  }
}
