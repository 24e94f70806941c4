// @ts-check
// The page of `LineOrder`: one list with two parts, the program and the lines that are left. Python moves the lines.

import { el, focused, Link, problemLine, set, speaker, write } from "./common.js";

const PARTS = /** @type {const} */ (["program", "left"]);

class LinesPage {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.say = speaker(model.get("words"));
    this.link = new Link(model);
    this.id = `wsedu-order-${this.link.view}`;
    /** the letter of the line that the keys are for */
    this.letter = "";
    const { line, stop } = problemLine(model, this.say, this.link);
    this.stop = stop;
    this.told = el("p", { class: "wsedu-order-told", "aria-live": "polite" });
    this.title = el("h2", { class: "wsedu-title" });
    /** @type {Record<string, HTMLElement>} */
    this.groups = {};
    /** @type {Record<string, HTMLElement>} */
    this.heads = {};
    this.list = this._list();
    const hint = el("p", { class: "wsedu-lead wsedu-muted", id: `${this.id}-keys` }, this.say("order.keys"));
    this.root = el(
      "section",
      { class: "wsedu wsedu-order", lang: this.say("lang"), "aria-label": this.say("order.title"), "data-lm-suppress-shortcuts": "true" },
      this.title,
      hint,
      this.list,
      this._buttons(),
      this.told,
      line,
    );
    host.append(this.root);
    this.follow = () => this.show();
    model.on("change:state", this.follow);
    this.link.shows = this.follow;
    this.show();
  }

  // --- The parts of the page ---

  _list() {
    const list = el("div", {
      class: "wsedu-order-list",
      role: "listbox",
      tabindex: "0",
      "aria-label": this.say("order.list"),
      "aria-describedby": `${this.id}-keys`,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
      onclick: (/** @type {MouseEvent} */ event) => this._clicked(event, false),
      ondblclick: (/** @type {MouseEvent} */ event) => this._clicked(event, true),
    });
    for (const part of PARTS) {
      this.heads[part] = el("p", { class: "wsedu-order-head", id: `${this.id}-${part}`, role: "presentation" });
      this.groups[part] = el("div", { class: `wsedu-order-group wsedu-order-${part}`, role: "group", "aria-labelledby": `${this.id}-${part}` });
      list.append(this.heads[part], this.groups[part]);
    }
    return list;
  }

  /** For the mouse and for touch; the keyboard has keys for the same, so that these are no stops of its own. */
  _buttons() {
    const button = (/** @type {string} */ key, /** @type {string} */ mark, /** @type {() => void} */ does) =>
      el("button", { type: "button", class: "wsedu-icon", "data-icon": `${mark} `, tabindex: "-1", onclick: does }, this.say(`order.${key}`));
    return el(
      "div",
      { class: "wsedu-row" },
      button("toggle", "⇅", () => this.link.send({ do: "toggle", letter: this.letter })),
      button("up", "▲", () => this._shift(-1)),
      button("down", "▼", () => this._shift(1)),
    );
  }

  // --- What the user does ---

  /** @returns {HTMLElement[]} */
  options() {
    return [...this.list.querySelectorAll("[role=option]")].map((option) => /** @type {HTMLElement} */ (option));
  }

  /** @param {number} by */
  _shift(by) {
    this.link.send({ do: "shift", letter: this.letter, by });
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    if (event.ctrlKey || event.metaKey) return;
    const letters = this.options().map((option) => option.dataset.letter ?? "");
    const at = letters.indexOf(this.letter);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const to = step ? at + step : event.key === "Home" ? 0 : event.key === "End" ? letters.length - 1 : null;
    if (event.altKey && step) this._shift(step);
    else if (event.key === "Enter" || event.key === " ") this.link.send({ do: "toggle", letter: this.letter });
    else if (to !== null) this._choose(letters[Math.min(Math.max(to, 0), letters.length - 1)]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {MouseEvent} event @param {boolean} twice */
  _clicked(event, twice) {
    const option = /** @type {Element} */ (event.target).closest("[role=option]");
    const letter = /** @type {HTMLElement | null} */ (option)?.dataset.letter;
    if (!letter) return;
    this._choose(letter);
    if (twice) this.link.send({ do: "toggle", letter });
  }

  /** @param {string} letter */
  _choose(letter) {
    this.letter = letter;
    this._mark();
  }

  // --- What is shown ---

  show() {
    const state = this.model.get("state");
    this.link.settle();
    set(this.root, { "aria-busy": this.link.busy ? "true" : "false" });
    write(this.title, state.title);
    for (const part of PARTS) {
      write(this.heads[part], this.say(`order.${part}`, { count: state[part].length }));
      this.groups[part].replaceChildren(...state[part].map((/** @type {string[]} */ [letter, text]) => this._option(letter, text)));
      set(this.groups[part], { hidden: !state[part].length });
    }
    if (!this.letter) this.letter = (state.program[0] ?? state.left[0] ?? [""])[0];
    write(this.told, this.link.busy ? this.say("shared.waiting") : state.told);
    this._mark();
  }

  /** @param {string} letter @param {string} text */
  _option(letter, text) {
    const badge = el("span", { class: "wsedu-order-letter" }, letter);
    return el("div", { class: "wsedu-order-line wsedu-mono", role: "option", id: `${this.id}-line-${letter}`, "data-letter": letter }, badge, el("span", {}, text));
  }

  /** The line that the keys are for is outlined, and named to whoever listens. */
  _mark() {
    for (const option of this.options()) {
      const here = option.dataset.letter === this.letter;
      set(option, { "aria-selected": here ? "true" : "false" });
      if (here && focused(this.list) === this.list) option.scrollIntoView({ block: "nearest" });
    }
    set(this.list, { "aria-activedescendant": this.letter ? `${this.id}-line-${this.letter}` : null });
  }

  destroy() {
    this.stop();
    this.model.off("change:state", this.follow);
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const page = new LinesPage(model, host);
  return () => page.destroy();
}

export default { render };
