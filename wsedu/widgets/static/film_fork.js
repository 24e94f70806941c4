// @ts-check
// Another future under the film: the same past, one fault, and what differs outlined.

import { el, set, write } from "./common.js";
import { FilmStore } from "./film_store.js";
import { Lanes } from "./film_lanes.js";
import { FilmFaults } from "./film_faults.js";

export class FilmFork {
  /** @param {any} page a `FilmPage` */
  constructor(page) {
    this.page = page;
    this.say = page.say;
    this.faults = new FilmFaults(this.say, () => this.fork());
    this.here = el("button", { type: "button", class: "wsedu-film-fork-here", onclick: () => this.fork() }, this.say("fork.here"));
    this.about = el("p", {}, "");
    this.counts = el("p", { class: "wsedu-film-fork-told", role: "status" });
    /** @type {Lanes | null} made when there is a fork */
    this.lanes = null;
    this.picture = el("div");
    this.store = new FilmStore();
    this.scrubber = /** @type {HTMLInputElement} */ (el("input", { type: "range", min: 0, step: 1, class: "wsedu-film-fork-scrubber", "aria-label": this.say("fork.scrub"), oninput: () => this._go(Number(this.scrubber.value)) }));
    this.scrubber.addEventListener("keydown", (event) => event.stopPropagation());
    this.just = el("p", { "aria-live": "polite" });
    this.lists = el("div", { class: "wsedu-film-fork-lists" });
    this.close = el("button", { type: "button", onclick: () => this._close() }, this.say("fork.close"));
    this.other = el("div", { class: "wsedu-film-other", hidden: true }, this.about, this.counts, this.picture, this.scrubber, this.just, this.lists, this.close);
    this.root = el(
      "section",
      { class: "wsedu-film-panel wsedu-film-fork", "aria-label": this.say("fork.title") },
      el("div", { class: "wsedu-row" }, ...this.faults.parts, this.here),
      this.other,
    );
    /** @type {any} */
    this.drawn = null;
    /** whether somebody waits for the fork here: then it comes into view */
    this.awaited = false;
  }

  /** @param {any} state */
  show(state) {
    this.faults.show(state.faults);
    const forked = this.page.model.get("forked");
    if (forked === this.drawn) {
      // Python has answered without one: it could not be made.
      if (!this.page.link.awaits("fork")) this.awaited = false;
      return;
    }
    this.drawn = forked;
    set(this.other, { hidden: !forked.reel });
    this.destroy();
    this.page.lanes.outline(forked.missing ?? []);
    if (!forked.reel) return;
    write(this.about, forked.about);
    write(this.counts, forked.told);
    this.store = new FilmStore();
    this.store.append(forked.reel);
    this.lanes = new Lanes(this.say, { seek: (at) => this._seek(at), pick: (index) => this._go(index) });
    set(this.lanes.root, { "aria-label": this.say("fork.title") });
    this.picture.append(this.lanes.root);
    this.lanes.show(this.store, this.page.film.looks);
    this.lanes.outline(forked.outlined);
    this.lists.replaceChildren(...["new", "gone"].map((name) => this._list(name, forked[name])));
    set(this.scrubber, { max: Math.max(0, this.store.count - 1) });
    this._go(forked.outlined[0] ?? 0);
    if (this.awaited) this.other.scrollIntoView({ block: "nearest", behavior: this.page.calm.matches ? "instant" : "smooth" });
    this.awaited = false;
  }

  /** @param {string} name @param {string[]} lines */
  _list(name, lines) {
    const rows = lines.map((line) => el("li", {}, line));
    return el("div", { class: `wsedu-film-fork-${name}` }, el("h4", {}, this.say(`fork.${name}`)), el("ul", { role: "list", "aria-label": this.say(`fork.${name}`) }, ...rows));
  }

  /** Fork at the step that the film shows. */
  fork() {
    this.page.pause();
    this.awaited = true;
    this.page.link.send({ do: "fork", n: this.page.store.steps.n[this.page.current], ...this.faults.chosen });
  }

  _close() {
    this.page.link.send({ do: "unfork" });
    this.here.focus();
  }

  /** @param {number} at seconds of the film */
  _seek(at) {
    this._at(this.store.indexAt(at), at);
  }

  /** @param {number} index */
  _go(index) {
    this._at(index, this.store.steps.at[index] ?? 0);
  }

  /** @param {number} index @param {number} at */
  _at(index, at) {
    this.scrubber.value = String(index);
    this.lanes?.draw(at);
    const who = this.page.list.who(this.store.steps.who[index]);
    const what = this.store.title(index);
    write(this.just, this.say(who ? "film.next.who" : "film.next.nobody", { who, what }));
    set(this.scrubber, { "aria-valuetext": what });
  }

  /** Put the picture away, and stop watching its size. */
  destroy() {
    this.lanes?.destroy();
    this.lanes?.root.remove();
    this.lanes = null;
  }
}
