// @ts-check
// The three lanes of a film on two stacked canvases: one that stands still until the view changes, one that moves.

import { el } from "./common.js";
import { departure, FilmStore, ITEM_KINDS, LANE_NAMES, ROLE_NAMES } from "./film_store.js";
import { LOST, Pen } from "./film_pen.js";

/** Heights in units of a fourteenth of the type size. */
const BAND = 22;
const STRIP = 80;
const GAP = 14;
/** Pixels that a second of the film has, if there is room, before anybody zooms. */
const SECOND = 38;
/** Pixels that an item needs for a card. */
const CARD_ROOM = 18;
/** Items under way whose place is marked. */
const MARKED = 64;
/** How much of what is still to come is covered. */
const VEIL = 0.86;

const [END, CUT] = ["end", "cut"].map((kind) => ITEM_KINDS.indexOf(kind));
const COLOURS = ["background", "foreground", "muted", "line", "bad"];

/** @typedef {import("./film_store.js").Item} Item */

export class Lanes {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {{seek: (at: number) => void, pick: (index: number) => void}} heard what a pointer does: a time, or a step
   */
  constructor(say, heard) {
    this.say = say;
    this.heard = heard;
    this.store = new FilmStore();
    /** @type {Record<string, any>} */
    this.looks = {};
    /** the part of the film that is in view, in its seconds */
    this.view = { from: 0, span: 1 };
    this.at = 0;
    this.width = 0;
    this.height = 0;
    this.unit = 1;
    this.gutter = 0;
    /** @type {Pen | undefined} of the layer that stands still */
    this.pen = undefined;
    /** @type {Pen | undefined} of the layer that moves */
    this.marker = undefined;
    /** more may still come: what has not arrived is not lost */
    this.live = false;
    /** how much of what is to come is covered: 1 hides it */
    this.veil = VEIL;
    /** @type {Set<number>} steps whose items are outlined */
    this.outlined = new Set();
    this.still = /** @type {HTMLCanvasElement} */ (el("canvas", { "aria-hidden": "true" }));
    this.moving = /** @type {HTMLCanvasElement} */ (el("canvas", { class: "wsedu-film-moving", "aria-hidden": "true" }));
    this.probe = el("span", { class: "wsedu-film-probe", "aria-hidden": "true" });
    this.root = el("div", { class: "wsedu-film-lanes", role: "img", "aria-label": say("film.lanes.label") }, this.still, this.moving, this.probe);
    this.root.addEventListener("pointerdown", (event) => this._pointed(event));
    this.root.addEventListener("pointermove", (event) => event.buttons & 1 && this._pointed(event));
    this.sizes = new ResizeObserver(() => this.repaint());
    this.sizes.observe(this.root);
    // JupyterLab hides the page for a moment when its theme changes; then there is nothing to paint on until the next frame.
    this.themes = new MutationObserver(() => requestAnimationFrame(() => this.repaint()));
    this.themes.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-name", "data-jp-theme-light", "data-vscode-theme-kind"] });
    this.queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
    this.repainted = () => this.repaint();
    for (const query of this.queries) query.addEventListener("change", this.repainted);
  }

  /**
   * Show another film.
   * @param {FilmStore} store
   * @param {Record<string, any>} looks
   */
  show(store, looks) {
    this.store = store;
    this.looks = looks;
    this.outlined = new Set();
    this.view = { from: 0, span: 0 };
    this.at = 0;
    this.repaint();
  }

  /** Take more of a film that goes on, and keep its end in view. @param {import("./film_store.js").Reel} reel */
  append(reel) {
    this.store.append(reel);
    this.follow();
  }

  /** Show the end of a film that goes on. */
  follow() {
    this.at = this.store.length;
    this.view.from = Math.max(0, this.at + 0.5 - this.view.span);
    this._still();
    this.draw(this.at);
  }

