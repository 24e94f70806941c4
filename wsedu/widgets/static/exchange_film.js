// @ts-check
// The page of `ExchangeFilm`. It plays what Python has made of a trace; it decodes nothing.

import { el, Link, problemLine, set, speaker, write } from "./common.js";
import { FilmHead } from "./film_head.js";
import { FilmOpen } from "./film_open.js";
import { FilmStore } from "./film_store.js";
import { Lanes } from "./film_lanes.js";
import { StepList } from "./film_steps.js";
import { StepDetail } from "./film_detail.js";
import { Transport } from "./film_transport.js";
import { FilmPredict } from "./film_predict.js";
import { FilmFork } from "./film_fork.js";
import { FilmServer } from "./film_server.js";
import { keyHelp, pressed } from "./film_keys.js";
import { advanced } from "./film_pace.js";

/** The panels below the controls: classes with `root` and `show(state)`, made with this page. */
/** @type {(new (page: FilmPage) => {root: HTMLElement, show: (state: any) => void, fork?: () => void, destroy?: () => void})[]} */
const PANELS = [FilmPredict, FilmFork, FilmServer];
const TITLED = ["ask", "fork", "server"];

/** Milliseconds between two updates of what is read, not watched, while the film runs. */
const READING = 250;

export class FilmPage {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.say = speaker(model.get("words"));
    this.link = new Link(model);
    this.store = new FilmStore();
    /** @type {any} what Python sent last */
    this.film = {};
    /** @type {Map<number, any>} details of steps, by index */
    this.details = new Map();
    /** the step whose details were asked for, -1 for none */
    this.asked = -1;
    this.wished = 0;
    this.current = 0;
    this.at = 0;
    this.playing = false;
    this.full = false;
    this.hidden = false;
    /** whether the film asks questions */
    this.asks = false;
    this.then = 0;
    this.frame = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.reading = undefined;
    /** @type {((index: number) => void)[]} */
    this.heard = [];
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.opening = new FilmOpen(this);
    this.head = new FilmHead(this);
    // A film goes on without Python; what only Python can do does not.
    this.problem = problemLine(model, this.say, this.link, () => [...this.head.asks, ...this.panels.map((panel) => panel.root)]);
    this.lanes = new Lanes(this.say, { seek: (at) => this.seek(at), pick: (index) => this.go(index) });
    this.transport = new Transport(this);
    this.just = el("span");
    this.next = el("span");
    this.told = el("div", { class: "wsedu-film-told", "aria-live": "polite" });
    this.list = new StepList(this.say, (index) => this.go(index));
    this.detail = new StepDetail(this.say);
    this.scale = el("p", { class: "wsedu-muted wsedu-film-scale" });
    this.help = keyHelp(this.say);
    this.panels = PANELS.map((Panel) => new Panel(this));
    this.root = el("section", { class: "wsedu wsedu-film", lang: this.say("lang"), "aria-label": this.say("film.title"), tabindex: "-1", "data-lm-suppress-shortcuts": "true" });
    this.root.addEventListener("keydown", (event) => pressed(this, event));
    this.unfull = () => this.full && document.fullscreenElement !== this.root && this._projected(false);
    document.addEventListener("fullscreenchange", this.unfull);
    this._lay();
    host.append(this.root, this.opening.below);
    // Tests and other scripts of the page reach the player here.
    Object.assign(this.root, { wsedu: this });
    this.followFilm = () => this._develop();
    this.followState = () => this.show();
    this.link.shows = () => this._wait();
    model.on("change:film", this.followFilm);
    model.on("change:state", this.followState);
    this._develop();
  }

  /** Put the parts in their places. */
  _lay() {
    const [just, next] = [this.say("film.just"), this.say("film.next")];
    this.told.append(el("p", {}, el("strong", {}, just), " ", this.just), el("p", { class: "wsedu-muted" }, el("strong", {}, next), " ", this.next));
    const below = el("div", { class: "wsedu-film-below" }, this.list.root, this.detail.root);
    const panels = el("div", { class: "wsedu-film-panels" }, ...this.panels.map((panel) => panel.root));
    // What a panel is for, before anybody presses anything.
    this.panels.forEach(({ root }, place) => root.prepend(el("h4", {}, this.say(`${TITLED[place]}.title`)), el("p", { class: "wsedu-muted" }, this.say(`${TITLED[place]}.what`))));
    this.root.append(this.head.root, this.problem.line, this.lanes.root, this.transport.root, this.told, panels, below, this.scale, this.help);
  }

  // --- What Python sends ---

  /** Another film: from its beginning. */
  _develop() {
    const film = this.model.get("film");
    this.film = film;
    this.pause();
    this.details.clear();
    this.asked = -1;
    this.wished = 0;
    this.store = new FilmStore();
    this.store.append(film.reel);
    write(this.scale, this.say("film.stretched", film.stretch));
    this.head.show(film);
    this.head.sparse(this.store.count, this.store.steps.n[this.store.count - 1] ?? 0, film.level);
    this.lanes.show(this.store, film.looks);
    this.transport.show(this.store, film.level);
    this.list.show(this.store, film.groups);
    this._take(this.model.get("state"));
    this.go(0);
    this.show();
  }

  /** Details of steps, and whatever the panels show. */
  show() {
    const state = this.model.get("state");
    this.link.settle();
    this._wait();
    if (!this._take(state)) return;
    const [number, index] = state.wish.length ? state.wish : [0, 0];
    if (number > this.wished) {
      this.wished = number;
      this.go(index);
    }
    for (const panel of this.panels) panel.show(state);
    this.opening.show(state);
    this._read();
  }

  /** Say whether something waits for Python. Details that are fetched ahead keep nobody waiting. */
  _wait() {
    const pending = this.link.busy ? this.link.pending : [];
    set(this.root, { "aria-busy": pending.some((entry) => entry.act.do !== "look") ? "true" : "false" });
    this.head.wait(pending.filter((entry) => entry.act.do === "record"));
  }

  /** Keep the details that came; gives whether they are of this film. @param {any} state */
  _take(state) {
    if (state.edition !== this.film.edition) return false;
    state.details.forEach((/** @type {any} */ detail, /** @type {number} */ place) => this.details.set(state.first + place, detail));
    this.asked = -1;
    return true;
  }

  // --- Where the film is ---

  /** Have a function called with the index of each step that the film comes to. @param {(index: number) => void} callback */
  onstep(callback) {
    this.heard.push(callback);
  }

  /** Show a step. @param {number} index */
  go(index) {
    this.pause();
    const place = Math.max(0, Math.min(this.store.count - 1, index));
    this.at = this.store.steps.at[place] ?? 0;
    this._come(place);
    this._read();
  }

  /** @param {number} by */
  step(by) {
    this.go(this.current + by);
  }

  /** Show a moment, which may lie between two steps. @param {number} at seconds of the film */
  seek(at) {
    this.pause();
    this.at = at;
    this._come(this.store.indexAt(at));
    this._readSoon();
  }

  toggle() {
    if (this.playing) return this.pause();
    if (!this.store.count) return;
    if (this.current >= this.store.count - 1) this.go(0);
    this.playing = true;
    set(this.told, { "aria-live": "off" });
    this.then = performance.now();
    this.frame = requestAnimationFrame((now) => this._play(now));
    this._come(this.current);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.frame);
    set(this.told, { "aria-live": "polite" });
    this._come(this.current);
    this._read();
  }

  /** One picture. @param {number} now */
  _play(now) {
    const length = this.store.length;
    const seconds = (Math.max(0, now - this.then) / 1000) * this.transport.speed;
    this.at = advanced(this.store, this.at, seconds, (index) => this.details.get(index)?.sentence ?? this.store.title(index));
    this.then = now;
    this._come(this.store.indexAt(this.at));
    if (!this.playing) return;
    if (this.at >= length) return this.pause();
    this._readSoon();
    this.frame = requestAnimationFrame((next) => this._play(next));
  }

  /** What is watched: the lanes, the states, the position. @param {number} index */
  _come(index) {
    const came = index !== this.current;
    this.current = index;
    // Without motion the film jumps from step to step.
    this.lanes.draw(this.calm.matches ? (this.store.steps.at[index] ?? 0) : this.at);
    if (!this.store.count) return;
    const { n } = this.store.steps;
    const position = this.say("film.position", { index: n[index].toLocaleString("en-US"), count: n[this.store.count - 1].toLocaleString("en-US") });
    this.head.at(position, this.store.stateAt(index));
    this.transport.at(index, position, this.store.title(index), this.playing);
    if (came) for (const callback of this.heard) callback(index);
  }

  // --- What is read ---

  _readSoon() {
    this.reading ??= setTimeout(() => this._read(), READING);
  }

  _read() {
    clearTimeout(this.reading);
    this.reading = undefined;
    const index = this.current;
    if (!this.store.count) return;
    const { n, who } = this.store.steps;
    const detail = this.details.get(index);
    const title = this.store.title(index);
    write(this.just, detail ? detail.sentence : title);
    if (this.hidden) this.list.hide(index);
    write(this.next, this.hidden ? "?" : index + 1 < this.store.count ? this.whoDoes(index + 1) : this.say("film.next.none"));
    this.list.go(index);
    // Faster than it can be read, it is not shown.
    if (!this.playing || this.transport.speed <= 2) this.detail.show(this.say("film.row", { number: n[index].toLocaleString("en-US"), who: this.list.who(who[index]), title, note: "" }), detail);
    const [before, after] = [Math.max(0, index - 3), Math.min(this.store.count - 1, index + 3)];
    if (this.asked < 0 && !(detail && this.details.has(before) && this.details.has(after))) {
      this.asked = index;
      this.link.send({ do: "look", index });
    }
  }

  /** Who does what at a step, in a few words. @param {number} index */
  whoDoes(index) {
    const who = this.list.who(this.store.steps.who[index]);
    return this.say(who ? "film.next.who" : "film.next.nobody", { who, what: this.store.title(index) });
  }

  // --- What panels and keys ask for ---

  /** Mark steps with a question. @param {number[]} indexes */
  question(indexes) {
    this.transport.mark(this.store, indexes);
  }

  /** Say whether the film asks questions. @param {boolean} on */
  ask(on) {
    this.asks = on;
    this._cover();
  }

  /** The lanes do not show what a class is asked about: on a projector, and while there are questions. */
  _cover() {
    this.lanes.hide(this.hidden || this.asks || this.root.classList.contains("wsedu-projector"));
  }

  /** Hide what is to come in the lanes, in the list and in words, or show it again. @param {boolean} hidden */
  hide(hidden) {
    this.hidden = hidden;
    this._cover();
    this.list.hide(hidden ? this.current : Infinity);
    this._read();
  }

  /** Record a scenario; null for the same again. @param {string | null} scenario */
  record(scenario) {
    if (scenario !== "") this.link.send({ do: "record", scenario });
  }

  /** Fork here, if there is a panel for it. */
  fork() {
    for (const panel of this.panels) panel.fork?.();
  }

  /** To and from big type on the whole screen, where the browser allows that. */
  project() {
    const on = !this.root.classList.contains("wsedu-projector");
    this._projected(on);
    if (on) this.root.requestFullscreen?.().then(() => (this.full = true), () => (this.full = false));
    else if (document.fullscreenElement === this.root) document.exitFullscreen();
  }

  /** @param {boolean} on */
  _projected(on) {
    if (!on) this.full = false;
    this.root.classList.toggle("wsedu-projector", on);
    set(this.head.projector, { "aria-pressed": on ? "true" : "false" });
    this._cover();
    this.lanes.view.span = 0;
    this.lanes.repaint();
    this.list.go(this.current);
    if (on) this.root.focus();
  }

  destroy() {
    this.pause();
    clearTimeout(this.reading);
    this.problem.stop();
    this.lanes.destroy();
    for (const panel of this.panels) panel.destroy?.();
    this.list.destroy();
    this.opening.destroy();
    document.removeEventListener("fullscreenchange", this.unfull);
    this.model.off("change:film", this.followFilm);
    this.model.off("change:state", this.followState);
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const page = new FilmPage(model, host);
  return () => page.destroy();
}

export default { render };
