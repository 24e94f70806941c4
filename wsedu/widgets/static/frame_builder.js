// @ts-check
// The page of `FrameBuilder`. It flips bits and shows what Python said of each flip beforehand; it decodes nothing.

import { el, Link, problemLine, set, speaker, write } from "./common.js";
import { BitGrid } from "./bit_grid.js";
import { BuilderPanels } from "./builder_panels.js";

/**
 * @typedef {{name: string, letter: string, label: string, first: number, bits: number, value: string, meaning: string, section: string, frame: number}} Field
 * @typedef {{legal: boolean, complete: boolean, text: string, rule: string | null, code: number | null}} Verdict
 * @typedef {{size: number, hex: string, plain: string, fields: Field[], missing: number, sentence: string, verdicts: Record<string, Verdict>, python: string, command: string}} Sheet
 */

/**
 * A sheet with some entries changed, as `wsedu.views.sheet.changes` gives them.
 * @param {Sheet} sheet
 * @param {any} changed
 * @returns {Sheet}
 */
function apply(sheet, changed) {
  const merged = { ...sheet, ...changed };
  if (changed.fields)
    merged.fields = changed.fields.map((/** @type {any} */ field) => (typeof field === "number" ? sheet.fields[field] : field));
  return merged;
}

/**
 * The hex of some bytes with bits flipped.
 * @param {string} hex
 * @param {number[]} bits
 */
function flip(hex, bits) {
  const digits = [...hex];
  for (const bit of bits) {
    const place = bit >> 2;
    digits[place] = (parseInt(digits[place], 16) ^ (8 >> (bit & 3))).toString(16);
  }
  return digits.join("");
}

class Builder {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.say = speaker(model.get("words"));
    this.link = new Link(model);
    this.grid = new BitGrid(this.say, (bit) => this.flip(bit));
    this.sentence = el("p", { class: "wsedu-builder-sentence", "aria-live": "polite" });
    this.verdicts = Object.fromEntries(["client", "server"].map((role) => [role, el("p", { class: "wsedu-builder-verdict" })]));
    this.python = el("code", { class: "wsedu-mono" });
    this.command = el("code", { class: "wsedu-mono" });
    this.panels = new BuilderPanels(this);
    const { line, stop } = problemLine(model, this.say);
    this.stop = stop;
    const said = [
      [this.say("builder.verdict"), el("div", {}, this.verdicts.client, this.verdicts.server)],
      [this.say("builder.sentence"), this.sentence],
      [this.say("builder.python"), this.python],
      [this.say("builder.again"), this.command],
    ];
    const list = el("dl", { class: "wsedu-builder-said" });
    for (const [term, node] of said) list.append(el("dt", {}, term), el("dd", {}, node));
    this.root = el("section", { class: "wsedu wsedu-builder", "aria-label": this.say("builder.title") }, this.grid.root, line, list, this.panels.root);
    host.append(this.root);
    this.follow = () => this.show();
    model.on("change:state", this.follow);
    this.show();
  }

  /** @param {number} bit */
  flip(bit) {
    this.link.send({ do: "flip", bit });
    this.show();
  }

  /** Draw what is known now: what Python confirmed, and what has been flipped since. */
  show() {
    const state = this.model.get("state");
    const { sheet, flips } = state;
    const bits = this.link.settle().filter((entry) => entry.act.do === "flip").map((entry) => entry.act.bit);
    const known = bits.length === 0 ? sheet : bits.length === 1 && flips[bits[0]] ? apply(sheet, flips[bits[0]]) : null;
    const hex = known ? known.hex : flip(sheet.hex, bits);
    this.grid.show(hex, known);
    this.panels.show(state, known);
    set(this.root, { "aria-busy": known ? "false" : "true" });
    const waiting = this.say("shared.waiting");
    write(this.sentence, known ? known.sentence : waiting);
    write(this.python, known ? known.python : waiting);
    write(this.command, known ? known.command : waiting);
    for (const role of ["client", "server"]) this.judge(role, known);
  }

  /** @param {string} role @param {Sheet | null} known */
  judge(role, known) {
    const node = this.verdicts[role];
    const verdict = known?.verdicts[role];
    const good = verdict?.legal && verdict.complete;
    set(node, { class: `wsedu-builder-verdict ${!verdict ? "wsedu-muted" : good ? "wsedu-good" : verdict.legal ? "" : "wsedu-bad"}` });
    write(node, !verdict ? this.say("shared.waiting") : `${verdict.legal ? (good ? "✔" : "…") : "✖"} ${verdict.text}`);
  }

  destroy() {
    this.stop();
    this.model.off("change:state", this.follow);
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const builder = new Builder(model, host);
  return () => builder.destroy();
}

export default { render };