  /** Cover what is to come, so that nobody sees it, or let it shine through. @param {boolean} hidden */
  hide(hidden) {
    this.veil = hidden ? 1 : VEIL;
    this.draw(this.at);
  }

  /** Outline the items of some steps. @param {Iterable<number>} indexes */
  outline(indexes) {
    this.outlined = new Set(indexes);
    this._still();
    this.draw(this.at);
  }

  /** Zoom by a factor around where the film is; 0 shows all of it. @param {number} factor */
  zoom(factor) {
    const whole = this._whole();
    const span = factor ? Math.min(whole, Math.max(1, this.view.span / factor)) : whole;
    this.view = { from: Math.max(0, Math.min(this.at - span / 2, whole - span)), span };
    this._still();
    this.draw(this.at);
  }

  /** Measure everything anew and draw. */
  repaint() {
    const width = this.root.clientWidth;
    if (!width) return;
    const style = getComputedStyle(this.root);
    const { fontSize, fontFamily } = style;
    const letters = parseFloat(style.getPropertyValue("--wsedu-letters")) || 1;
    const unit = parseFloat(fontSize) / 14;
    this.unit = unit;
    const colours = Object.fromEntries(COLOURS.map((name) => [name, this._colour(name)]));
    this.width = width;
    this.height = Math.round((2 * BAND + 3 * STRIP + 4 * GAP) * unit);
    const [pen, marker] = [this.still, this.moving].map((canvas) => new Pen(this._sized(canvas), colours, unit, fontFamily, letters));
    this.pen = pen;
    this.marker = marker;
    pen.type(13, true);
    const names = [...LANE_NAMES, ...ROLE_NAMES].map((name) => this.say(`film.${name}`));
    const { context } = pen;
    this.gutter = 14 * unit + Math.max(...names.map((name) => context.measureText(name).width));
    const room = (width - this.gutter) / (SECOND * unit);
    if (!this.view.span) this.view.span = this.live ? room : Math.max(1, Math.min(this._whole(), room));
    this._still();
    this.draw(this.at);
  }

  /** @param {string} name */
  _colour(name) {
    this.probe.style.color = `var(--wsedu-${name})`;
    return getComputedStyle(this.probe).color;
  }

  /** @param {HTMLCanvasElement} canvas */
  _sized(canvas) {
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(this.width * scale);
    canvas.height = Math.round(this.height * scale);
    canvas.style.height = `${this.height}px`;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(scale, 0, 0, scale, 0, 0);
    return context;
  }

  /** Seconds of the whole film, and a little beyond its end. */
  _whole() {
    return this.store.length + 0.5;
  }

  /** Where a time of the film is, in pixels. @param {number} at */
  _x(at) {
    return this.gutter + ((at - this.view.from) / this.view.span) * (this.width - this.gutter - 8);
  }

  /** The upper and the lower edge of a lane. @param {number} lane */
  _edges(lane) {
    const top = (BAND + GAP + lane * (STRIP + GAP)) * this.unit;
    return [top, top + STRIP * this.unit];
  }

  /** The first and the last step in view. */
  _inView() {
    return [this.store.indexAt(this.view.from), this.store.indexAt(this.view.from + this.view.span)];
  }

  // --- The layer that stands still ---

  _still() {
    const { pen } = this;
    if (!pen) return;
    const { context } = pen;
    context.clearRect(0, 0, this.width, this.height);
    pen.drawn = [];
    LANE_NAMES.forEach((name, lane) => this._strip(pen, name, lane));
    ROLE_NAMES.forEach((name, role) => {
      pen.type(13, true);
      pen.write(this.say(`film.${name}`), 0, this._bandTop(role) + (BAND / 2) * this.unit);
    });
    context.save();
    context.beginPath();
    context.rect(this.gutter, 0, this.width - this.gutter, this.height);
    context.clip();
    ROLE_NAMES.forEach((_, role) => this._states(pen, role));
    LANE_NAMES.forEach((name, lane) => this._items(pen, name, lane));
    context.restore();
  }

