// @ts-check
// The panels under the frame builder, as tabs: one tab stop, arrow keys between them.

import { ChallengeDeck } from "./challenge_deck.js";
import { el, set } from "./common.js";
import { DeflateView } from "./deflate_view.js";
import { StreamStrip } from "./stream_strip.js";
import { XorMicroscope } from "./xor_microscope.js";

export class BuilderPanels {
  /** @param {import("./builder_panel.js").PanelHost} host */
  constructor(host) {
    const made = /** @type {const} */ ({ microscope: new XorMicroscope(host), stream: new StreamStrip(host), deck: new ChallengeDeck(host), deflate: new DeflateView(host) });
    this.panels = Object.values(made);
    this.goal = made.deck.goal;
    const id = `wsedu-panels-${host.link.view}`;
    this.tabs = Object.keys(made).map((name, place) =>
      el("button", { type: "button", role: "tab", id: `${id}-${place}`, "aria-controls": `${id}-panel-${place}`, "data-panel": name, onclick: () => this.open(place) }, host.say(`panel.${name}`)));
    const bar = el("div", { class: "wsedu-tabs", role: "tablist", onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) }, ...this.tabs);
    this.panels.forEach((panel, place) => set(panel.root, { role: "tabpanel", id: `${id}-panel-${place}`, "aria-labelledby": `${id}-${place}`, "aria-label": null }));
    this.root = el("div", { class: "wsedu-panels" }, bar, ...this.panels.map((panel) => panel.root));
    this.current = 0;
    this.open(0);
  }

  /** @param {number} place */
  open(place) {
    this.current = place;
    this.tabs.forEach((tab, at) => set(tab, { "aria-selected": at === place ? "true" : "false", tabindex: at === place ? "0" : "-1" }));
    this.panels.forEach((panel, at) => set(panel.root, { hidden: at !== place }));
  }

  /** @param {any} state @param {any} known the sheet as it is known now, null while Python is awaited */
  show(state, known) {
    for (const panel of this.panels) panel.show(state, known);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const last = this.tabs.length - 1;
    const wanted = /** @type {Record<string, number>} */ ({
      ArrowLeft: this.current ? this.current - 1 : last, ArrowRight: this.current < last ? this.current + 1 : 0, Home: 0, End: last,
    })[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.open(wanted);
    this.tabs[wanted].focus();
  }
}
