// @ts-check
// The accept value in three steps, each with its bytes, and what the usual wrong ways give.

import { el, set, write } from "./common.js";

export class KeyPane {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {(act: Record<string, any>) => void} send
   */
  constructor(say, send) {
    this.say = say;
    this.send = send;
    this.none = el("p", { class: "wsedu-muted" });
    this.key = el("code", { class: "wsedu-mono" });
    this.nonce = el("p", { class: "wsedu-muted" });
    this.stages = el("ol", { class: "wsedu-stages" });
    this.body = el("tbody", {});
    const heads = ["way", "value", "check", "use"].map((name) => el("th", { scope: "col" }, say(`stepper.wrong.${name}`)));
    const table = el("table", {}, el("thead", {}, el("tr", {}, ...heads)), this.body);
    this.unusable = el("p", { class: "wsedu-muted", id: `wsedu-unusable-${Math.random().toString(36).slice(2)}` });
    this.wrong = el("details", {}, el("summary", {}, say("stepper.wrong.title")), this.unusable, table);
    const first = el("p", {}, say("stepper.key.text") + say("shared.colon"), this.key);
    this.made = el("div", {}, first, this.nonce, this.stages, this.wrong);
    this.root = el("div", { class: "wsedu-key" }, el("h3", {}, say("stepper.key")), this.none, this.made);
  }

  /**
   * @param {any} key a sheet, or null
   * @param {boolean} veiled whether it is only not revealed yet
   * @param {boolean} usable whether the response has an accept value that can be another one
   */
  show(key, veiled, usable) {
    set(this.made, { hidden: !key });
    set(this.none, { hidden: Boolean(key) });
    write(this.none, this.say(veiled ? "stepper.veiled" : "stepper.key.none"));
    if (!key) return;
    write(this.key, key.key);
    write(this.nonce, key.nonce ? this.say("stepper.key.nonce", { hex: key.nonce }) : this.say("stepper.key.nonce.none"));
    const stages = key.stages.map((/** @type {any} */ stage) => {
      const size = el("span", { class: "wsedu-muted" }, this.say("stepper.size", { size: stage.size }));
      const text = stage.text ? el("div", { class: "wsedu-mono wsedu-stage-text" }, stage.text) : null;
      return el("li", {}, el("strong", {}, stage.label), " ", size, text, el("div", { class: "wsedu-mono wsedu-muted" }, stage.hex));
    });
    this.stages.replaceChildren(...stages);
    write(this.unusable, usable ? "" : this.say("problem.use"));
    set(this.unusable, { hidden: usable });
    this._ways(key.wrong, usable);
  }

  /** @param {any[]} ways @param {boolean} usable */
  _ways(ways, usable) {
    if (!this.body.children.length) this.body.append(...ways.map((way) => this._row(way)));
    ways.forEach((way, place) => {
      const [, value, check, use] = this.body.children[place].children;
      write(value, way.value ?? "");
      const key = way.value === null ? "not" : way.rule ? "refused" : "same";
      write(check, this.say(`stepper.wrong.${key}`, { rule: way.rule }));
      set(check, { class: key === "same" ? "wsedu-good" : key === "refused" ? "wsedu-bad" : "wsedu-muted" });
      set(/** @type {Element} */ (use.firstElementChild), {
        disabled: way.value === null || !usable,
        title: usable ? null : this.say("problem.use"),
        "aria-describedby": usable ? null : this.unusable.id,
      });
    });
  }

  /** @param {any} way */
  _row(way) {
    const use = el("button", { class: "wsedu-icon", "data-icon": "→", type: "button", "aria-label": this.say("stepper.wrong.use.label", { way: way.label }), onclick: () => this.send({ do: "use", way: way.name }) });
    return el("tr", { "data-way": way.name }, el("th", { scope: "row" }, way.label), el("td", { class: "wsedu-mono" }), el("td", {}), el("td", {}, use));
  }
}
