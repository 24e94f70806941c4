// @ts-check
// Be the server: a real client waits for an answer, chosen or typed as bytes, and judges it.

import { el, set, write } from "./common.js";

export class FilmServer {
  /** @param {any} page a `FilmPage` */
  constructor(page) {
    this.page = page;
    this.say = page.say;
    this.begin = el("button", { type: "button", class: "wsedu-film-be-server", onclick: () => page.link.send({ do: "server" }) }, this.say("server.begin"));
    this.end = el("button", { type: "button", hidden: true, onclick: () => this._end() }, this.say("server.end"));
    this.lines = el("ol", { class: "wsedu-film-lines wsedu-film-now", "aria-live": "polite", "aria-label": this.say("server.lines") });
    this.prompt = el("p", { class: "wsedu-film-prompt", role: "status" });
    this.choices = el("div", { class: "wsedu-row wsedu-film-choices", role: "group", "aria-label": this.say("server.title") });
    this.hex = /** @type {HTMLInputElement} */ (el("input", { type: "text", class: "wsedu-mono", autocomplete: "off", spellcheck: "false", size: "28" }));
    this.form = /** @type {HTMLFormElement} */ (el("form", { class: "wsedu-row" }, el("label", {}, this.say("server.hex"), " ", this.hex), el("button", { type: "submit" }, this.say("server.send"))));
    this.form.addEventListener("submit", (event) => this._type(event));
    this.past = el("ol", { class: "wsedu-film-lines" });
    this.earlier = el("details", { class: "wsedu-details" }, el("summary", {}, this.say("server.earlier")), this.past);
    this.body = el("div", { hidden: true }, this.earlier, this.lines, this.prompt, this.choices, this.form);
    this.root = el("section", { class: "wsedu-film-panel wsedu-film-server", "aria-label": this.say("server.title") }, el("div", { class: "wsedu-row" }, this.begin, this.end), this.body);
    /** what is shown, so that nothing is told twice */
    this.told = "";
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
      this._tell(this.past, server.earlier);
      this._tell(this.lines, server.lines);
      set(this.earlier, { hidden: !server.earlier.length });
    }
    write(this.prompt, server.prompt);
    set(this.form, { hidden: server.at === "over" });
    const key = JSON.stringify(server.choices);
    if (this.choices.dataset.key === key) return;
    const focused = this.choices.contains(document.activeElement);
    this.choices.dataset.key = key;
    this.choices.replaceChildren(
      ...server.choices.map((/** @type {[string, string]} */ [choice, label]) => el("button", { type: "button", "data-choice": choice, onclick: () => this.page.link.send({ do: "server", choice }) }, label)),
    );
    if (focused) (/** @type {HTMLElement | null} */ (this.choices.firstElementChild) ?? this.begin).focus();
  }

  /** @param {HTMLElement} list @param {{who: string, name: string, text: string}[]} lines */
  _tell(list, lines) {
    list.replaceChildren(...lines.map((line) => el("li", { class: `wsedu-film-line-${line.who}` }, el("strong", {}, line.name), " ", el("span", {}, line.text))));
  }

  /** @param {Event} event */
  _type(event) {
    event.preventDefault();
    if (!this.hex.value.trim()) return;
    this.page.link.send({ do: "server", text: this.hex.value });
    this.hex.value = "";
  }

  _end() {
    this.page.link.send({ do: "server_end" });
    this.begin.focus();
  }
}
