// @ts-check
// The head of a film: what it is a film of, what else could be recorded, and where both endpoints stand.

import { el, set, write } from "./common.js";
import { ROLE_NAMES } from "./film_store.js";

export class FilmHead {
  /** @param {any} page a `FilmPage` */
  constructor(page) {
    this.page = page;
    this.say = page.say;
    /** @type {Record<string, any>} */
    this.looks = {};
    /** @type {any} the film that is shown */
    this.film = {};
    this.about = el("p", { class: "wsedu-film-about" });
    this.lacks = el("p", { class: "wsedu-problem", role: "note", hidden: true });
    this.again = el("button", { type: "button", class: "wsedu-film-again", onclick: () => page.record(null) }, this.say("film.again"));
    this.scenarios = /** @type {HTMLSelectElement} */ (el("select", { class: "wsedu-film-scenarios", onchange: () => page.record(this.scenarios.value) }));
    this.connections = /** @type {HTMLSelectElement} */ (el("select", { onchange: () => page.link.send({ do: "connection", number: JSON.parse(this.connections.value) }) }));
    this.connectionLabel = el("label", { hidden: true }, this.say("film.connection"), " ", this.connections);
    this.projector = el("button", { type: "button", class: "wsedu-film-project", "aria-pressed": "false", onclick: () => page.project() }, this.say("film.projector"));
    this.keys = el("button", { type: "button", "aria-haspopup": "dialog", onclick: () => page.help.showModal() }, this.say("film.help"));
    this.states = ROLE_NAMES.map((role) => el("span", { class: `wsedu-film-state wsedu-film-state-${role}` }));
    this.position = el("span", { class: "wsedu-film-position", title: this.say("film.numbers") });
    this.share = el("span", { class: "wsedu-muted wsedu-film-share", title: this.say("film.numbers") });
    const label = el("label", {}, this.say("film.scenario"), " ", this.scenarios);
    /** what only Python can do */
    this.asks = [this.again, label, this.connectionLabel, page.opening.root];
    this.root = el(
      "div",
      { class: "wsedu-film-head" },
      el("div", { class: "wsedu-row wsedu-film-top" }, this.about, this.again, label, this.connectionLabel, page.opening.root, this.projector, this.keys),
      this.lacks,
      el("div", { class: "wsedu-row wsedu-film-states", role: "group", "aria-label": this.say("film.states") }, ...this.states, this.position, this.share),
    );
  }

  /** Another film. @param {any} film */
  show(film) {
    this.looks = film.looks;
    this.film = film;
    write(this.lacks, film.lacks);
    set(this.lacks, { hidden: !film.lacks });
    set(this.again, { disabled: !film.again });
    this._menu(film);
    set(this.connectionLabel, { hidden: film.connections.length < 2 });
    const option = (/** @type {any} */ number) => el("option", { value: JSON.stringify(number), selected: number === film.connection }, String(number ?? "–"));
    this.connections.replaceChildren(...film.connections.map(option));
  }

  /**
   * Say that a film is being recorded, and which.
   * @param {{act: Record<string, any>}[]} records that Python has not answered
   */
  wait(records) {
    const wished = records.map((entry) => entry.act.scenario).filter(Boolean).pop() ?? this.film.scenario;
    write(this.about, records.length ? this.say("film.recording") : this.film.about);
    this.scenarios.value = this.film.menu.includes(wished) ? wished : "";
  }

  /** @param {any} film */
  _menu(film) {
    const option = (/** @type {string} */ name) => el("option", { value: name, selected: name === film.scenario }, this.say(`scenario.${name}`));
    const real = film.menu.filter((/** @type {string} */ name) => !film.virtual.includes(name));
    this.scenarios.replaceChildren(...real.map(option), el("optgroup", { label: this.say("film.virtual") }, ...film.virtual.map(option)));
    if (!film.menu.includes(film.scenario)) this.scenarios.prepend(el("option", { value: "", selected: true }, film.scenario || this.say("film.own")));
  }

  /** At a coarse level the numbers of steps have gaps: say how many are shown. @param {number} shown @param {number} count @param {number} level */
  sparse(shown, count, level) {
    const facts = { level: this.say(`film.level.${level}`), shown: shown.toLocaleString("en-US"), count: count.toLocaleString("en-US") };
    write(this.share, shown < count ? this.say("film.share", facts) : "");
    set(this.share, { hidden: shown >= count });
  }

  /**
   * Where the film is.
   * @param {string} position in words
   * @param {{state: string, phase: string}[]} states of both endpoints
   */
  at(position, states) {
    write(this.position, position);
    states.forEach(({ state, phase }, role) => {
      const node = this.states[role];
      write(node, this.say("film.state", { who: this.say(`film.${ROLE_NAMES[role]}`), state: phase || this.say("film.unseen") }));
      if (node.dataset.state === state) return;
      const look = this.looks[state];
      node.dataset.state = state;
      node.style.background = look?.fill || "transparent";
      node.style.color = look?.fill ? look.ink : "inherit";
    });
  }
}
