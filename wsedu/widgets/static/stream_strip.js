// @ts-check
// Frames as one ribbon of bytes, with cuts that can be dragged: TCP does not keep frames together.

import { BuilderPanel } from "./builder_panel.js";
import { el, set, write } from "./common.js";

/**
 * @typedef {{piece: string, just: string, gave: string, needs: string}} StreamEntry
 * @typedef {{size: number, bytes: [string, string, string, number][], cuts: number[], pieces: number, fed: number, read: number, next: number[], reader: string, log: StreamEntry[], added: number, whole: boolean, limit: number}} Strip
 */

export class StreamStrip extends BuilderPanel {
  /** @param {import("./builder_panel.js").PanelHost} host */
  constructor(host) {
    super(host, "stream");
    const { say } = this;
    /** @type {Strip | null} */
    this.made = null;
    /** @type {number[]} cuts as shown: those of Python, or where one is being moved */
    this.cuts = [];
    this.current = 0;
    this.dragged = -1;
    this.from = -1;
    this.ribbon = el("div", {
      class: "wsedu-ribbon", role: "group", "aria-label": say("stream.ribbon"),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
      onpointerdown: (/** @type {PointerEvent} */ event) => this._down(event),
      onpointermove: (/** @type {PointerEvent} */ event) => this._moved(event),
      onpointerup: (/** @type {PointerEvent} */ event) => this._up(event),
      onpointercancel: () => { this.dragged = -1; this._again(); },
    });
    this.size = el("p", { class: "wsedu-muted" });
    this.note = el("p", { class: "wsedu-muted" });
    this.removing = this.button("stream.remove", () => this.send({ do: "stream_remove" }));
    this.stepping = this.button("stream.step", () => this.send({ do: "stream_step" }));
    this.resetting = this.button("stream.reset", () => this.send({ do: "stream_reset" }));
    const add = ["ping", "again"].map((what) => this.button(`stream.add.${what}`, () => this.send({ do: "stream_add", what })));
    const cut = ["none", "bytes", "frames"].map((how) => this.button(`stream.cuts.${how}`, () => this.send({ do: "stream_cuts", how })));
    const adding = this.button("stream.cuts.add", () => this._add());
    this.log = el("tbody", {});
    this.table = el("table", { class: "wsedu-stream-log" },
      el("caption", { class: "wsedu-hidden-text" }, say("stream.title")),
      el("thead", {}, el("tr", {}, ...["piece", "just", "gave", "needs"].map((name) => el("th", { scope: "col" }, say(`stream.${name}`))))),
      this.log);
    this.nothing = el("p", {}, say("stream.nothing"));
    this.told = el("p", { class: "wsedu-panel-sentence", "aria-live": "polite" });
    this.root.append(
      el("p", {}, say("stream.intro")),
      el("div", { class: "wsedu-row" }, ...add, this.removing),
      el("div", { class: "wsedu-row" }, ...cut, adding),
      this.ribbon, this.size, this.note,
      el("div", { class: "wsedu-row" }, this.stepping, this.resetting),
      this.nothing, this.told, this.table);
  }

  /** @param {any} state @param {any} _known */
  show(state, _known) {
    const made = /** @type {Strip} */ (state.stream);
    this.made = made;
    this.busy();
    if (this.dragged < 0 && !this.waitsFor("stream_move")) this.cuts = made.cuts;
    this._again();
    write(this.size, this.say("stream.size", made));
    const hidden = made.size - made.bytes.length;
    const notes = [hidden > 0 ? this.say("stream.more", { count: hidden }) : "", made.whole ? "" : this.say("stream.long", { limit: made.limit })];
    write(this.note, notes.filter(Boolean).join(" "));
    set(this.removing, { disabled: !made.added });
    set(this.stepping, { disabled: made.fed >= made.pieces });
    set(this.resetting, { disabled: !made.fed });
    set(this.nothing, { hidden: made.fed > 0 });
    set(this.table, { hidden: !made.fed });
    this._list(made.log);
  }

  /** @param {StreamEntry[]} log */
  _list(log) {
    while (this.log.children.length > log.length) this.log.lastElementChild?.remove();
    log.forEach((entry, place) => {
      const row = this.log.children[place] ?? this.log.appendChild(el("tr", {}, el("th", { scope: "row", class: "wsedu-mono" }), el("td"), el("td"), el("td")));
      const gave = entry.gave ? `✔ ${entry.gave}` : this.say("stream.gavenone");
      [entry.piece, entry.just, gave, entry.needs].forEach((text, column) => write(row.children[column], text));
    });
    const last = log[log.length - 1];
    write(this.told, last ? this.say(last.needs ? "stream.told" : "stream.told.just", last) : "");
  }

  /** Draw the ribbon: bytes, and between them the places where it is, or can be, cut. */
  _again() {
    const made = this.made;
    if (!made) return;
    const focused = this.ribbon.contains(document.activeElement) || this.ribbon.contains(/** @type {any} */ (this.ribbon.getRootNode()).activeElement);
    this.current = Math.max(0, Math.min(this.current, this.cuts.length - 1));
    /** @type {HTMLElement[]} */
    const nodes = [];
    made.bytes.forEach((byte, place) => {
      if (place) nodes.push(this._gap(place));
      nodes.push(this._byte(byte, place, made));
    });
    this.ribbon.replaceChildren(...nodes);
    if (focused) this._cutNode()?.focus();
  }

