// @ts-check
// Which fault a fork brings, and the values of it that can be chosen; Python says what they are and whether they will do.

import { el } from "./common.js";

/**
 * @typedef {{name: string, kind: string, label: string, value: string, options: [string, string][]}} Parameter
 * @typedef {{name: string, label: string, parameters: Parameter[]}} Fault
 */

export class FilmFaults {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {() => void} go what Enter in a field does
   */
  constructor(say, go) {
    this.go = go;
    /** @type {Fault[]} */
    this.faults = [];
    /** what was chosen for each fault, so that it is there when one comes back to it @type {Record<string, Record<string, string>>} */
    this.values = {};
    this.select = /** @type {HTMLSelectElement} */ (el("select", { class: "wsedu-film-fault", onchange: () => this._offer() }));
    this.fields = el("span", { class: "wsedu-film-fault-fields" });
    this.parts = [el("label", { class: "wsedu-film-field" }, say("fork.fault"), " ", this.select), this.fields];
  }

  /** @param {Fault[]} faults */
  show(faults) {
    if (this.faults.length) return;
    this.faults = faults;
    for (const { name, label, parameters } of faults) {
      this.select.append(el("option", { value: name }, label));
      this.values[name] = Object.fromEntries(parameters.map((one) => [one.name, one.value]));
    }
    this._offer();
  }

  /** The fault and its values, as they are sent. */
  get chosen() {
    return { fault: this.select.value, values: this.values[this.select.value] };
  }

  _offer() {
    const fault = this.faults.find((one) => one.name === this.select.value);
    this.fields.replaceChildren(...(fault?.parameters ?? []).map((one) => this._field(one)));
  }

  /** @param {Parameter} one */
  _field(one) {
    const values = this.values[this.select.value];
    const input = /** @type {HTMLInputElement} */ (one.options.length ? el("select", {}, ...one.options.map(([value, label]) => el("option", { value }, label))) : el("input", { type: "text", autocomplete: "off", spellcheck: "false", ...(one.kind === "number" ? { size: "5", inputmode: "decimal" } : { size: "12" }) }));
    input.value = values[one.name];
    input.addEventListener("input", () => (values[one.name] = input.value));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !one.options.length) this.go();
    });
    return el("label", { class: "wsedu-film-field", "data-value": one.name }, one.label, " ", input);
  }
}
