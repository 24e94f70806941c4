// @ts-check
// The three lanes of a film on two stacked canvases: one that stands still until the view changes, one that moves.

import { el } from "./common.js";
import { departure, FilmStore, LANE_NAMES, ITEM_KINDS, ROLE_NAMES } from "./film_store.js";

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
    this.themes = new MutationObserver(() => this.repaint());
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
    this.at = this.store.length;
    this.view.from = Math.max(0, this.at + 0.5 - this.view.span);
    this._still();
    this.draw(this.at);
  }

  /** Zoom by a factor around where the film is; 0 shows all of it. @param {number} factor */
  zoom(factor) {
    const whole = this.store.length + 0.5;
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
    this.unit = parseFloat(style.fontSize) / 14;
    this.font = style.fontFamily;
    const height = Math.round((2 * BAND + 3 * STRIP + 4 * GAP) * this.unit);
    this.width = width;
    this.height = height;
    const scale = window.devicePixelRatio || 1;
    for (const canvas of [this.still, this.moving]) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.style.height = `${height}px`;
      this._context(canvas).setTransform(scale, 0, 0, scale, 0, 0);
    }
    this.colours = Object.fromEntries(["background", "foreground", "muted", "line", "bad"].map((name) => [name, this._colour(name)]));
    const context = this._context(this.still);
    context.font = this._font(13, true);
    this.gutter = 14 * this.unit + Math.max(...[...LANE_NAMES, ...ROLE_NAMES].map((name) => context.measureText(this.say(`film.${name}`)).width));
    const whole = this.store.length + 0.5;
    const room = (width - this.gutter) / (SECOND * this.unit);
    if (!this.view.span) this.view.span = this.live ? room : Math.min(whole, Math.max(room, 1));
    this._still();
    this.draw(this.at);
  }

  /** @param {string} name */
  _colour(name) {
    this.probe.style.color = `var(--wsedu-${name})`;
    return getComputedStyle(this.probe).color;
  }

  /** @param {HTMLCanvasElement} canvas */
  _context(canvas) {
    return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** @param {number} size @param {boolean} [bold] */
  _font(size, bold) {
    return `${bold ? "bold " : ""}${size * this.unit}px ${this.font}`;
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

  // --- The layer that stands still ---

  _still() {
    if (!this.width) return;
    const context = this._context(this.still);
    context.clearRect(0, 0, this.width, this.height);
    const first = this.store.indexAt(this.view.from);
    const last = this.store.indexAt(this.view.from + this.view.span);
    LANE_NAMES.forEach((name, lane) => this._strip(context, name, lane));
    context.save();
    context.beginPath();
    context.rect(this.gutter, 0, this.width - this.gutter, this.height);
    context.clip();
    ROLE_NAMES.forEach((_, role) => this._states(context, role, first, last));
    LANE_NAMES.forEach((name, lane) => this._items(context, name, lane, first, last));
    context.restore();
    ROLE_NAMES.forEach((name, role) => {
      context.font = this._font(13, true);
      context.fillStyle = this.colours.foreground;
      context.textBaseline = "middle";
      context.fillText(this.say(`film.${name}`), 0, this._bandTop(role) + (BAND / 2) * this.unit);
    });
  }

  /** @param {number} role */
  _bandTop(role) {
    return role ? this.height - BAND * this.unit : 0;
  }

  /** @param {CanvasRenderingContext2D} context @param {string} name @param {number} lane */
  _strip(context, name, lane) {
    const [top, bottom] = this._edges(lane);
    context.strokeStyle = this.colours.line;
    context.lineWidth = 1;
    context.beginPath();
    for (const y of [top, bottom]) {
      context.moveTo(this.gutter, y);
      context.lineTo(this.width, y);
    }
    context.stroke();
    context.font = this._font(13);
    context.fillStyle = this.colours.foreground;
    context.textBaseline = "middle";
    context.fillText(this.say(`film.${name}`), 0, (top + bottom) / 2);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} role @param {number} first @param {number} last */
  _states(context, role, first, last) {
    const { states, steps } = this.store;
    const top = this._bandTop(role);
    const height = BAND * this.unit;
    context.font = this._font(11.5, true);
    let right = 0;
    for (let place = 0; place < states.length; place++) {
      const [from, ...parts] = states[place];
      const phase = parts[2 * role + 1];
      if (place && states[place - 1][2 * role + 2] === phase) continue;
      let next = place + 1;
      while (next < states.length && states[next][2 * role + 2] === phase) next++;
      const until = next < states.length ? states[next][0] : this.store.count - 1;
      if (until < first || from > last) continue;
      const x = place ? this._x(steps.at[from]) : this.gutter;
      const end = next < states.length ? this._x(steps.at[until]) : this.width;
      const look = this.looks[parts[2 * role]] ?? {};
      context.globalAlpha = 1;
      if (look.fill) {
        context.fillStyle = look.fill;
        context.fillRect(x, top, end - x, height);
      }
      context.strokeStyle = this.colours.foreground;
      context.setLineDash(look.fill ? [] : [4, 3]);
      context.strokeRect(x + 0.5, top + 0.5, end - x - 1, height - 1);
      context.setLineDash([]);
      const start = Math.max(x, this.gutter) + 5;
      if (context.measureText(phase).width < end - start && start >= right) {
        context.fillStyle = look.fill ? look.ink : this.colours.foreground;
        context.fillText(phase, start, top + height / 2);
        right = start;
      }
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {string} name @param {number} lane @param {number} first @param {number} last */
  _items(context, name, lane, first, last) {
    const [from, to] = this.store.span(name, first, last);
    const room = (this.width - this.gutter) / Math.max(1, to - from);
    const items = this.store.lanes[name];
    if (room < CARD_ROOM) {
      ITEM_KINDS.forEach((kind, number) => this._dense(context, items, from, to, lane, number, this.looks[kind]));
      return;
    }
    const right = [-Infinity, -Infinity];
    for (let place = from; place < to; place++) this._line(context, items[place], lane);
    for (let place = from; place < to; place++) this._card(context, items[place], lane, right);
  }

  /** Where an item leaves and arrives: its x and y at both ends, and whether it arrives. @param {Item} item @param {number} lane */
  _course(item, lane) {
    const { at } = this.store.steps;
    const [top, bottom] = this._edges(lane);
    const [start, end] = item[1] ? [bottom, top] : [top, bottom];
    const seen = this.store.roles.has(1 - item[1]);
    const sent = item[4] >= 0 ? this._x(at[item[4]]) : this._x(at[item[5]]);
    const came = item[5] >= 0 ? this._x(at[item[5]]) : seen ? sent + 10 * this.unit : sent;
    const lost = item[5] < 0 && seen;
    return { sent, start, came, end: lost ? (start + end) / 2 : end, lost, began: item[3] >= 0 ? this._x(at[item[3]]) : sent };
  }

  /** Many items of one kind, each no more than a line, in one stroke. */
  /** @param {CanvasRenderingContext2D} context @param {Item[]} items @param {number} from @param {number} to @param {number} lane @param {number} kind @param {any} look */
  _dense(context, items, from, to, lane, kind, look) {
    context.beginPath();
    for (let place = from; place < to; place++) {
      if (items[place][2] !== kind) continue;
      const course = this._course(items[place], lane);
      context.moveTo(course.sent, course.start);
      context.lineTo(course.came, course.end);
    }
    context.strokeStyle = look.fill || this.colours.foreground;
    context.lineWidth = 1.5;
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {Item} item @param {number} lane */
  _line(context, item, lane) {
    const course = this._course(item, lane);
    const look = this.looks[ITEM_KINDS[item[2]]];
    if (course.began < course.sent && look.fill) {
      // What is sent piece by piece arrives as one.
      context.globalAlpha = 0.35;
      context.fillStyle = look.fill;
      context.beginPath();
      context.moveTo(course.began, course.start);
      context.lineTo(course.sent, course.start);
      context.lineTo(course.came, course.end);
      context.fill();
      context.globalAlpha = 1;
    }
    if (this._isOutlined(item)) {
      context.strokeStyle = this.colours.bad;
      context.lineWidth = 9 * this.unit;
      context.globalAlpha = 0.45;
      this._stroke(context, course);
      context.globalAlpha = 1;
    }
    context.strokeStyle = this.colours.foreground;
    context.lineWidth = Math.max(1.4, look.width * 0.7) * this.unit;
    context.setLineDash(look.dashes);
    this._stroke(context, course);
    context.setLineDash([]);
    if (course.lost) this._cross(context, course);
    else this._tip(context, course);
  }

  /** @param {Item} item */
  _isOutlined(item) {
    return this.outlined.has(item[3]) || this.outlined.has(item[5]);
  }

  /** @param {CanvasRenderingContext2D} context @param {any} course */
  _stroke(context, course) {
    context.beginPath();
    context.moveTo(course.sent, course.start);
    context.lineTo(course.came, course.end);
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {any} course */
  _tip(context, course) {
    const size = 4 * this.unit;
    const way = Math.sign(course.end - course.start);
    const angle = Math.atan2(course.end - course.start, course.came - course.sent);
    context.fillStyle = this.colours.foreground;
    context.beginPath();
    context.moveTo(course.came, course.end);
    for (const turn of [-0.45, 0.45]) context.lineTo(course.came - 2.2 * size * Math.cos(angle + turn), course.end - 2.2 * size * Math.sin(angle + turn) * Math.abs(way));
    context.fill();
  }

  /** @param {CanvasRenderingContext2D} context @param {any} course */
  _cross(context, course) {
    if (this.live) return;
    const size = 5 * this.unit;
    context.strokeStyle = this.colours.bad;
    context.lineWidth = 2.5 * this.unit;
    context.beginPath();
    for (const slope of [1, -1]) {
      context.moveTo(course.came - size, course.end - size * slope);
      context.lineTo(course.came + size, course.end + size * slope);
    }
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {Item} item @param {number} lane @param {number[]} right */
  _card(context, item, lane, right) {
    const course = this._course(item, lane);
    const look = this.looks[ITEM_KINDS[item[2]]];
    const label = item[6] || this.say("film.size", { count: item[7].toLocaleString("en-US") });
    context.font = this._font(11.5, true);
    const width = context.measureText(label).width + 10 * this.unit;
    const height = 18 * this.unit;
    // The cards of each direction have a row of their own, next to where they come from.
    const share = course.lost ? 0.25 : 0.32;
    const finish = course.lost ? 2 * course.end - course.start : course.end;
    const y = course.start + (finish - course.start) * share;
    const x = course.sent + (course.came - course.sent) * share - width / 2;
    if (x < right[item[1]] + 3) return;
    right[item[1]] = x + width;
    context.beginPath();
    context.roundRect(x, y - height / 2, width, height, 4 * this.unit);
    context.fillStyle = look.fill || this.colours.background;
    context.fill();
    context.strokeStyle = this._isOutlined(item) ? this.colours.bad : this.colours.foreground;
    context.lineWidth = this._isOutlined(item) ? 3 * this.unit : 1;
    context.stroke();
    context.fillStyle = look.fill ? look.ink : this.colours.foreground;
    context.fillText(label, x + 5 * this.unit, y + 0.5);
  }

  // --- The layer that moves ---

  /** Show a moment. @param {number} at seconds of the film */
  draw(at) {
    this.at = at;
    if (!this.width) return;
    const { from, span } = this.view;
    if (at < from || at > from + span) {
      // Turn the page: the film goes on at its left edge, or when it goes backwards, at its right.
      this.view.from = Math.max(0, at < from ? at - span * 0.9 : at - span * 0.1);
      this._still();
    }
    const context = this._context(this.moving);
    context.clearRect(0, 0, this.width, this.height);
    const x = this._x(at);
    context.globalAlpha = this.veil;
    context.fillStyle = this.colours.background;
    context.fillRect(x, 0, this.width - x, this.height);
    context.globalAlpha = 1;
    context.fillStyle = this.colours.foreground;
    context.fillRect(x - 1, 0, 2, this.height);
    LANE_NAMES.forEach((name, lane) => this._underWay(context, name, lane, at, x));
  }

  /** A dot on each item that is under way. @param {CanvasRenderingContext2D} context @param {string} name @param {number} lane @param {number} at @param {number} x */
  _underWay(context, name, lane, at, x) {
    const index = this.store.indexAt(at);
    const [from, to] = this.store.span(name, index, index);
    const items = this.store.lanes[name];
    for (let place = Math.max(from, to - MARKED); place < to; place++) {
      const course = this._course(items[place], lane);
      if (x < course.sent || x > course.came) continue;
      const share = course.came > course.sent ? (x - course.sent) / (course.came - course.sent) : 1;
      const look = this.looks[ITEM_KINDS[items[place][2]]];
      context.beginPath();
      context.arc(x, course.start + (course.end - course.start) * share, 5.5 * this.unit, 0, 2 * Math.PI);
      context.fillStyle = look.fill || this.colours.background;
      context.fill();
      context.strokeStyle = this.colours.foreground;
      context.lineWidth = 1.5 * this.unit;
      context.stroke();
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
      const [from, to] = this.store.span(name, this.store.indexAt(this.view.from), this.store.indexAt(this.view.from + this.view.span));
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
