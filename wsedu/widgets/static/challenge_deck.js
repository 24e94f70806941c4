// @ts-check
// Challenges: what is wanted, and whether it is so, as Python judged it; the goal also stands above the grid.

import { BuilderPanel } from "./builder_panel.js";
import { el, set, write } from "./common.js";

/**
 * @typedef {{met: boolean, want: string, now: string}} Part
 * @typedef {{chosen: string, list: {name: string, title: string, solved: boolean}[], task?: string, parts?: Part[], sentence?: string, hint?: string, why?: string, solved?: boolean}} Deck
 */

export class ChallengeDeck extends BuilderPanel {
  /** @param {import("./builder_panel.js").PanelHost} host */
  constructor(host) {
    super(host, "deck");
    const { say } = this;
    /** @type {Deck | null} */
    this.made = null;
    this.select = /** @type {HTMLSelectElement} */ (el("select", { onchange: () => this._begin(this.select.value) }, el("option", { value: "" }, say("deck.none"))));
    this.progress = el("span", { class: "wsedu-muted" });
    this.meter = el("progress", { "aria-label": say("deck.title"), max: 1, value: 0 });
    this.task = el("p", { class: "wsedu-deck-task" });
    this.parts = el("ul", { class: "wsedu-deck-parts" });
    this.aim = el("strong", {});
    this.marks = el("ul", { class: "wsedu-deck-parts wsedu-goal-parts" });
    this.goal = el("div", { class: "wsedu-goal", role: "group", "aria-label": say("deck.goal") }, this.aim, this.marks);
    this.sentence = el("p", { class: "wsedu-panel-sentence", "aria-live": "polite" });
    this.hint = el("p", { class: "wsedu-deck-hint", "aria-live": "polite" });
    this.why = el("p", { class: "wsedu-deck-why", "aria-live": "polite" });
    this.hinting = this.button("deck.hint", () => this.send({ do: "hint" }));
    this.next = this.button("deck.next", () => this._begin(this._unsolved()));
    const again = this.button("deck.again", () => this._begin(this.made?.chosen ?? ""));
    this.body = el("div", {}, this.task, this.parts, this.sentence, this.hint, this.why, el("div", { class: "wsedu-row" }, this.hinting, again, this.next));
    this.root.append(
      el("p", {}, say("deck.intro")),
      el("div", { class: "wsedu-row" }, el("label", { class: "wsedu-row" }, say("deck.choose"), this.select), this.meter, this.progress),
      this.body);
  }

  /** @param {string} name */
  _begin(name) {
    this.send({ do: "challenge", name });
  }

  /** The next challenge in the list that has not been solved; the next one where all have. */
  _unsolved() {
    const { list, chosen } = /** @type {Deck} */ (this.made);
    const at = list.findIndex((entry) => entry.name === chosen);
    const order = [...list.slice(at + 1), ...list.slice(0, at + 1)];
    return (order.find((entry) => !entry.solved) ?? order[0]).name;
  }

  /** @param {any} state @param {any} _known */
  show(state, _known) {
    const { say } = this;
    const made = /** @type {Deck} */ (state.deck);
    this.made = made;
    this.busy();
    this._choices(made);
    set(this.body, { hidden: !made.chosen });
    set(this.goal, { hidden: !made.chosen });
    if (!made.chosen) return;
    write(this.task, made.task ?? "");
    this.parts.replaceChildren(...(made.parts ?? []).map((part) => this._part(part, part.now)));
    write(this.aim, say("deck.aim", { task: made.task }));
    this.marks.replaceChildren(...(made.parts ?? []).map((part) => this._part(part, "")));
    write(this.sentence, made.sentence ?? "");
    write(this.hint, made.hint ? this.say("deck.hinted", { hint: made.hint }) : "");
    write(this.why, made.why ? `✔ ${made.why}` : "");
    set(this.hinting, { hidden: Boolean(made.hint || made.solved) });
    set(this.next, { hidden: !made.solved });
  }

  /** @param {Part} part @param {string} now what there is in its place, where that is told */
  _part({ met, want }, now) {
    return el("li", { class: met ? "wsedu-good" : "wsedu-bad" },
      el("span", { class: "wsedu-icon", "data-icon": met ? "✔ " : "✖ " }),
      el("span", { class: "wsedu-hidden-text" }, this.say(met ? "deck.met" : "deck.unmet") + this.say("shared.colon")), want,
      now ? el("span", { class: "wsedu-muted" }, ` ${this.say("deck.now", { now })}`) : null);
  }

  /** @param {Deck} made */
  _choices(made) {
    made.list.forEach((entry, place) => {
      const option = this.select.options[place + 1] ?? this.select.appendChild(el("option", { value: entry.name }));
      write(option, `${entry.solved ? "✔ " : ""}${place + 1} · ${entry.title}${entry.solved ? ` (${this.say("deck.solvedmark")})` : ""}`);
    });
    if (!this.waitsFor("challenge")) this.select.value = made.chosen;
    const count = made.list.filter((entry) => entry.solved).length;
    write(this.progress, this.say("deck.progress", { count, total: made.list.length }));
    set(this.meter, { max: made.list.length, value: count });
  }
}