  /** @param {[string, string, string, number]} byte @param {number} place @param {Strip} made */
  _byte([hex, field, letter, frame], place, made) {
    const first = place === 0 || made.bytes[place - 1][3] !== frame;
    const read = place < made.read;
    const next = made.next.length === 2 && made.next[0] <= place && place < made.next[1];
    const kind = `wsedu-ribbon-byte${first ? " wsedu-ribbon-first" : ""}${read ? " wsedu-ribbon-read" : ""}${next ? " wsedu-ribbon-next" : ""}`;
    return el("span", { class: kind, "data-byte": place },
      el("span", { class: "wsedu-ribbon-top wsedu-icon", "data-icon": read ? "✔" : next ? "▸" : "" }),
      el("span", { class: `wsedu-fill wsedu-f-${field}` }, el("small", { class: "wsedu-icon", "data-icon": letter }), el("span", { class: "wsedu-backed" }, hex)));
  }

  /** @param {number} place the number of bytes before it */
  _gap(place) {
    const at = this.cuts.indexOf(place);
    if (at < 0) return el("span", { class: "wsedu-gap", "data-gap": place, title: this.say("stream.gap", { at: place }) });
    return el("span", {
      class: "wsedu-gap wsedu-cut", "data-gap": place, "data-cut": at, role: "slider", tabindex: at === this.current ? "0" : "-1",
      "aria-label": this.say("stream.cut", { at: place }), "aria-valuenow": place, "aria-valuemin": 1,
      "aria-valuemax": /** @type {Strip} */ (this.made).bytes.length - 1,
    });
  }

  /** @returns {HTMLElement | null} the cut that has, or would have, the focus */
  _cutNode() {
    return this.ribbon.querySelector(`[data-cut="${this.current}"]`);
  }

  // --- Keys ---

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const cut = this.cuts[this.current];
    if (cut === undefined) return;
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1 });
    const turns = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1 });
    if (event.key in steps) this._move(cut, this._free(cut, steps[event.key]));
    else if (event.key in turns) this.current = Math.max(0, Math.min(this.current + turns[event.key], this.cuts.length - 1));
    else if (event.key === "Delete" || event.key === "Backspace") this.send({ do: "stream_uncut", at: cut });
    else if (event.key === "Enter") this._add();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this._again();
    this._cutNode()?.focus();
  }

  /**
   * The next place without a cut in a direction; the same place where there is none.
   * @param {number} cut @param {number} step
   */
  _free(cut, step) {
    const end = /** @type {Strip} */ (this.made).bytes.length;
    for (let place = cut + step; place > 0 && place < end; place += step) if (!this.cuts.includes(place)) return place;
    return cut;
  }

  /** Add a cut: after the current one, or in the middle. */
  _add() {
    const made = /** @type {Strip} */ (this.made);
    const cut = this.cuts[this.current];
    let at = cut === undefined ? Math.floor(made.bytes.length / 2) : this._free(cut, 1);
    if (at === cut) at = this._free(cut, -1);
    if (at < 1 || at === cut) return;
    this.send({ do: "stream_cut", at });
  }

  /** @param {number} at @param {number} to */
  _move(at, to) {
    if (at === to) return;
    this.cuts = this.cuts.map((cut) => (cut === at ? to : cut)).sort((one, other) => one - other);
    this.current = this.cuts.indexOf(to);
    this.send({ do: "stream_move", at, to });
  }

  // --- Mouse, pen and finger ---

  /** @param {PointerEvent} event */
  _down(event) {
    const gap = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-gap]"));
    if (!gap) return;
    event.preventDefault();
    const place = Number(gap.dataset.gap);
    const at = this.cuts.indexOf(place);
    if (at < 0) {
      this.send({ do: "stream_cut", at: place });
      return;
    }
    this.current = at;
    this.dragged = this.from = place;
    gap.focus();
    this.ribbon.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  _moved(event) {
    if (this.dragged < 0) return;
    const place = this._under(event);
    if (place < 1 || (place !== this.dragged && this.cuts.includes(place))) return;
    this.cuts = this.cuts.map((cut) => (cut === this.dragged ? place : cut)).sort((one, other) => one - other);
    this.dragged = place;
    this.current = this.cuts.indexOf(place);
    this._again();
  }

  /** @param {PointerEvent} _event */
  _up(_event) {
    if (this.dragged < 0) return;
    const to = this.dragged;
    this.dragged = -1;
    if (to !== this.from) this.send({ do: "stream_move", at: this.from, to });
    this._cutNode()?.focus();
  }

  /**
   * The place between bytes that is nearest to the pointer; -1 beside the ribbon.
   * @param {PointerEvent} event
   */
  _under(event) {
    let best = -1;
    let nearest = Infinity;
    for (const gap of this.ribbon.querySelectorAll("[data-gap]")) {
      const box = gap.getBoundingClientRect();
      if (event.clientY < box.top - 8 || event.clientY > box.bottom + 8) continue;
      const far = Math.abs(event.clientX - (box.left + box.right) / 2);
      if (far < nearest) [nearest, best] = [far, Number(/** @type {HTMLElement} */ (gap).dataset.gap)];
    }
    return best;
  }
}
