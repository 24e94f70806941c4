// @ts-check
// Check by check: forwards and back, and a prediction before each verdict.

import { el, set, write } from "./common.js";

export class StepBar {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {(act: Record<string, any>) => void} send
   */
  constructor(say, send) {
    this.say = say;
    this.back = el("button", { type: "button", onclick: () => send({ do: "go", by: -1 }) }, say("stepper.back"));
    this.next = el("button", { type: "button", onclick: () => send({ do: "go", by: 1 }) }, say("stepper.next"));
    this.jump = el("button", { type: "button", title: say("stepper.jump.key"), onclick: () => send({ do: "jump" }) });
    this.place = el("span", { class: "wsedu-muted" });
    this.question = el("span", {});
    this.select = /** @type {HTMLSelectElement} */ (el("select", {}));
    this.answer = el("button", { type: "button", onclick: () => this.select.value && send({ do: "predict", choice: this.select.value }) }, say("stepper.say"));
    this.ask = el("div", { class: "wsedu-row" }, el("label", { class: "wsedu-row" }, this.question, this.select), this.answer);
    this.result = el("p", { class: "wsedu-steps-result", "aria-live": "polite" });
    this.count = el("p", { class: "wsedu-muted" });
    this.asked = "";
    this.root = el("div", { class: "wsedu-steps" }, el("div", { class: "wsedu-row" }, this.back, this.next, this.jump, this.place), this.ask, this.result, this.count);
  }

  /** @param {any} steps null for everything at once */
  show(steps) {
    set(this.root, { hidden: !steps });
    if (!steps) return;
    write(this.place, this.say("stepper.step", { number: steps.at, count: steps.last }));
    set(this.back, { disabled: steps.at === 0 });
    for (const button of [this.next, this.jump]) set(button, { disabled: steps.at === steps.last });
    write(this.jump, this.say(`stepper.jump.${steps.jump}`));
    set(this.ask, { hidden: !steps.side });
    if (steps.side) this._ask(steps);
    const said = steps.said ? this.say("stepper.said", { choice: Object.fromEntries(steps.options)[steps.said] }) : "";
    write(this.result, [steps.result, said].filter(Boolean).join(" "));
    write(this.count, steps.count);
  }

  /** @param {any} steps */
  _ask(steps) {
    const asker = steps.side === "request" ? "server" : "client";
    write(this.question, this.say(`stepper.ask.${asker}`));
    if (this.asked !== steps.side) {
      const options = steps.options.map((/** @type {string[]} */ [value, text]) => el("option", { value }, text));
      this.select.replaceChildren(el("option", { value: "" }, this.say("stepper.choose")), ...options);
      this.asked = steps.side;
    }
    if (steps.said) this.select.value = steps.said;
  }
}
