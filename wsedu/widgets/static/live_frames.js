// @ts-check
// The last frames of a live exchange, the newest first, each with its bytes and its sentence.

import { el } from "./common.js";

/** @typedef {{n: number, t: number, way: number, name: string, bytes: [string, string][], more: number, text: string, said: string}} Frame */

/** Frames that are shown. */
const SHOWN = 6;

export class LiveFrames {
  /** @param {(key: string, facts?: Record<string, any>) => string} say */
  constructor(say) {
    this.say = say;
    this.list = el("ol", { class: "wsedu-live-list" });
    this.root = el("section", { class: "wsedu-live-frames", "aria-label": say("live.frames") }, el("h3", {}, say("live.frames")), this.list);
    this.clear();
  }

  clear() {
    this.list.replaceChildren(el("li", { class: "wsedu-muted" }, this.say("live.frames.none")));
    this.empty = true;
  }

  /** @param {Frame[]} frames */
  take(frames) {
    if (!frames.length) return;
    if (this.empty) this.list.replaceChildren();
    this.empty = false;
    for (const frame of frames.slice(-SHOWN)) this.list.prepend(this._row(frame));
    while (this.list.children.length > SHOWN) this.list.lastElementChild?.remove();
  }

  /** Mark the frame that broke a rule. @param {[number, string] | null} illegal its number, and the rule */
  mark(illegal) {
    const row = illegal && this.list.querySelector(`[data-n="${illegal[0]}"]`);
    if (!row || row.querySelector(".wsedu-live-broken")) return;
    row.classList.add("wsedu-live-offender");
    row.querySelector(".wsedu-live-told")?.before(el("strong", { class: "wsedu-live-broken" }, this.say("live.illegal_frame", { rule: illegal[1] })));
  }

  /** @param {Frame} frame */
  _row(frame) {
    const who = frame.way ? "server" : "client";
    const bytes = frame.bytes.map(([field, hex]) => el("span", { class: `wsedu-live-run wsedu-f-${field}` }, hex, el("span", { class: "wsedu-fill", "aria-hidden": "true" })));
    const title = el("strong", {}, this.say("live.frame", { who: this.say(`live.who.${who}`), name: frame.name }));
    const more = frame.more ? el("span", { class: "wsedu-muted" }, this.say("live.more", { count: frame.more })) : null;
    const text = frame.text ? el("span", { class: "wsedu-live-text" }, frame.text) : null;
    const wire = el("span", { class: "wsedu-live-wire" }, el("span", { class: "wsedu-live-bytes wsedu-mono" }, ...bytes), more, text);
    const mark = el("span", { class: "wsedu-live-way", "aria-hidden": "true" }, frame.way ? "◀" : "▶");
    return el("li", { class: `wsedu-live-frame wsedu-live-from-${who}`, "data-n": frame.n }, mark, title, wire, el("span", { class: "wsedu-live-told" }, frame.said));
  }
}
