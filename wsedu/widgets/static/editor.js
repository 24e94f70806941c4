// @ts-check
// A text that the user may edit while Python keeps it up to date.

import { el, set, write } from "./common.js";

let made = 0;

/**
 * @typedef {{
 *   label: string, commit: (text: string) => void, check?: (text: string) => void, live?: boolean, lines?: boolean, size?: number, mono?: boolean,
 * }} EditorOptions
 */

export class Editor {
  /**
   * `live` sends every stroke, else Enter or leaving does; `check` has every stroke looked at without taking it;
   * `lines` has room for more than one line. What is wrong is said at the field, over what stands below it.
   * @param {EditorOptions} options
   */
  constructor({ label, commit, check, live = false, lines = false, size, mono = true }) {
    this.commit = commit;
    this.check = check;
    this.checking = false;
    /** the last refusal, which no other place has to tell */
    this.owned = "";
    this.told = el("span", { class: "wsedu-editor-problem", role: "alert", id: `wsedu-editor-problem-${(made += 1)}`, hidden: true });
    this.live = live;
    this.lines = lines;
    this.good = "";
    /** typed, and not taken by Python so far */
    this.dirty = false;
    this.sent = false;
    this.input = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (
      el(lines ? "textarea" : "input", {
        class: mono ? "wsedu-mono" : null, "aria-label": label, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
        size: lines ? null : size, rows: lines ? 1 : null,
        oninput: () => this._typed(),
        onchange: () => this._commit(),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
      })
    );
    this.root = el("span", { class: lines ? "wsedu-editor wsedu-editor-wide" : "wsedu-editor" }, this.input, this.told);
  }

  _typed() {
    this.dirty = true;
    if (this.live) this._send();
    else if (this.check) {
      this.checking = true;
      this.check(this.input.value);
    }
  }

  /** Say at the field why its text is not taken. @param {string} text empty where it is in order */
  _tell(text) {
    write(this.told, text);
    set(this.told, { hidden: !text });
    set(this.input, { "aria-invalid": text ? "true" : null, "aria-describedby": text ? this.told.id : null });
  }

  _commit() {
    if (this.dirty && !(this.live && this.sent)) this._send();
  }

  _send() {
    this.sent = true;
    this.commit(this.input.value);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    // Keys that a text needs are not the widget's or the notebook's.
    event.stopPropagation();
    if (event.key === "Enter" && !event.shiftKey && !this.live && !event.isComposing) {
      event.preventDefault();
      this._commit();
    } else if (event.key === "Escape" && this.dirty) {
      this.dirty = this.sent = false;
      this.input.value = this.good;
      this._tell("");
    }
  }

  /**
   * Show a text, unless the user is at another one.
   * @param {string | null} text null while nobody knows it
   * @param {{pending: boolean, refused: string, placeholder?: string, disabled?: boolean}} now
   */
  show(text, { pending, refused, placeholder = "", disabled = false }) {
    if ((this.sent || this.checking) && !pending) {
      this.owned = refused;
      this._tell(refused);
      if (this.sent && !refused) this.dirty = false;
      this.sent = this.checking = false;
    }
    this.good = text ?? "";
    if (!this.dirty && this.input.value !== this.good) this.input.value = this.good;
    set(this.input, { placeholder: placeholder || null, disabled });
    if (this.lines) set(this.input, { rows: String(Math.min(4, Math.max(1, Math.ceil(this.input.value.length / 100)))) });
  }
}
