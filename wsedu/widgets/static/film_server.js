// @ts-check
// Be the server: a real client waits for an answer, chosen or typed as bytes, and judges it.

import { el, enterSends, set, write } from "./common.js";

export class FilmServer {
  /** @param {any} page a `FilmPage` */
  constructor(page) {
    this.page = page;
    this.say = page.say;
    this.begin = el("button", { type: "button", class: "wsedu-film-be-server", onclick: () => page.link.send({ do: "server" }) }, this.say("server.begin"));
    this.end = el("button", { type: "button", hidden: true, onclick: () => this._end() }, this.say("server.end"));
    this.lines = el("ol", { role: "list", class: "wsedu-film-lines wsedu-film-now", "aria-live": "polite", "aria-label": this.say("server.lines") });
    this.prompt = el("p", { class: "wsedu-film-prompt", role: "status" });
    this.choices = el("div", { class: "wsedu-row wsedu-film-choices", role: "toolbar", "aria-label": this.say("server.title"), onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) });
    this.hex = /** @type {HTMLInputElement} */ (el("input", { type: "text", class: "wsedu-mono", autocomplete: "off", spellcheck: "false", size: "28" }));
    this.form = /** @type {HTMLFormElement} */ (el("form", { class: "wsedu-row" }, el("label", {}, this.say("server.hex"), " ", this.hex), el("button", { type: "submit" }, this.say("server.send"))));
    enterSends(this.form);
    this.form.addEventListener("submit", (event) => this._type(event));
    this.past = el("ol", { role: "list", class: "wsedu-film-lines" });
    this.earlier = el("details", { class: "wsedu-details" }, el("summary", {}, this.say("server.earlier")), this.past);
    this.body = el("div", { hidden: true }, this.earlier, this.lines, this.prompt, this.choices, this.form);
    this.root = el("section", { class: "wsedu-film-panel wsedu-film-server", "aria-label": this.say("server.title") }, el("div", { class: "wsedu-row" }, this.begin, this.end), this.body);
    /** what is shown, so that nothing is told twice */
    this.told = "";
    /** whether typed bytes wait for Python's answer */
    this.sent = false;
  }

  /** @param {any} state */
  show(state) {
    const server = state.server;
    set(this.body, { hidden: !server });
    set(this.end, { hidden: !server });
    write(this.begin, this.say(server ? "server.again" : "server.begin"));
    if (!server) return;
    const told = JSON.stringify([server.earlier, server.lines]);
    if (told !== this.told) {
      this.told = told;
      // Only what was taken is gone from the field; what could not be read stays to be corrected.
      if (this.sent) this.hex.value = "";
      this._tell(this.past, server.earlier);
      this._tell(this.lines, server.lines);
      set(this.earlier, { hidden: !server.earlier.length });
    }
    this.sent = false;
    write(this.prompt, server.prompt);
    const typing = this.form.contains(document.activeElement);
    set(this.form, { hidden: server.at === "over" });
    this._offer(server.choices);
    // The keyboard keeps a place where something can be done.
    if (typing && server.at === "over") this.begin.focus();
  }

  /** @param {[string, string][]} choices */
  _offer(choices) {
    const key = JSON.stringify(choices);
    if (this.choices.dataset.key === key) return;
    const focused = this.choices.contains(document.activeElement);
    this.choices.dataset.key = key;
    this.choices.replaceChildren(
      ...choices.map(([choice, label], place) => el("button", { type: "button", "data-choice": choice, tabindex: place ? "-1" : "0", onclick: () => this.page.link.send({ do: "server", choice }) }, label)),
    );
    set(this.choices, { hidden: !choices.length });
    if (focused) (/** @type {HTMLElement | null} */ (this.choices.firstElementChild) ?? this.begin).focus();
  }

  /** One tab stop, arrow keys inside it. @param {KeyboardEvent} event */
  _pressed(event) {
    const buttons = /** @type {HTMLElement[]} */ ([...this.choices.children]);
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = /** @type {Record<string, number>} */ ({ ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: buttons.length - 1 })[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, to))];
    for (const button of buttons) set(button, { tabindex: button === next ? "0" : "-1" });
    next.focus();
  }

  /** @param {HTMLElement} list @param {{who: string, name: string, text: string}[]} lines */
  _tell(list, lines) {
    list.replaceChildren(...lines.map((line) => el("li", { class: `wsedu-film-line-${line.who}` }, el("strong", {}, line.name), " ", el("span", {}, line.text))));
  }

  /** @param {Event} event */
  _type(event) {
    event.preventDefault();
    if (!this.hex.value.trim()) return;
    this.sent = true;
    this.page.link.send({ do: "server", text: this.hex.value });
  }

  _end() {
    this.page.link.send({ do: "server_end" });
    this.begin.focus();
  }
}
