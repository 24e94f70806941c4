// @ts-check
// The story: a question at a time, answered or skipped before anything is revealed.

import { el, set, write } from "./common.js";

/**
 * @typedef {(key: string, facts?: Record<string, any>) => string} Say
 * @typedef {{number: number, place: string, title: string, question: string, kind: string, options: [string, string][], heads: string[]}} Open
 * @typedef {{title: string, said: string, idea: string, reveal: string[], right: boolean, show: boolean}} Done
 * @typedef {{open: Open | null, done: Done[], over: string}} StoryState
 */

/** Have a part of the page begin where the window does. @param {Element} part */
function scrollTo(part) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  part.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
}

export class StoryPanel {
  /** @param {Say} say @param {string} title @param {(act: Record<string, any>) => void} act */
  constructor(say, title, act) {
    this.say = say;
    this.act = act;
    this.number = -1;
    this.looked = -1;
    this.count = -1;
    this.done = el("ol", { class: "wsedu-lab-chapters" });
    this.asked = el("fieldset", { class: "wsedu-lab-asked", onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) });
    this.over = el("p", { class: "wsedu-lab-over", tabindex: "-1", hidden: true });
    this.again = el("button", { type: "button", hidden: true, onclick: () => act({ do: "again" }) }, say("story.again"));
    this.root = el("section", { class: "wsedu-lab-story", "aria-label": title }, el("h4", {}, title), this.done, this.asked, this.over, this.again);
  }

  /** @param {StoryState} state */
  show(state) {
    if (state.done.length !== this.count) {
      this.count = state.done.length;
      this.done.replaceChildren(...state.done.map((one, number) => this._told(one, number)));
    }
    set(this.done, { hidden: !state.done.length });
    const number = state.open?.number ?? -2;
    if (number !== this.number) this._ask(state.open, number);
    set(this.over, { hidden: !state.over });
    write(this.over, state.over);
    set(this.again, { hidden: !state.over });
  }

  /** @param {Done} one @param {number} number */
  _told(one, number) {
    const button = one.show ? el("button", { type: "button", onclick: () => this._look(number) }, this.say("story.show")) : null;
    const said = el("p", { class: one.right ? "wsedu-good" : null }, one.said, one.idea ? ` ${one.idea}` : "");
    return el("li", { "data-chapter": String(number) }, el("b", {}, one.title), said, ...one.reveal.map((text) => el("p", {}, text)), button);
  }

  /** Have the charts show what a chapter is about, and go there. @param {number} number */
  _look(number) {
    this.act({ do: "chapter", number });
    this.looked = number;
    const charts = this.root.closest(".wsedu-lab")?.querySelector(".wsedu-lab-bench");
    if (charts) scrollTo(charts);
  }

  /** Come to the story from above: its question, or what is said when there is none left. */
  begin() {
    const place = this.asked.querySelector("legend") ?? this.over;
    place.focus({ preventScroll: true });
    scrollTo(this.root);
  }

  /** Go back to the chapter that was shown in the charts. */
  back() {
    const chapter = this.done.querySelector(`[data-chapter="${this.looked}"] button`) ?? this.over;
    /** @type {HTMLElement} */ (chapter).focus();
  }

  /** @param {Open | null} open @param {number} number */
  _ask(open, number) {
    const going = this.asked.contains(document.activeElement) || this.again === document.activeElement;
    this.number = number;
    set(this.asked, { hidden: !open });
    if (!open) {
      this.asked.replaceChildren();
      if (going) queueMicrotask(() => this.over.focus());
      return;
    }
    this.open = open;
    this.inputs = this._inputs(open);
    const legend = el("legend", { tabindex: "-1" }, el("span", { class: "wsedu-muted" }, `${open.place} · `), el("b", {}, open.title));
    const commit = el("button", { type: "button", class: "wsedu-lab-strong", onclick: () => this._commit() }, this.say("story.commit"));
    const skip = el("button", { type: "button", onclick: () => this.act({ do: "answer", said: null }) }, this.say("story.skip"));
    this.asked.replaceChildren(legend, ...this._heads(open), el("p", {}, open.question), this.inputs, el("div", { class: "wsedu-row" }, commit, skip));
    if (going) legend.focus();
  }

  /** @param {Open} open */
  _heads(open) {
    if (!open.heads.length) return [];
    const names = [this.say("story.request"), this.say("story.response")];
    const shown = open.heads.map((head, place) => el("div", {}, el("p", { class: "wsedu-muted" }, names[place]), el("pre", { class: "wsedu-mono", tabindex: "0", role: "region", "aria-label": names[place] }, head)));
    return [el("div", { class: "wsedu-lab-heads", role: "group", "aria-label": this.say("story.heads") }, ...shown)];
  }

  /** @param {Open} open */
  _inputs(open) {
    if (open.kind === "number") return el("label", { class: "wsedu-row" }, this.say("story.number"), el("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: "9", "data-answer": "number" }));
    const kind = open.kind === "choice" ? "radio" : "checkbox";
    const group = `wsedu-lab-${Math.random().toString(36).slice(2)}`;
    const choices = open.options.map(([value, label]) => el("label", { class: "wsedu-lab-choice" }, el("input", { type: kind, name: group, value }), label));
    return el("div", { role: open.kind === "choice" ? "radiogroup" : "group", "aria-label": this.say(open.kind === "choice" ? "story.choice" : "story.choices") }, ...choices);
  }

  _commit() {
    const open = /** @type {Open} */ (this.open);
    const inputs = [.../** @type {HTMLElement} */ (this.inputs).querySelectorAll("input")];
    const chosen = inputs.filter((input) => input.checked).map((input) => input.value);
    const said = open.kind === "number" ? inputs[0].value : open.kind === "choice" ? (chosen[0] ?? "") : chosen;
    this.act({ do: "answer", said });
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    event.stopPropagation();
    if (event.key === "Enter" && /** @type {HTMLElement} */ (event.target).dataset.answer) this._commit();
  }
}
