// @ts-check
// The page of `LiveExchange`. It says what shall be done, and shows what Python says has happened.

import { el, Link, problemLine, set, speaker, watchKernel, write } from "./common.js";
import { FilmStore, ROLE_NAMES } from "./film_store.js";
import { Lanes } from "./film_lanes.js";
import { LiveControls } from "./live_controls.js";
import { LiveFrames } from "./live_frames.js";

/**
 * @typedef {{uri: string, own: boolean, opening: boolean, states: (string | null)[], failure: string, steps: number, beat: number}} Status
 * @typedef {{kind: string, film: number, reel: import("./film_store.js").Reel, frames: import("./live_frames.js").Frame[], said: string, skipped: number, broke: string, illegal: [number, string] | null, since: number, status: Status}} Portion
 */

/** Milliseconds between two sentences that are read out. */
const READING = 1000;
/** Milliseconds between two drawings, at least: half of what the screen shows one picture for. */
const SPARED = 8;
/** Beats of the session's thread that may be missing. */
const MISSING = 4;

class LivePage {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.say = speaker(model.get("words"));
    this.link = new Link(model);
    this.film = 0;
    this.skipped = 0;
    this.said = "";
    /** @type {Status} */
    this.status = { uri: "", own: !model.get("state").address, opening: false, states: [null, null], failure: "", steps: 0, beat: 0 };
    /** @type {number[]} when what has come since the last picture began to happen, in seconds since 1970 */
    this.news = [];
    this.picture = 0;
    /** when the last picture was drawn, in milliseconds */
    this.painted = 0;
    this.reading = 0;
    this.beat = 0;
    /** @type {string | null} the film that is open below */
    this.opened = null;
    /** @type {any} its view */
    this.view = null;
    /** whether somebody has pressed for it */
    this.wanted = false;
    /** @type {ResizeObserver | undefined} */
    this.growing = undefined;
    this.missing = false;
    this.lost = false;
    // The parts of the page.
    const say = this.say;
    const state = this.model.get("state");
    this.lanes = new Lanes(say, { seek: () => {}, pick: () => {} });
    this.lanes.live = true;
    this.lanes.veil = 0;
    set(this.lanes.root, { "aria-label": say("live.lanes") });
    this.controls = new LiveControls(say, state, (act) => this.link.send(act));
    this.frames = new LiveFrames(say);
    this.address = el("code", { class: "wsedu-mono" });
    this.states = ROLE_NAMES.map((role) => el("span", { class: `wsedu-film-state wsedu-film-state-${role}` }));
    this.problem = problemLine(this.model, say, this.link, () => [this.controls.root]);
    this.failure = el("p", { class: "wsedu-problem", role: "alert", hidden: true });
    this.sentence = el("p", { class: "wsedu-live-said", "aria-live": "polite" });
    // What a broken rule was stays, however much follows from it.
    this.why = el("span");
    this.broke = el("p", { class: "wsedu-live-broke", role: "note", hidden: true }, el("strong", {}, `✕ ${say("live.broke")}:`), " ", this.why);
    this.count = el("span", { class: "wsedu-live-count" });
    this.lacks = el("p", { class: "wsedu-live-lacks", hidden: true });
    this.open = el("button", { type: "button", onclick: () => this._film() }, say("live.film"));
    this.below = el("div", { class: "wsedu-live-film" });
    this.whose = el("span", { class: "wsedu-muted" });
    const about = el("p", { class: "wsedu-live-about" }, this.address, this.whose);
    const middle = el("div", { class: "wsedu-row wsedu-live-states" }, ...this.states, this.count, this.open);
    const parts = [about, middle, this.controls.root, this.problem.line, this.failure, this.sentence, this.broke, this.lanes.root, this.lacks, this.frames.root, this.below];
    this.root = el("section", { class: "wsedu wsedu-film wsedu-live", lang: say("lang"), "aria-label": say("live.title"), "data-lm-suppress-shortcuts": "true" }, ...parts);
    host.append(this.root);
    // Tests and other scripts of the page reach the picture here.
    Object.assign(this.root, { wsedu: this });
    /** @type {[string, (...heard: any[]) => void][]} */
    this.hears = [
      ["change:state", () => this._state()],
      ["msg:custom", (/** @type {any} */ message) => message.kind === "portion" && this._take(message)],
    ];
    for (const [event, heard] of this.hears) model.on(event, heard);
    this.unwatch = watchKernel(model, () => this._lose());
    this._hello();
    this._state();
    this.show();
  }

  // --- What comes from Python ---

  /** Ask for everything that has happened so far. */
  _hello() {
    this.film = -1;
    this.link.send({ do: "hello", view: this.link.view });
  }

  /** @param {Portion} portion */
  _take(portion) {
    clearTimeout(this.beat);
    if (portion.status.beat) this.beat = setTimeout(() => this._miss(), MISSING * portion.status.beat * 1000);
    this.missing = false;
    if (portion.film !== this.film) {
      // A film that this page has not seen from its beginning is asked for: its hello is on its way.
      if (portion.reel.first) return;
      this.film = portion.film;
      this.frames.clear();
      write(this.why, "");
      this.lanes.live = true;
      this.lanes.show(new FilmStore(), this.model.get("state").looks);
    } else if (portion.reel.first !== this.lanes.store.count) {
      this._hello();
      return;
    }
    this.lanes.store.append(portion.reel);
    this.frames.take(portion.frames);
    this.frames.mark(portion.illegal);
    if (portion.broke) write(this.why, portion.broke);
    set(this.broke, { hidden: !this.why.textContent });
    this.skipped = portion.skipped;
    this.status = portion.status;
    this.said = portion.said || this.said;
    this.news.push(portion.since);
    if (performance.now() - this.painted >= SPARED) this._paint();
    else if (!this.picture) this.picture = requestAnimationFrame(() => this._paint());
  }

  /** Draw what is new at once; what comes right behind it, together, when the screen shows the next picture. */
  _paint() {
    cancelAnimationFrame(this.picture);
    this.picture = 0;
    this.painted = performance.now();
    // Once nobody is there any more, what has not arrived is lost.
    this.lanes.live = this.status.opening || this.status.states.some((state) => state !== null && state !== "CLOSED");
    this.lanes.follow();
    this.show();
    // For whoever measures: how old what is shown now is, in milliseconds.
    const now = performance.timeOrigin + performance.now();
    const detail = this.news.map((since) => now - since * 1000);
    this.news = [];
    this.root.dispatchEvent(new CustomEvent("wsedu-shown", { detail, bubbles: true }));
  }

  _state() {
    this.link.settle();
    const film = this.model.get("state").film;
    if (film && film !== this.opened) this._mount(film);
  }

  /** The session's thread is not heard of any more, though nobody has ended it. */
  _miss() {
    this.missing = true;
    this.show();
  }

  _lose() {
    this.lost = true;
    this.show();
  }

  // --- What is shown ---

  show() {
    const { uri, own, opening, states, failure, steps } = this.status;
    const looks = this.model.get("state").looks;
    write(this.address, uri);
    write(this.whose, this.say(own ? "live.own" : "live.foreign"));
    ROLE_NAMES.forEach((role, place) => {
      const name = states[place] ?? this.say(place && !own ? "live.state.foreign" : "live.state.none");
      const look = looks[states[place] ?? ""] ?? {};
      write(this.states[place], this.say("live.state", { who: this.say(`film.${role}`), state: name }));
      set(this.states[place], { "data-state": states[place], style: look.fill ? `background:${look.fill};color:${look.ink}` : null });
    });
    const lacks = this.missing ? this.say("shared.lost") : failure;
    set(this.failure, { hidden: !lacks || this.lost });
    write(this.failure, lacks);
    write(this.count, this.say("live.steps", { count: steps }));
    set(this.lacks, { hidden: !this.skipped });
    write(this.lacks, this.skipped ? this.say("live.skipped", { count: this.skipped }) : "");
    this.controls.show(states, opening, Boolean(this.lost || this.missing), own);
    set(this.open, { "aria-disabled": String(!steps || Boolean(this.lost)) });
    if (!this.reading) this._read();
  }

  /** The newest sentence at once, but not more often than somebody can listen. */
  _read() {
    const sentence = this.status.opening ? this.say("live.opening") : this.said || this.say("live.nothing");
    this.reading = 0;
    if (sentence === this.sentence.textContent) return;
    write(this.sentence, sentence);
    this.reading = setTimeout(() => this._read(), READING);
  }

  // --- A film of it ---

  _film() {
    if (this.open.getAttribute("aria-disabled") === "true") return;
    this.wanted = true;
    this.link.send({ do: "film" });
  }

  /** Show a widget of Python's below, where the host can. @param {string} id */
  async _mount(id) {
    this.opened = id;
    const manager = this.model.widget_manager;
    if (!manager?.create_view) {
      this.below.replaceChildren(el("p", {}, this.say("live.film.line")));
      return;
    }
    const view = await manager.create_view(await manager.get_model(id));
    this.view?.remove();
    this.view = view;
    const heading = el("h3", { tabindex: "-1" }, this.say("live.film.heading"));
    this.below.replaceChildren(heading, view.el);
    // Not when the page is only opened again with a film in it.
    if (this.wanted) this._come(heading);
    this.wanted = false;
  }

  /** Bring the film to whoever has asked for it, and again when there is enough of it to scroll to. @param {HTMLElement} heading */
  _come(heading) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    heading.focus({ preventScroll: true });
    this.growing?.disconnect();
    this.growing = new ResizeObserver(() => {
      if (document.activeElement === heading) heading.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
      if (this.below.offsetHeight > window.innerHeight || document.activeElement !== heading) this.growing?.disconnect();
    });
    this.growing.observe(this.below);
  }

  destroy() {
    this.growing?.disconnect();
    this.problem.stop();
    this.unwatch();
    this.lanes.destroy();
    this.view?.remove();
    cancelAnimationFrame(this.picture);
    clearTimeout(this.reading);
    clearTimeout(this.beat);
    for (const [event, heard] of this.hears) this.model.off(event, heard);
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const page = new LivePage(model, host);
  return () => page.destroy();
}

export default { render };
