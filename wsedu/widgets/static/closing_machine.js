// @ts-check
// The page of `ClosingMachine`. Which states, arrows and moments there are, and what can happen next, comes from Python.

import { el, Link, problemLine, set, speaker, tell, waitingFor, write } from "./common.js";
import { StateDiagram } from "./state_diagram.js";
import { EventBar } from "./event_bar.js";

/**
 * @typedef {{phase: string, state: string, means: string, moved: string, edge: string[] | null, sees: string, code: number | null, clean?: boolean | null}} End
 * @typedef {{n: number, who: string, title: string, sentence: string, section: string, tcp: string, client: End, server: End, way: Record<string, string[]>}} Moment
 */

const ROLES = /** @type {const} */ (["client", "server"]);

class ClosingPage {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.say = speaker(model.get("words"));
    this.link = new Link(model);
    this.at = 0;
    this.diagram = new StateDiagram(this.say, model.get("state").diagram);
    this.buttons = this._buttons();
    const { line, stop } = problemLine(model, this.say, this.link);
    this.stop = stop;
    this.sentence = el("p", { class: "wsedu-closing-sentence", "aria-live": "polite" });
    /** @type {Record<string, Record<string, HTMLElement>>} */
    this.said = {};
    /** @type {Record<string, EventBar>} */
    this.bars = {};
    this.tcp = el("span", {});
    const ends = el("div", { class: "wsedu-closing-ends" }, ...ROLES.map((role) => this._end(role)));
    this.root = el(
      "section",
      { class: "wsedu wsedu-closing", lang: this.say("lang"), "aria-label": this.say("machine.title"), "data-lm-suppress-shortcuts": "true", onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) },
      this._top(),
      this._steps(),
      el("div", { class: "wsedu-closing-stage" }, el("div", { class: "wsedu-closing-now" }, this.sentence, line), this.diagram.root, this._bottom(), ends),
      this._table(),
    );
    host.append(this.root);
    this.follow = () => this.show();
    model.on("change:state", this.follow);
    this.link.shows = this.follow;
    this.show();
  }

  // --- The parts of the page ---

  _top() {
    this.source = el("select", { onchange: () => this.link.send({ do: "watch", source: this.chosen() }) });
    this.hint = el("p", { class: "wsedu-lead wsedu-closing-hint" });
    const title = el("h2", { class: "wsedu-title" }, this.say("machine.title"));
    const source = el("label", { class: "wsedu-row" }, this.say("machine.source"), this.source);
    return el("div", {}, el("div", { class: "wsedu-row" }, title, source), this.hint);
  }

  chosen() {
    return /** @type {HTMLSelectElement} */ (this.source).value;
  }

  _buttons() {
    const button = (/** @type {string} */ key, /** @type {string} */ mark, /** @type {() => void} */ onclick) =>
      el("button", { class: "wsedu-icon", "data-icon": mark, type: "button", "aria-label": this.say(`machine.${key}`), title: this.say(`machine.${key}`), onclick });
    return {
      first: button("first", "|◀", () => this.go(0)),
      back: button("back", "◀", () => this.go(this.at - 1)),
      next: button("next", "▶", () => this.go(this.at + 1)),
      last: button("last", "▶|", () => this.go(this.moments().length - 1)),
    };
  }

  _steps() {
    this.slider = el("input", {
      type: "range",
      min: "0",
      "aria-label": this.say("machine.moment"),
      oninput: () => this.go(Number(/** @type {HTMLInputElement} */ (this.slider).value)),
    });
    this.place = el("span", { class: "wsedu-muted" });
    this.more = el("span", { class: "wsedu-closing-more" });
    const { first, back, next, last } = this.buttons;
    return el("div", { class: "wsedu-row wsedu-closing-steps" }, first, back, next, last, this.slider, this.place, this.more);
  }

  /** @param {string} role */
  _end(role) {
    const names = ["state", "means", "moved", "application", "way"];
    const facts = Object.fromEntries(names.map((name) => [name, el("dd", {})]));
    this.said[role] = facts;
    const who = { who: this.say(`machine.who.${role}`) };
    const list = el("dl", { class: "wsedu-closing-said" });
    for (const name of names) list.append(el("dt", {}, this.say(`machine.${name}`, who)), facts[name]);
    this.bars[role] = new EventBar(this.say, this.say("machine.events", who), (name) => this.act(role, name));
    const badge = el("span", { class: `wsedu-badge wsedu-icon wsedu-badge-${role}`, "data-icon": role[0].toUpperCase() });
    return el("div", { class: "wsedu-closing-end" }, el("h3", {}, badge, this.say(`machine.${role}`)), list, this.bars[role].root);
  }

  _bottom() {
    const typed = (/** @type {string} */ label, /** @type {Record<string, any>} */ attributes) => {
      const input = /** @type {HTMLInputElement} */ (el("input", { autocomplete: "off", spellcheck: "false", ...attributes }));
      return { input, whole: el("label", { class: "wsedu-row" }, label, input) };
    };
    const code = typed(this.say("machine.code"), { value: "1000", size: "6", inputmode: "numeric", placeholder: "—", title: this.say("machine.code.hint") });
    const reason = typed(this.say("machine.reason"), { value: "", size: "16" });
    reason.whole.classList.add("wsedu-closing-reason");
    this.code = code.input;
    this.reason = reason.input;
    this.undo = el("button", { type: "button", onclick: () => this.link.send({ do: "undo" }) }, this.say("machine.undo"));
    this.cut = el("button", { type: "button", onclick: () => this.act(null, "cut") }, this.say("machine.cut"));
    this.doing = el("div", { class: "wsedu-row" }, code.whole, reason.whole, this.cut, this.undo);
    const tcp = el("p", { class: "wsedu-closing-tcp" }, this.tcp);
    return el("div", { class: "wsedu-closing-bottom" }, tcp, this.doing, el("p", { class: "wsedu-muted wsedu-closing-key" }, this.say("machine.key")));
  }

  _table() {
    const who = ROLES.map((role) => this.say("machine.action.of", { who: this.say(`machine.who.${role}`) }));
    const heads = [this.say("machine.before.state"), this.say("machine.event"), this.say("machine.after"), ...who, this.say("machine.section")];
    this.rows = this.model.get("state").rows.map((/** @type {string[]} */ row) => el("tr", { "data-before": row[0], "data-after": row[2] }, ...row.map((cell) => el("td", {}, cell))));
    const head = el("thead", {}, el("tr", {}, ...heads.map((text) => el("th", { scope: "col" }, text))));
    const body = el("tbody", {}, ...this.rows);
    const scroll = el("div", { class: "wsedu-closing-scroll", tabindex: "0", role: "region", "aria-label": this.say("machine.table") }, el("table", {}, head, body));
    return el("details", { class: "wsedu-closing-table" }, el("summary", {}, this.say("machine.table")), el("p", { class: "wsedu-muted" }, this.say("machine.table.note")), scroll);
  }

  // --- What the user does ---

  /** @returns {Moment[]} */
  moments() {
    return this.model.get("state").moments;
  }

  /** @param {number} at */
  go(at) {
    if (at < 0 || at >= this.moments().length || at === this.at) return;
    this.link.send({ do: "go", at });
  }

  /** @param {string | null} who @param {string} happening */
  act(who, happening) {
    this.link.send({ do: "act", who, happening, code: this.code?.value, reason: this.reason?.value });
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const step = { PageDown: 1, PageUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.go(this.at + step);
  }

  // --- What is shown ---

  show() {
    const state = this.model.get("state");
    const pending = this.link.settle();
    const moves = pending.filter((entry) => entry.act.do === "go");
    const wanted = moves.length ? moves[moves.length - 1].act.at : state.at;
    this.at = Math.min(wanted, state.moments.length - 1);
    set(this.root, { "aria-busy": this.link.busy ? "true" : "false" });
    this._source(state);
    this._place(state.moments.length);
    /** @type {Moment} */
    const now = state.moments[this.at];
    // Moments are here beforehand; what an event brings is not.
    this.waiting = pending.length > moves.length ? waitingFor(this.say, this.link) : "";
    tell(this.sentence, now.section ? this.say("machine.cited", now) : now.sentence, this.waiting);
    tell(this.tcp, now.tcp, this.waiting);
    this.diagram.show(now);
    for (const role of ROLES) this._tell(role, now);
    for (const row of this.rows) {
      const taken = ROLES.some((role) => now[role].edge?.[0] === row.dataset.before && now[role].edge?.[1] === row.dataset.after);
      set(row, { class: taken ? "wsedu-closing-taken" : null });
    }
    this._offer(state);
  }

  /** @param {any} state */
  _source(state) {
    const select = /** @type {HTMLSelectElement} */ (this.source);
    if (select.options.length !== state.sources.length)
      select.replaceChildren(...state.sources.map((/** @type {string[]} */ [value, name]) => el("option", { value }, name)));
    if (!this.link.awaits("watch")) select.value = state.source;
    if (this.hint) write(this.hint, this.say(state.events ? "machine.lead" : "machine.watching"));
  }

  /** @param {number} count */
  _place(count) {
    const facts = { number: this.at, count: count - 1 };
    const slider = /** @type {HTMLInputElement} */ (this.slider);
    slider.max = String(count - 1);
    slider.value = String(this.at);
    set(slider, { "aria-valuetext": this.say("machine.moment.of", facts) });
    if (this.place) write(this.place, this.say("machine.moment.of", facts));
    for (const name of /** @type {const} */ (["first", "back"])) set(this.buttons[name], { "aria-disabled": this.at === 0 ? "true" : null });
    for (const name of /** @type {const} */ (["next", "last"])) set(this.buttons[name], { "aria-disabled": this.at === count - 1 ? "true" : null });
  }

  /** @param {"client" | "server"} role @param {Moment} now */
  _tell(role, now) {
    const end = now[role];
    const facts = this.said[role];
    const phase = end.state && end.state !== end.phase ? this.say("machine.finer", end) : end.phase;
    const { waiting = "" } = this;
    tell(facts.state, phase || this.say("machine.none"), waiting);
    tell(facts.means, end.means, waiting);
    tell(facts.moved, end.moved || this.say("machine.moved.not"), waiting);
    tell(facts.application, end.sees, waiting);
    set(facts.application, { class: waiting ? "wsedu-muted" : end.clean === true ? "wsedu-good" : end.clean === false ? "wsedu-bad" : null });
    tell(facts.way, now.way[role].join(", ") || this.say("machine.way.nothing"), waiting);
  }

  /** @param {any} state */
  _offer(state) {
    const count = state.moments.length - 1 - this.at;
    const earlier = count ? this.say("machine.earlier", { count }) : "";
    // Whoever acts goes on by this button, moment by moment: it says how many there still are.
    if (this.more) write(this.more, state.events ? earlier : "");
    set(this.buttons.next, { class: state.events && count ? "wsedu-icon wsedu-strong" : "wsedu-icon" });
    if (this.doing) set(this.doing, { hidden: !state.events });
    for (const role of ROLES) {
      const events = state.events?.[role] ?? [];
      this.bars[role].show(events.map((/** @type {any} */ one) => ({ ...one, why: earlier || one.why })));
    }
    if (this.cut) set(this.cut, { disabled: Boolean(earlier || state.cut), title: earlier || state.cut || null });
    if (this.undo) set(this.undo, { disabled: !state.undo });
  }

  destroy() {
    this.stop();
    this.model.off("change:state", this.follow);
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const page = new ClosingPage(model, host);
  return () => page.destroy();
}

export default { render };