  /** @param {number} role */
  _bandTop(role) {
    return role ? this.height - BAND * this.unit : 0;
  }

  /** @param {Pen} pen @param {string} name @param {number} lane */
  _strip(pen, name, lane) {
    const [top, bottom] = this._edges(lane);
    pen.context.strokeStyle = pen.colours.line;
    pen.context.lineWidth = 1;
    pen.context.beginPath();
    for (const y of [top, bottom]) {
      pen.context.moveTo(this.gutter, y);
      pen.context.lineTo(this.width, y);
    }
    pen.context.stroke();
    pen.type(13);
    pen.write(this.say(`film.${name}`), 0, (top + bottom) / 2);
  }

  /** @param {Pen} pen @param {number} role */
  _states(pen, role) {
    const { states, steps, count } = this.store;
    const top = this._bandTop(role);
    const height = BAND * this.unit;
    pen.type(11.5, true);
    if (!this.store.roles.has(role)) {
      if (count) pen.band(this.gutter, this.width, top, height, undefined);
      if (count) pen.write(this.say("film.unseen"), this.gutter + 5, top + height / 2);
      return;
    }
    const phases = states.filter((change, place) => !place || states[place - 1][2 * role + 2] !== change[2 * role + 2]);
    phases.forEach((change, place) => {
      const x = place ? this._x(steps.at[change[0]]) : this.gutter;
      const end = place + 1 < phases.length ? this._x(steps.at[phases[place + 1][0]]) : this.width;
      if (end < this.gutter || x > this.width || !count) return;
      const look = this.looks[change[2 * role + 1]];
      pen.band(x, end, top, height, look);
      const start = Math.max(x, this.gutter) + 5;
      const phase = change[2 * role + 2];
      if (pen.context.measureText(phase).width < end - start) pen.write(phase, start, top + height / 2, look?.fill ? look.ink : undefined);
    });
  }

  /** @param {Pen} pen @param {string} name @param {number} lane */
  _items(pen, name, lane) {
    const [first, last] = this._inView();
    const [from, to] = this.store.span(name, first, last);
    const items = this.store.lanes[name].slice(from, to);
    const courses = items.map((item) => this._course(item, lane));
    if ((this.width - this.gutter) / Math.max(1, items.length) < CARD_ROOM) {
      ITEM_KINDS.forEach((kind, number) => pen.dense(courses.filter((_, place) => items[place][2] === number), this.looks[kind]));
      return;
    }
    items.forEach((item, place) => pen.line(courses[place], this._look(item), this._isOutlined(item)));
    const right = [-Infinity, -Infinity];
    items.forEach((item, place) => {
      const label = item[6] || this.say("film.size", { count: item[7].toLocaleString("en-US") });
      // How a connection ends is always said.
      const shift = item[2] === END || item[2] === CUT ? 80 * this.unit : 0;
      right[item[1]] = pen.card(courses[place], this._look(item), label, this._isOutlined(item), right[item[1]], this.gutter, shift);
    });
  }

  /** @param {Item} item */
  _look(item) {
    return this.looks[ITEM_KINDS[item[2]]];
  }

  /** Where an item leaves and arrives. @param {Item} item @param {number} lane @returns {import("./film_pen.js").Course} */
  _course(item, lane) {
    const { at } = this.store.steps;
    const [top, bottom] = this._edges(lane);
    const [start, end] = item[1] ? [bottom, top] : [top, bottom];
    // Of a receiver that was not recorded nobody knows when it read.
    const lost = item[5] < 0 && !this.live && this.store.roles.has(1 - item[1]);
    const sent = this._x(at[item[4] >= 0 ? item[4] : item[5]]);
    if (item[2] === CUT) {
      const edge = start + Math.sign(end - start) * 12 * this.unit;
      return { sent, start: edge, came: sent, end: edge, lost: true, began: sent, cut: true };
    }
    const came = item[5] >= 0 ? this._x(at[item[5]]) : lost ? sent + 16 * this.unit : sent;
    return { sent, start, came, end: lost ? start + (end - start) * LOST : end, lost, began: item[3] >= 0 ? this._x(at[item[3]]) : sent, cut: false };
  }

