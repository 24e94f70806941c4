// @ts-check
// Buttons for events, of which some cannot happen now: one tab stop, arrow keys inside it; each says why it is shut.

import { el, set, write } from "./common.js";

/** @typedef {{name: string, event: string, why: string}} Offer `why` is empty for an event that can happen */

export class EventBar {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {string} label what the group is called
   * @param {(event: string) => void} happen called with the event that the user wants
   */
  constructor(say, label, happen) {
    this.say = say;
    this.happen = happen;
    /** @type {{button: HTMLElement, offer: Offer}[]} */
    this.entries = [];
    this.current = 0;
    this.note = el("p", { class: "wsedu-muted wsedu-events-note", "aria-live": "polite" });
    this.bar = el("div", {
      class: "wsedu-events",
      role: "toolbar",
      "aria-label": label,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
      onmouseleave: () => write(this.note, ""),
    });
    this.root = el("div", {}, this.bar, this.note);
  }

  /** @param {Offer[]} offers */
  show(offers) {
    set(this.root, { hidden: !offers.length });
    if (offers.map((one) => one.name).join() !== this.entries.map((one) => one.offer.name).join()) this._build(offers);
    this.entries.forEach((entry, place) => {
      entry.offer = offers[place];
      const why = entry.offer.why;
      set(entry.button, {
        "aria-disabled": why ? "true" : null,
        class: why ? "wsedu-event-shut" : null,
        tabindex: place === this.current ? "0" : "-1",
      });
    });
    write(this.note, "");
  }

  /** @param {Offer[]} offers */
  _build(offers) {
    this.entries = offers.map((offer, place) => {
      const button = el("button", { type: "button", "data-event": offer.name }, this.say(`act.${offer.name}`));
      const explain = () => write(this.note, this.entries[place].offer.why);
      set(button, { onfocus: explain, onmouseenter: explain, onclick: () => this._clicked(place) });
      return { button, offer };
    });
    this.current = Math.min(this.current, Math.max(0, offers.length - 1));
    this.bar.replaceChildren(...this.entries.map((entry) => entry.button));
  }

  /** @param {number} place */
  _clicked(place) {
    this._move(place);
    const { offer } = this.entries[place];
    write(this.note, offer.why);
    if (!offer.why) this.happen(offer.event);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const last = this.entries.length - 1;
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -last, End: last });
    if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    this._move(Math.max(0, Math.min(last, this.current + steps[event.key])));
    this.entries[this.current].button.focus();
  }

  /** @param {number} place */
  _move(place) {
    set(this.entries[this.current].button, { tabindex: "-1" });
    this.current = place;
    set(this.entries[place].button, { tabindex: "0" });
  }
}
