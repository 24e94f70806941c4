// @ts-check
// Predict, then reveal: what a flip does is asked before it is shown. Skipping is allowed, and counted.

import { el, set, write } from "./common.js";

/**
 * @typedef {(key: string, facts?: Record<string, any>) => string} Say
 * @typedef {{client: string, server: string, length: number | null}} Guess
 */

const ROLES = /** @type {const} */ (["client", "server"]);
const OUTCOMES = ["legal", "illegal", "incomplete"];

export class PredictionPanel {
  /** @param {Say} say @param {(guess: Guess | null) => void} answer with null for a question that is skipped */
  constructor(say, answer) {
    this.say = say;
    this.answer = answer;
    this.question = el("legend", {});
    this.told = el("p", { class: "wsedu-predict-told", role: "status" });
    /** @type {Record<string, HTMLElement>} */
    this.groups = {};
    const group = Math.random().toString(36).slice(2);
    for (const role of ROLES) {
      const choices = OUTCOMES.map((outcome) => el("label", { class: "wsedu-flag" }, el("input", { type: "radio", name: `wsedu-predict-${group}-${role}`, value: outcome, onchange: () => this._ready() }), say(`predict.${outcome}`)));
      this.groups[role] = el("div", { class: "wsedu-row", role: "radiogroup", "aria-label": say(`predict.${role}`) }, el("b", {}, say(`predict.${role}`)), ...choices);
    }
    this.length = /** @type {HTMLInputElement} */ (el("input", { type: "number", min: "0", size: "8", oninput: () => this._ready() }));
    this.lengthLine = el("label", { class: "wsedu-row" }, el("b", {}, say("predict.length")), this.length);
    this.commit = /** @type {HTMLButtonElement} */ (el("button", { type: "button", class: "wsedu-strong", onclick: () => answer(this._guess()) }, say("predict.commit")));
    const skip = el("button", { type: "button", onclick: () => answer(null) }, say("predict.skip"));
    this.form = el(
      "fieldset",
      { class: "wsedu-predict-form", onkeydown: (/** @type {KeyboardEvent} */ event) => event.stopPropagation() },
      this.question, this.groups.client, this.groups.server, this.lengthLine, el("div", { class: "wsedu-row" }, this.commit, skip),
    );
    this.root = el("div", { class: "wsedu-predict" }, this.form, this.told);
  }

  /** @param {string} role */
  _chosen(role) {
    return /** @type {HTMLInputElement | null} */ (this.groups[role].querySelector("input:checked"))?.value ?? "";
  }

  /** @returns {Guess} */
  _guess() {
    const asked = !this.lengthLine.hidden && this.length.value !== "";
    return { client: this._chosen("client"), server: this._chosen("server"), length: asked ? Number(this.length.value) : null };
  }

  _ready() {
    set(this.commit, { disabled: !ROLES.every((role) => this._chosen(role)) });
  }

  /**
   * Ask what a flip will do.
   * @param {{bit: number, label: string, value: number, length: boolean}} asked
   */
  ask({ bit, label, value, length }) {
    write(this.question, this.say("predict.question", { label, bit: bit & 7, byte: bit >> 3, value }));
    for (const input of this.root.querySelectorAll("input")) {
      input.checked = false;
      if (input === this.length) input.value = "";
    }
    set(this.lengthLine, { hidden: !length });
    this._ready();
    set(this.form, { hidden: false });
    /** @type {HTMLElement} */ (this.groups.client.querySelector("input")).focus();
  }

  /** @param {boolean} on whether predictions are asked for @param {boolean} asking @param {string} told what came of the last one */
  show(on, asking, told) {
    set(this.root, { hidden: !on });
    set(this.form, { hidden: !asking });
    write(this.told, asking ? "" : told);
  }
}