  /** @param {Item} item */
  _isOutlined(item) {
    return this.outlined.has(item[3]) || this.outlined.has(item[5]);
  }

  // --- The layer that moves ---

  /** Show a moment. @param {number} at seconds of the film */
  draw(at) {
    this.at = at;
    const { marker } = this;
    if (!marker) return;
    const { from, span } = this.view;
    if (at < from || at > from + span) {
      // Turn the page: the film goes on at its left edge, or when it goes backwards, at its right.
      const last = this.live ? Infinity : this._whole() - span;
      this.view.from = Math.max(0, at < from ? at - span * 0.9 : Math.min(at - span * 0.1, last));
      this._still();
    }
    const { context, colours } = marker;
    const x = this._x(at);
    context.clearRect(0, 0, this.width, this.height);
    if (at < this.store.length) {
      context.globalAlpha = this.veil;
      context.fillStyle = colours.background;
      context.fillRect(x, 0, this.width - x, this.height);
      context.globalAlpha = 1;
    }
    context.fillStyle = colours.foreground;
    // Not through what is written: the bands of states are left out, and cards lie above it.
    const [top, bottom] = [BAND * this.unit + 2, this.height - BAND * this.unit - 2];
    context.fillRect(x - 1, top, 2, bottom - top);
    for (const card of this.pen?.drawn ?? []) if (card.x < x && x < card.x + card.width) card.again(marker);
    const index = this.store.indexAt(at);
    LANE_NAMES.forEach((name, lane) => this._underWay(marker, name, lane, index, x));
  }

  /** A dot on each item that is under way. @param {Pen} pen @param {string} name @param {number} lane @param {number} index @param {number} x */
  _underWay(pen, name, lane, index, x) {
    const [from, to] = this.store.span(name, index, index);
    for (let place = Math.max(from, to - MARKED); place < to; place++) {
      const item = this.store.lanes[name][place];
      const course = this._course(item, lane);
      if (x >= course.sent && x <= course.came) pen.dot(course, this._look(item), x);
    }
  }

  // --- The pointer ---

  /** @param {PointerEvent} event */
  _pointed(event) {
    const box = this.root.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    if (x < this.gutter) return;
    const at = this.view.from + ((x - this.gutter) / (this.width - this.gutter - 8)) * this.view.span;
    const found = event.type === "pointerdown" ? this._near(x, y) : -1;
    if (found >= 0) this.heard.pick(found);
    else this.heard.seek(Math.min(this.store.length, Math.max(0, at)));
  }

  /** The step of the item at a point, -1 if there is none: of its arrival if the point is nearer to that. @param {number} x @param {number} y */
  _near(x, y) {
    for (const [lane, name] of LANE_NAMES.entries()) {
      const [top, bottom] = this._edges(lane);
      if (y < top || y > bottom) continue;
      const [first, last] = this._inView();
      const [from, to] = this.store.span(name, first, last);
      let best = 10 * this.unit;
      let found = -1;
      for (let place = from; place < to; place++) {
        const item = this.store.lanes[name][place];
        const course = this._course(item, lane);
        const share = (y - course.start) / (course.end - course.start || 1);
        const away = Math.abs(course.sent + (course.came - course.sent) * share - x);
        if (share < 0 || share > 1 || away >= best) continue;
        best = away;
        found = item[5] >= 0 && share > 0.5 ? item[5] : departure(item);
      }
      return found;
    }
    return -1;
  }

  destroy() {
    this.sizes.disconnect();
    this.themes.disconnect();
    for (const query of this.queries) query.removeEventListener("change", this.repainted);
  }
}
