// @ts-check
// The controls of a film: play, step, a scrubber with marks, speed, zoom, detail.

import { el, set } from "./common.js";
import { FilmStore } from "./film_store.js";

/** Times the pace at which every sentence can be read: see `film_pace.js`. */
const SPEEDS = [0.5, 1, 2, 5, 20, 100, 1000];
const LEVELS = [0, 1, 2];
/** Marks that the scrubber has room for. */
const MARKS_SHOWN = 60;

export class Transport {
  /** @param {any} page a `FilmPage` */
  constructor(page) {
    this.page = page;
    this.say = page.say;
    this.speed = 1;
    this.play = this._button("play", "▶", () => page.toggle());
    this.scrubber = /** @type {HTMLInputElement} */ (
      el("input", { type: "range", class: "wsedu-film-scrubber", min: 0, step: 1, "aria-label": this.say("film.scrubber"), oninput: () => page.go(Number(this.scrubber.value)) })
    );
    this.marks = el("div", { class: "wsedu-film-marks", "aria-hidden": "true" });
    this.speeds = this._choice("speed", SPEEDS.map((times) => [times, this.say("film.speed.value", { times: times < 1 ? `1/${1 / times}` : times })]), (value) => (this.speed = value));
    this.speeds.value = "1";
    this.levels = this._choice("level", LEVELS.map((level) => [level, this.say(`film.level.${level}`)]), (value) => page.link.send({ do: "level", level: value }));
    this.root = el(
      "div",
      { class: "wsedu-film-transport" },
      el(
        "div",
        { class: "wsedu-row", role: "group", "aria-label": this.say("film.play") },
        this._button("start", "|◀", () => page.go(0)),
        this._button("back", "◀", () => page.step(-1)),
        this.play,
        this._button("forward", "▶|", () => page.step(1)),
        this._button("end", "▶▶|", () => page.go(page.store.count - 1)),
      ),
      el("div", { class: "wsedu-film-track" }, this.marks, this.scrubber),
      el(
        "div",
        { class: "wsedu-row wsedu-film-options" },
        el("label", {}, this.say("film.speed"), " ", this.speeds),
        el("label", {}, this.say("film.level"), " ", this.levels),
        el("span", { class: "wsedu-row", role: "group", "aria-label": this.say("film.zoom") }, this._button("zoom.out", "−", () => page.lanes.zoom(0.5)), this._button("zoom.in", "+", () => page.lanes.zoom(2)), this._button("zoom.all", "↔", () => page.lanes.zoom(0))),
        el("span", { class: "wsedu-muted" }, this.say("film.legend")),
      ),
    );
  }

  /** @param {string} name @param {string} sign @param {() => void} pressed */
  _button(name, sign, pressed) {
    return el("button", { type: "button", class: `wsedu-film-${name.replace(".", "-")}`, "aria-label": this.say(`film.${name}`), title: this.say(`film.${name}`), "data-sign": sign, onclick: pressed });
  }

  /** @param {string} name @param {[number, string][]} values @param {(value: number) => void} chosen */
  _choice(name, values, chosen) {
    const choice = /** @type {HTMLSelectElement} */ (el("select", { class: `wsedu-film-choice-${name}` }, ...values.map(([value, text]) => el("option", { value }, text))));
    choice.addEventListener("change", () => chosen(Number(choice.value)));
    return choice;
  }

  /** Show another film. @param {FilmStore} store @param {number} level */
  show(store, level) {
    set(this.scrubber, { max: Math.max(0, store.count - 1) });
    this.levels.value = String(level);
    this.mark(store, []);
  }

  /**
   * Put the marks on the track: changes of state, and steps with a question.
   * @param {FilmStore} store
   * @param {number[]} questions indexes of steps
   */
  mark(store, questions) {
    const last = Math.max(1, store.count - 1);
    const places = [
      ...store.states.slice(1).map((change) => /** @type {[number, string]} */ ([change[0], "◆"])),
      ...questions.map((index) => /** @type {[number, string]} */ ([index, "?"])),
    ];
    this.marks.replaceChildren(...places.slice(0, MARKS_SHOWN).map(([index, sign]) => el("span", { style: `left:${(100 * index) / last}%`, "data-sign": sign })));
  }

  /** Say where the film is. @param {number} index @param {string} position @param {string} title @param {boolean} playing */
  at(index, position, title, playing) {
    if (this.scrubber.value !== String(index)) this.scrubber.value = String(index);
    set(this.scrubber, { "aria-valuetext": this.say("film.scrubber.at", { position, title }) });
    const name = this.say(playing ? "film.pause" : "film.play");
    set(this.play, { "data-sign": playing ? "||" : "▶", "aria-label": name, title: name });
  }
}
