// @ts-check
// The page of `QuestionCard`. It shows the question and sends the answer; whether that is right only Python knows.

import { el, enterSends, Link, problemLine, set, speaker, waitingFor, write } from "./common.js";

/** @typedef {[string, boolean][]} Runs pieces of a text, each with whether it is code */

/** @param {Runs} runs */
function pieces(runs) {
  return runs.map(([text, code]) => (code ? el("code", { class: "wsedu-mono" }, text) : document.createTextNode(text)));
}

class Card {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.say = speaker(model.get("words"));
    this.link = new Link(model);
    this.name = `wsedu-card-${Math.random().toString(36).slice(2)}`;
    const { kind, kicker, ask, options } = model.get("state");
    this.choice = kind === "choice";
    this.typed = /** @type {HTMLInputElement} */ (el("input", { class: "wsedu-card-typed", type: "text", inputmode: kind === "number" ? "decimal" : null, autocomplete: "off", spellcheck: "false", maxlength: "200", oninput: () => this._typed() }));
    this.options = options.map((/** @type {[string, Runs]} */ [letter, runs], /** @type {number} */ place) => this._option(letter, runs, place));
    this.legend = el("legend", { class: "wsedu-card-ask" }, ...pieces(ask));
    const field = el("label", { class: "wsedu-row" }, this.choice ? "" : this.say(`card.${kind}`), this.typed);
    this.commit = /** @type {HTMLButtonElement} */ (el("button", { type: "submit", class: "wsedu-strong" }, this.say("card.commit")));
    this.skip = /** @type {HTMLButtonElement} */ (el("button", { type: "button", onclick: () => this.link.send({ do: "skip" }) }, this.say("card.skip")));
    this.acts = el("div", { class: "wsedu-row wsedu-card-acts" }, this.commit, this.skip);
    this.fields = el("fieldset", { class: "wsedu-card-fields" }, this.legend, ...(this.choice ? this.options : [field]));
    this.told = el("div", { class: "wsedu-card-told", role: "status", tabindex: "-1" });
    /** what is said of the answer now */
    this.said = "";
    this.waiting = el("p", { class: "wsedu-muted wsedu-card-waiting", hidden: true });
    this.again = /** @type {HTMLButtonElement} */ (el("button", { type: "button", onclick: () => this._again() }, this.say("card.again")));
    this.afresh = el("div", { class: "wsedu-row wsedu-card-acts", hidden: true }, this.again);
    /** whether somebody here has asked for the question once more, and goes on at its answers */
    this.left = false;
    /** whether the question was answered when it was shown last */
    this.done = false;
    /** what was said of an answer that is being mended, and is not said of the next one */
    this.mended = "";
    this.busy = false;
    this.problem = problemLine(model, this.say, this.link, undefined, (text) => text === this.mended);
    const form = el("form", { novalidate: true, onsubmit: (/** @type {Event} */ event) => this._committed(event) }, this.fields, this.problem.line, this.acts);
    enterSends(form);
    this.root = el(
      "section",
      { class: "wsedu wsedu-card", lang: this.say("lang"), "aria-label": this.say("card.title"), "data-lm-suppress-shortcuts": "true", onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) },
      el("p", { class: "wsedu-card-kicker wsedu-muted" }, kicker), form, this.waiting, this.told, this.afresh,
    );
    host.append(this.root);
    this.follow = () => this.show();
    model.on("change:state", this.follow);
    this.link.shows = this.follow;
    this.show();
  }

  /** @param {string} letter @param {Runs} runs @param {number} place */
  _option(letter, runs, place) {
    const input = el("input", { type: "radio", name: this.name, value: String(place), onchange: () => this.show() });
    return el("label", { class: "wsedu-card-option" }, input, el("span", { class: "wsedu-card-letter" }, `${letter}.`), el("span", {}, ...pieces(runs)));
  }

  /** @returns {HTMLInputElement[]} */
  get radios() {
    return this.options.map((/** @type {HTMLElement} */ option) => /** @type {HTMLInputElement} */ (option.querySelector("input")));
  }

  /** What has been chosen or typed; null for nothing. */
  _said() {
    if (!this.choice) return this.typed.value.trim() || null;
    const place = this.radios.findIndex((radio) => radio.checked);
    return place < 0 ? null : place;
  }

  /** @param {Event} event */
  _committed(event) {
    event.preventDefault();
    if (this.model.get("state").done || this.link.awaits("commit", "skip")) return;
    this.link.send({ do: "commit", said: this._said() });
  }

  _typed() {
    this.mended = this.model.get("problem").text ?? "";
    this.problem.show();
    this.show();
  }

  /** A letter chooses its option. @param {KeyboardEvent} event */
  _pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === this.typed) return;
    const place = "abcdefgh".indexOf(event.key.toLowerCase());
    if (event.key.length !== 1 || place < 0 || place >= this.options.length || this.model.get("state").done) return;
    event.preventDefault();
    event.stopPropagation();
    const radio = this.radios[place];
    radio.checked = true;
    radio.focus();
    this.show();
  }

  show() {
    const state = this.model.get("state");
    this.link.settle();
    const busy = this.link.awaits("commit", "skip", "again");
    const shut = state.done || (busy && !this.link.gone);
    set(this.root, { "aria-busy": this.link.busy ? "true" : "false" });
    if (this.busy && !busy) this._judged();
    this.busy = busy;
    if (state.done) this._fix(state);
    else if (this.done) this._clear();
    this.done = state.done;
    for (const radio of this.radios) set(radio, { disabled: shut });
    this.typed.readOnly = shut;
    set(this.commit, { disabled: shut || this._said() === null });
    set(this.skip, { disabled: shut });
    set(this.again, { disabled: busy });
    set(this.waiting, { hidden: !busy });
    write(this.waiting, busy ? waitingFor(this.say, this.link) : "");
    this._tell(state);
    if (this.left && !state.done) this._begin();
    if (!busy) this.left = false;
  }

  /** Python has taken the answer, or said what is wrong with it, maybe as before. */
  _judged() {
    this.mended = "";
    this.problem.show();
  }

  /** Ask anew: nothing is chosen and nothing typed. */
  _clear() {
    this.said = "";
    this.told.replaceChildren();
    this.typed.value = "";
    this.radios.forEach((radio, place) => {
      radio.checked = false;
      set(this.options[place], { class: "wsedu-card-option" });
    });
  }

  _again() {
    // Noted now: a button that is disabled meanwhile loses the focus.
    this.left = true;
    this.link.send({ do: "again" });
  }

  _begin() {
    (this.choice ? this.radios[0] : this.typed).focus();
  }

  /** Show the answer that is kept. @param {any} state */
  _fix(state) {
    this.radios.forEach((radio, place) => {
      radio.checked = state.said === place;
      set(this.options[place], { class: `wsedu-card-option${state.said === place ? " wsedu-card-kept" : ""}` });
    });
    if (!this.choice) this.typed.value = state.typed;
  }

  /** @param {any} state */
  _tell(state) {
    const inside = this.acts.contains(document.activeElement) || this.fields.contains(document.activeElement) || document.activeElement === document.body;
    const asked = !this.acts.hidden;
    set(this.acts, { hidden: state.done });
    set(this.afresh, { hidden: !state.again });
    set(this.told, { hidden: !state.done, "data-mark": state.mark });
    const told = JSON.stringify(state.told);
    if (!state.done || told === this.said) return;
    this.said = told;
    this.told.replaceChildren(...state.told.map((/** @type {Runs} */ runs) => el("p", {}, ...pieces(runs))));
    // The button that had the focus is gone: whoever works by keyboard goes on from the verdict.
    if (asked && inside && this.link.seq) this.told.focus();
  }

  destroy() {
    this.problem.stop();
    this.model.off("change:state", this.follow);
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const card = new Card(model, host);
  return () => card.destroy();
}

export default { render };
