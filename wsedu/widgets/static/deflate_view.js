// @ts-check
// permessage-deflate (RFC 7692): a message before and after, its blocks, and what a kept window is worth.

import { BuilderPanel } from "./builder_panel.js";
import { el, set, write } from "./common.js";

/**
 * @typedef {{name: string, problem?: string, plain: number, plainHex: string, plainText: string, compressed: number, hex: string, tail: string, blocks: {kind: string, text: string, symbols: string[]}[], window: string}} Compressed
 * @typedef {{frame: Compressed | null, text: string, typed: boolean, messages: Compressed[], sentence: string}} DeflateSheet
 */

export class DeflateView extends BuilderPanel {
  /** @param {import("./builder_panel.js").PanelHost} host */
  constructor(host) {
    super(host, "deflate");
    const { say } = this;
    this.drawn = "";
    this.input = /** @type {HTMLInputElement} */ (
      el("input", { type: "text", class: "wsedu-deflate-text", oninput: () => this.send({ do: "deflate", text: this.input.value }) })
    );
    this.payload = this.button("deflate.payload", () => this.send({ do: "deflate_payload" }));
    const build = this.button("deflate.build", () => this.send({ do: "deflate_build" }));
    this.sentence = el("p", { class: "wsedu-panel-sentence", "aria-live": "polite" });
    this.frame = el("div", {});
    this.cards = el("div", { class: "wsedu-deflate-cards" });
    this.root.append(
      this.frame,
      el("div", { class: "wsedu-row" }, el("label", { class: "wsedu-row" }, say("deflate.text"), this.input), this.payload, build),
      this.sentence, this.cards);
  }

  /** @param {any} state @param {any} _known */
  show(state, _known) {
    const made = /** @type {DeflateSheet} */ (state.deflate);
    this.busy();
    if (!this.waitsFor("deflate") && this.input.value !== made.text) this.input.value = made.text;
    set(this.payload, { disabled: !made.typed });
    const drawn = JSON.stringify(made);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    write(this.sentence, made.sentence);
    this.frame.replaceChildren(...(made.frame ? [this._card(made.frame)] : []));
    this.cards.replaceChildren(...made.messages.map((message) => this._card(message)));
  }

  /** @param {Compressed} message */
  _card(message) {
    const { say } = this;
    const card = el("section", { class: "wsedu-deflate-card", "aria-label": message.name }, el("h4", {}, message.name));
    if (message.problem) {
      card.append(el("p", { class: "wsedu-bad" }, `✖ ${message.problem}`));
      if (message.hex) card.append(el("p", { class: "wsedu-mono" }, message.hex));
      return card;
    }
    const tail = message.tail
      ? [el("s", { class: "wsedu-deflate-tail" }, message.tail), el("span", { class: "wsedu-muted" }, ` ← ${say("deflate.tailname")}`)]
      : [el("span", { class: "wsedu-muted" }, say("deflate.tailnone"))];
    card.append(
      el("p", {}, el("strong", {}, say("deflate.sizes", message))),
      el("p", {}, el("span", { class: "wsedu-muted" }, `${say("deflate.before")} `), el("span", { class: "wsedu-mono" }, message.plainHex), " ", el("span", { class: "wsedu-muted" }, message.plainText)),
      el("p", {}, el("span", { class: "wsedu-muted" }, `${say("deflate.after")} `), el("span", { class: "wsedu-mono wsedu-fill wsedu-f-payload wsedu-deflate-wire" }, message.hex), " ", ...tail),
      el("p", { class: "wsedu-muted" }, message.window),
      el("ol", { class: "wsedu-deflate-blocks", "aria-label": say("deflate.blocks") }, ...message.blocks.map((block) => this._block(block))));
    return card;
  }

  /** @param {{text: string, symbols: string[]}} block */
  _block(block) {
    const symbols = block.symbols.map((symbol) => el("span", { class: "wsedu-symbol wsedu-mono" }, symbol));
    return el("li", {}, `${block.text} `, ...symbols);
  }
}
