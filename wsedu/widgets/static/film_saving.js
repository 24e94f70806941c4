// @ts-check
// What was predicted, as a file: the browser saves what Python has written, and nothing leaves the machine.

import { el, set } from "./common.js";

const TYPES = /** @type {Record<string, string>} */ ({ csv: "text/csv;charset=utf-8", json: "application/json" });

export class Saving {
  /** @param {(key: string, facts?: Record<string, any>) => string} say */
  constructor(say) {
    /** @type {Record<string, string>} the texts of the files, by their form */
    this.texts = {};
    const buttons = Object.keys(TYPES).map((form) => el("button", { type: "button", class: `wsedu-film-save-${form}`, "aria-label": `${say("ask.save")} ${say(`ask.save.${form}`)}`, onclick: () => this._save(form) }, say(`ask.save.${form}`)));
    this.root = el("span", { class: "wsedu-row wsedu-film-saving", hidden: true }, el("span", { class: "wsedu-muted" }, say("ask.save")), ...buttons);
  }

  /** @param {Record<string, string>} texts empty while nothing was predicted */
  show(texts) {
    this.texts = texts;
    set(this.root, { hidden: !Object.keys(texts).length });
  }

  /** @param {string} form */
  _save(form) {
    const url = URL.createObjectURL(new Blob([this.texts[form]], { type: TYPES[form] }));
    el("a", { href: url, download: `predictions.${form}` }).click();
    // The browser has to begin reading before the address may go.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}
