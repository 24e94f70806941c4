// @ts-check
// The steps of a film as a list: as many as fit are in the page, however many there are. It can be filtered.

import { el, set, write } from "./common.js";
import { FilmStore, ROLE_NAMES } from "./film_store.js";

/** Rows that stay in view before and after the current one. */
const AROUND = 3;

/** A time as its column has room for: to the microsecond, and from 10 s on to the millisecond. @param {number} seconds */
function milliseconds(seconds) {
  const digits = seconds < 10 ? 3 : 0;
  return (1000 * seconds).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export class StepList {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {(index: number) => void} pick called with the step that a user chooses
   */
  constructor(say, pick) {
    this.say = say;
    this.pick = pick;
    this.store = new FilmStore();
    this.current = 0;
    /** the last step that may be seen */
    this.until = Infinity;
    /** @type {number[]} the steps that pass the filter */
    this.shown = [];
    this.id = `wsedu-film-${Math.random().toString(36).slice(2)}`;
    this.group = this._choice("show", () => this.filter());
    this.way = this._choice("direction", () => this.filter());
    this.search = /** @type {HTMLInputElement} */ (el("input", { type: "search", class: "wsedu-film-search", oninput: () => this.filter() }));
    this.count = el("span", { class: "wsedu-muted", role: "status" });
    this.every = el("button", { type: "button", class: "wsedu-film-every", hidden: true, onclick: () => this.clear() }, say("film.search.all"));
    this.rows = el("div", { class: "wsedu-film-rows", role: "presentation" });
    this.list = el(
      "div",
      { class: "wsedu-film-list", role: "listbox", tabindex: "0", "aria-label": say("film.steps"), onscroll: () => this._draw(), onclick: (/** @type {MouseEvent} */ event) => this._clicked(event), onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) },
      this.rows,
    );
    this.root = el(
      "section",
      { class: "wsedu-film-steps", "aria-label": say("film.steps") },
      el(
        "div",
        { class: "wsedu-row wsedu-film-filter" },
        el("label", {}, say("film.show"), " ", this.group),
        el("label", {}, say("film.direction"), " ", this.way),
        el("label", {}, say("film.search"), " ", this.search),
        this.count,
        this.every,
      ),
      this.list,
    );
    this.sizes = new ResizeObserver(() => this._draw());
    this.sizes.observe(this.list);
  }

  /** @param {string} name @param {() => void} changed */
  _choice(name, changed) {
    return /** @type {HTMLSelectElement} */ (el("select", { class: `wsedu-film-${name}`, onchange: changed }));
  }

  /** @param {HTMLSelectElement} choice @param {string} prefix @param {string[]} names */
  _fill(choice, prefix, names) {
    choice.replaceChildren(...names.map((name) => el("option", { value: name }, this.say(`film.${prefix}.${name}`))));
  }

  /**
   * Show the steps of a film.
   * @param {FilmStore} store
   * @param {string[]} groups what steps can be about
   */
  show(store, groups) {
    this.store = store;
    this.groups = groups;
    this.current = 0;
    if (!this.group.options.length) {
      this._fill(this.group, "group", ["all", ...groups]);
      this._fill(this.way, "way", ["all", "0", "1"]);
    }
    this.filter();
  }

  /** Find the steps that are wanted, and show those around the current one. */
  filter() {
    const { group, way, title, note, who } = this.store.steps;
    const wanted = this.groups?.indexOf(this.group.value) ?? -1;
    const towards = this.way.value === "all" || !this.way.value ? -1 : Number(this.way.value);
    const sought = this.search.value.trim().toLowerCase();
    // Each text is looked at once, however many steps have it.
    const fits = this.store.texts.map((text) => text.toLowerCase().includes(sought));
    this.shown = [];
    for (let index = 0; index < this.store.count && index <= this.until; index++) {
      if (wanted >= 0 && group[index] !== wanted) continue;
      if (towards >= 0 && way[index] !== towards) continue;
      if (sought && !fits[title[index]] && !fits[note[index]] && !this.who(who[index]).toLowerCase().includes(sought)) continue;
      this.shown.push(index);
    }
    write(this.count, this.shown.length ? this.say("film.steps.of", { shown: this.shown.length.toLocaleString("en-US"), count: this.store.count }) : this.say("film.search.none"));
    set(this.every, { hidden: this.shown.length > 0 });
    this.list.scrollTop = 0;
    this.go(this.current);
  }

  /** Show every step. */
  clear() {
    this.group.value = this.way.value = "all";
    this.search.value = "";
    this.filter();
    this.group.focus();
  }

  /** Keep what comes after a step to ourselves; Infinity shows everything. @param {number} index */
  hide(index) {
    if (index === this.until) return;
    this.until = index;
    this.filter();
  }

  /** @param {number} number */
  who(number) {
    return number < 0 ? "" : this.say(`film.${ROLE_NAMES[number] ?? "network"}`);
  }

  /** Mark a step, and bring it into view. @param {number} index */
  go(index) {
    this.current = index;
    const place = this._place(index);
    const height = this._fit();
    if (place >= 0) {
      const top = place * height;
      const { scrollTop, clientHeight } = this.list;
      // With some of what comes before and after it.
      const around = AROUND * height;
      if (top - around < scrollTop) this.list.scrollTop = top - around;
      else if (top + height + around > scrollTop + clientHeight) this.list.scrollTop = top + height + around - clientHeight;
    }
    this._draw();
  }

  /** The place of a step among those that are shown, -1 if it is not. @param {number} index */
  _place(index) {
    let low = 0;
    let high = this.shown.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.shown[middle] < index) low = middle + 1;
      else high = middle;
    }
    return this.shown[low] === index ? low : -1;
  }

  _height() {
    return 2 * parseFloat(getComputedStyle(this.list).fontSize);
  }

  /** Make room for every step that is shown: the list is as high as they are, up to its most. */
  _fit() {
    const height = this._height();
    this.rows.style.height = `${this.shown.length * height}px`;
    return height;
  }

  _draw() {
    const height = this._fit();
    const first = Math.floor(this.list.scrollTop / height);
    const last = Math.min(this.shown.length, Math.ceil((this.list.scrollTop + this.list.clientHeight) / height));
    while (this.rows.children.length > Math.max(0, last - first)) this.rows.lastElementChild?.remove();
    while (this.rows.children.length < last - first) this.rows.append(this._new());
    for (let place = first; place < last; place++) this._row(/** @type {HTMLElement} */ (this.rows.children[place - first]), place, height);
    const marked = this._place(this.current);
    set(this.list, { "aria-activedescendant": marked >= first && marked < last ? `${this.id}-${marked}` : null });
  }

  _new() {
    const cells = ["number", "time", "who", "title", "note"].map((name) => el("span", { class: `wsedu-film-${name}` }));
    return el("div", { class: "wsedu-film-row", role: "option" }, ...cells);
  }

  /** @param {HTMLElement} row @param {number} place @param {number} height */
  _row(row, place, height) {
    const index = this.shown[place];
    const { n, t, who, way, group } = this.store.steps;
    const arrow = way[index] < 0 ? "" : way[index] ? "◀ " : "▶ ";
    const texts = [n[index].toLocaleString("en-US"), `${milliseconds(t[index])} ${this.say("film.ms")}`, this.who(who[index]), arrow + this.store.title(index), this.store.note(index)];
    texts.forEach((text, cell) => write(row.children[cell], text));
    row.style.transform = `translateY(${place * height}px)`;
    const kind = this.groups?.[group[index]];
    set(row, {
      id: `${this.id}-${place}`,
      class: `wsedu-film-row wsedu-film-is-${kind}${kind === "violation" ? " wsedu-bad" : ""}`,
      "aria-selected": index === this.current ? "true" : "false",
      "aria-setsize": this.shown.length,
      "aria-posinset": place + 1,
      "data-index": index,
    });
  }

  /** @param {MouseEvent} event */
  _clicked(event) {
    const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-index]"));
    if (row) this.pick(Number(row.dataset.index));
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const by = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1 })[event.key];
    if (!by || !this.shown.length) return;
    event.preventDefault();
    event.stopPropagation();
    // From a step that is filtered out, to the next one that is not.
    const after = this.shown.findIndex((index) => index >= this.current);
    const exact = this.shown[after] === this.current;
    const place = after < 0 ? this.shown.length - (by < 0 ? 1 : 0) : exact || by < 0 ? after + by : after;
    if (this.shown[place] !== undefined) this.pick(this.shown[place]);
  }

  destroy() {
    this.sizes.disconnect();
  }
}
