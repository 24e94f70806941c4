// @ts-check
// Predict, then reveal: the film stops before a step and asks what it will be; what is to come is covered meanwhile.

import { el, enterSends, set, write } from "./common.js";
import { Saving } from "./film_saving.js";

export class FilmPredict {
  /** @param {any} page a `FilmPage` */
  constructor(page) {
    this.page = page;
    this.say = page.say;
    this.asking = false;
    /** @type {{n: number, index: number, text: string, options: [string, string][]}[]} that are open, in order */
    this.questions = [];
    /** the step of the question that is shown, -1 for none */
    this.shown = -1;
    /** whether an answer has been sent and Python has not judged it */
    this.sent = false;
    this.on = el("button", { type: "button", class: "wsedu-film-asking", "aria-pressed": "false", onclick: () => this._switch() }, this.say("ask.on"));
    this.tally = el("span", { class: "wsedu-muted wsedu-film-tally" });
    this.saving = new Saving(this.say);
    this.form = /** @type {HTMLFormElement} */ (el("form", { class: "wsedu-film-question", hidden: true }));
    enterSends(this.form);
    this.form.addEventListener("submit", (event) => this._commit(event));
    this.told = el("p", { class: "wsedu-film-outcome", role: "status" });
    this.root = el("section", { class: "wsedu-film-panel wsedu-film-predict", "aria-label": this.say("ask.title") }, el("div", { class: "wsedu-row" }, this.on, this.tally, this.saving.root), this.form, this.told);
    page.onstep((/** @type {number} */ index) => this._came(index));
  }

  /** @param {any} state */
  show(state) {
    const began = state.asking && !this.asking;
    this.asking = state.asking;
    this.questions = state.questions;
    set(this.on, { "aria-pressed": this.asking ? "true" : "false" });
    const next = this.questions.length;
    write(this.told, state.told || (this.asking ? (next ? this.say("ask.left", { count: next }) : this.say("ask.over")) : ""));
    write(this.tally, state.tally);
    this.saving.show(state.exported);
    // A judged answer is shown with the step that it was about.
    const judged = this.sent && this.shown >= 0 && !this.questions.some((question) => question.n === this.shown);
    this.sent = false;
    if (!this.asking || judged || !this.questions.some((question) => question.n === this.shown)) this._close();
    this.page.ask(this.asking);
    this.page.question(this.asking ? this.questions.map((question) => question.index) : []);
    if (began) this.page.go(0);
    else if (judged) this.page.step(1);
    this._came(this.page.current);
  }

  _switch() {
    this.page.link.send({ do: "ask", on: !this.asking });
  }

  /** The film never passes an open question. @param {number} index */
  _came(index) {
    const question = this.asking ? this.questions[0] : undefined;
    if (!question || index < question.index) {
      if (this.shown >= 0) this._close();
      return;
    }
    if (this.shown !== question.n) this._open(question);
    if (index > question.index || this.page.playing) this.page.go(question.index);
  }

  /** @param {{n: number, text: string, options: [string, string][]}} question */
  _open(question) {
    this.shown = question.n;
    const name = `wsedu-ask-${Math.random().toString(36).slice(2)}`;
    const choices = question.options.map(([value, label]) => el("label", {}, el("input", { type: "radio", name, value }), " ", label));
    const typed = el("label", {}, this.say("ask.hex"), " ", el("input", { type: "text", class: "wsedu-mono", autocomplete: "off", spellcheck: "false", size: "12" }));
    const answer = question.options.length ? choices : [typed];
    this.form.replaceChildren(
      el(
        "fieldset",
        {},
        el("legend", {}, question.text),
        el("div", { class: "wsedu-row" }, ...answer, el("button", { type: "submit", class: "wsedu-strong" }, this.say("ask.commit")), el("button", { type: "button", class: "wsedu-film-skip", onclick: () => this._send({ skipped: true }) }, this.say("ask.skip"))),
      ),
    );
    set(this.form, { hidden: false });
    this.page.hide(true);
    /** @type {HTMLElement | null} */ (this.form.querySelector("input"))?.focus();
  }

  _close() {
    if (this.shown < 0) return;
    const focused = this.form.contains(document.activeElement);
    this.shown = -1;
    set(this.form, { hidden: true });
    this.form.replaceChildren();
    this.page.hide(false);
    if (focused) this.page.root.focus();
  }

  /** @param {Event} event */
  _commit(event) {
    event.preventDefault();
    const field = /** @type {HTMLInputElement | null} */ (this.form.querySelector("input:checked, input[type='text']"));
    this._send({ said: field ? field.value : "" });
  }

  /** @param {Record<string, any>} answer */
  _send(answer) {
    this.sent = true;
    this.page.link.send({ do: "predict", n: this.shown, ...answer });
  }
}
