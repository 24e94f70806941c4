// @ts-check
// The page of `FrameBuilder`. It flips bits and shows what Python said of each flip beforehand; it decodes nothing.

import { el, Link, problemLine, set, speaker, tell, waitingFor, write } from "./common.js";
import { applied, flippedHex } from "./frame_types.js";
import { BitGrid } from "./bit_grid.js";
import { BuilderPanels } from "./builder_panels.js";
import { copyText } from "./copying.js";
import { Editor } from "./editor.js";
import { FieldForm, LengthLadder } from "./field_form.js";
import { FieldLegend, FieldLines, FieldTable, HexBytes } from "./frame_views.js";
import { PredictionPanel } from "./prediction.js";

/**
 * @typedef {import("./frame_types.js").Sheet} Sheet
 * @typedef {import("./frame_types.js").Field} Field
 * @typedef {{seq: number, act: Record<string, any>}} Entry
 */

const VIEWS = /** @type {const} */ (["bits", "hex", "fields"]);
const SENDERS = /** @type {const} */ (["client", "server"]);
const FLIPS = ["flip", "predict"];
/** Acts that leave the bytes alone. */
const ASIDE = ["window", "pin", "compare", "hint", "deflate", "deflate_payload", "stream_add", "stream_remove", "stream_cut", "stream_uncut", "stream_move", "stream_cuts", "stream_step", "stream_reset"];
const MASKABLE = ["payload", "status_code", "reason"];

class BuilderPage {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.say = speaker(model.get("words"));
    this.link = new Link(model);
    /** @type {{name: string, frame: number} | null} */
    this.pin = null;
    /** @type {{name: string, frame: number} | null} */
    this.hovered = null;
    /** @type {{bit: number, hex: string, size: number} | null} */
    this.asking = null;
    this.view = "bits";
    /** @type {Sheet | null} what is known of the bytes that are shown */
    this.known = null;
    /** @type {Sheet | null} what of it may be said: nothing beside an edit that Python has not judged */
    this.judged = null;
    const acts = {
      flip: (/** @type {number} */ bit) => this.flip(bit),
      hover: (/** @type {Field | null} */ field) => this.hover(field),
      pin: (/** @type {Field} */ field, /** @type {number} */ byte) => this.pinned(field, byte),
    };
    this.views = { bits: new BitGrid(this.say, acts), hex: new HexBytes(this.say, acts), fields: new FieldTable(this.say, acts) };
    this.legend = new FieldLegend(this.say, acts);
    this.lines = new FieldLines(this.say, () => this.unpin());
    const send = (/** @type {Record<string, any>} */ act) => this.send(act);
    this.form = new FieldForm(this.say, send, model.get("state").opcodes);
    this.ladder = new LengthLadder(this.say, send);
    this.prediction = new PredictionPanel(this.say, (guess) => this.answer(guess));
    /** @type {Editor[]} which say at the field what is wrong there */
    this.edited = [this.form.key, this.form.length, this.form.code, this.form.reason];
    this.lead = el("p", { class: "wsedu-lead" });
    this.panels = new BuilderPanels({ say: this.say, link: this.link, model });
    const { line, stop, show } = problemLine(model, this.say, this.link, undefined, (text) => this.edited.some((editor) => editor.owned === text));
    this.stop = stop;
    this.problem = show;
    this.root = el(
      "section",
      { class: "wsedu wsedu-builder", lang: this.say("lang"), "aria-label": this.say("builder.title"), "data-lm-suppress-shortcuts": "true", onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) },
      this._bar(),
      this.lead,
      this.panels.goal,
      el("div", { class: "wsedu-figure" }, ...VIEWS.map((name) => this.views[name].root), this.legend.root, this._window()),
      this.lines.root,
      this.prediction.root,
      line,
      this._said(),
      this._editors(),
      this.panels.root,
    );
    host.append(this.root);
    this.follow = () => this.show();
    model.on("change:state", this.follow);
    this.link.shows = this.follow;
    this.show();
    this.link.greet();
  }

  // --- The parts of the page ---

  _bar() {
    const button = (/** @type {string} */ key, /** @type {() => void} */ onclick, /** @type {Record<string, any>} */ more = {}) => el("button", { type: "button", onclick, ...more }, this.say(`builder.${key}`));
    this.undo = button("undo", () => this.send({ do: "undo" }), { title: this.say("builder.undo_hint") });
    this.redo = button("redo", () => this.send({ do: "redo" }), { title: this.say("builder.redo_hint") });
    this.predict = button("predict", () => this.predicting(), { title: this.say("builder.predict_hint"), "aria-pressed": "false" });
    this.sender = this._choice("sender", SENDERS, (role) => this.send({ do: "sender", role }));
    this.shown = this._choice("show", VIEWS, (name) => this.look(name));
    const challenge = button("challenge", () => this.challenge());
    const copy = button("copy", () => this.copy(this.hex()));
    set(copy, { "aria-label": this.say("builder.copy_hex"), title: this.say("builder.copy_hex") });
    return el(
      "div",
      { class: "wsedu-row wsedu-bar" },
      el("h2", { class: "wsedu-title" }, this.say("builder.title")),
      this.sender.root, this.shown.root,
      el("div", { class: "wsedu-row wsedu-buttons" }, this.undo, this.redo, this.predict, challenge, copy),
    );
  }

  /** @param {string} key @param {readonly string[]} names @param {(name: string) => void} chosen */
  _choice(key, names, chosen) {
    const group = `wsedu-${key}-${this.link.view}`;
    const inputs = names.map((name) => /** @type {HTMLInputElement} */ (el("input", { type: "radio", name: group, value: name, onchange: () => chosen(name) })));
    const labels = names.map((name, place) => el("label", { class: "wsedu-flag" }, inputs[place], this.say(`builder.${key}_${name}`)));
    const root = el("div", { class: "wsedu-row wsedu-choice", role: "radiogroup", "aria-label": this.say(`builder.${key}`) }, el("span", { class: "wsedu-muted", "aria-hidden": "true" }, this.say(`builder.${key}`) + this.say("shared.colon").trimEnd()), ...labels);
    return { root, choose: (/** @type {string} */ name) => inputs.forEach((input) => (input.checked = input.value === name)) };
  }

  _window() {
    this.more = el("span", { class: "wsedu-muted" });
    this.widen = el("button", { type: "button", class: "wsedu-small" });
    this.widen.addEventListener("click", () => this.send({ do: "window", more: this.widen?.dataset.more === "true" }));
    this.window = el("p", { class: "wsedu-window" }, this.more, " ", this.widen);
    return this.window;
  }

  _said() {
    this.sentence = el("p", { class: "wsedu-builder-sentence", "aria-live": "polite" });
    this.happened = el("p", { class: "wsedu-builder-happened", "aria-live": "polite" });
    this.verdicts = Object.fromEntries(SENDERS.map((role) => [role, el("p", { class: "wsedu-builder-verdict", "data-role": role, "aria-live": "polite" })]));
    const list = el("dl", { class: "wsedu-builder-said" });
    const said = { verdict: el("div", {}, this.verdicts.client, this.verdicts.server), sentence: this.sentence, happened: this.happened };
    for (const [key, node] of Object.entries(said)) list.append(el("dt", {}, this.say(`builder.${key}`)), el("dd", {}, node));
    return list;
  }

  _editors() {
    const send = (/** @type {string} */ act) => (/** @type {string} */ text) => this.send({ do: act, text });
    const check = (/** @type {string} */ what) => (/** @type {string} */ text) => this.send({ do: "check", what, text });
    const label = (/** @type {string} */ key) => this.say(`builder.${key}`);
    this.text = new Editor({ label: label("text"), live: true, lines: true, mono: false, commit: send("text") });
    this.payload = new Editor({ label: label("payload"), lines: true, commit: send("payload"), check: check("payload") });
    this.bytes = new Editor({ label: label("hex"), lines: true, commit: send("hex"), check: check("hex") });
    this.python = new Editor({ label: label("python"), lines: true, commit: send("python") });
    this.edited.push(this.text, this.payload, this.bytes, this.python);
    this.command = el("code", { class: "wsedu-mono wsedu-command" });
    this.status = el("span", { class: "wsedu-copied", role: "status" });
    const copy = (/** @type {string} */ key, /** @type {() => string} */ text) => el("button", { type: "button", class: "wsedu-small", "aria-label": label(`copy_${key}`), onclick: () => this.copy(text()) }, label("copy"));
    this.copyPython = copy("python", () => this.known?.python ?? "");
    this.copyCommand = copy("command", () => this.known?.command ?? "");
    const rows = /** @type {[string, Node, Node?][]} */ ([
      ["fields", this.form.root],
      ["ladder", this.ladder.root],
      ["text", this.text.root],
      ["payload", this.payload.root],
      ["hex", this.bytes.root],
      ["python", this.python.root, this.copyPython],
      ["again", this.command, this.copyCommand],
    ]);
    const list = el("dl", { class: "wsedu-builder-said wsedu-builder-edit" });
    /** @type {Record<string, HTMLElement[]>} */
    this.rows = {};
    for (const [key, node, button] of rows) {
      this.rows[key] = [el("dt", {}, label(key)), el("dd", {}, node, button ?? null)];
      list.append(...this.rows[key]);
    }
    return el("div", {}, list, this.status);
  }

  // --- What the user does ---

  /** @param {Record<string, any>} act */
  send(act) {
    this.link.send(act);
  }

  /** @param {number} bit */
  flip(bit) {
    if (this.predict?.getAttribute("aria-pressed") !== "true") return this.send({ do: "flip", bit });
    if (this.asking || !this.known) return undefined;
    const { sheet, length_fields } = this.model.get("state");
    const field = this.known.fields.find((one) => one.first <= bit && bit < one.first + one.bits);
    const value = 1 - ((parseInt(this.known.hex[bit >> 2], 16) >> (3 - (bit & 3))) & 1);
    this.asking = { bit, hex: sheet.hex, size: sheet.size };
    this.show();
    this.prediction.ask({ bit, label: field?.label ?? "", value, length: length_fields.includes(field?.name) });
    return undefined;
  }

  /** @param {import("./prediction.js").Guess | null} guess */
  answer(guess) {
    const asked = this.asking;
    if (!asked) return;
    this.asking = null;
    this.send({ do: "predict", bit: asked.bit, ...(guess ?? { skipped: true }) });
    if (this.view === "bits") this.views.bits.cells[asked.bit]?.focus();
  }

  predicting() {
    const on = this.predict?.getAttribute("aria-pressed") !== "true";
    if (this.predict) set(this.predict, { "aria-pressed": on ? "true" : "false" });
    if (!on) this.asking = null;
    this.show();
  }

  challenge() {
    const tab = this.panels.tabs.find((one) => one.dataset.panel === "deck");
    tab?.click();
    tab?.focus();
  }

  /** @param {string} name */
  look(name) {
    this.view = name;
    this.show();
  }

  /** @param {Field | null} field */
  hover(field) {
    this.hovered = field && { name: field.name, frame: field.frame };
    this._outline();
  }

  /** @param {Field} field @param {number} byte */
  pinned(field, byte) {
    this.pin = { name: field.name, frame: field.frame };
    this._outline();
    if (MASKABLE.includes(field.name)) this.send({ do: "pin", byte });
  }

  unpin() {
    this.pin = null;
    this._outline();
  }

  /** @param {string} text */
  async copy(text) {
    const done = await copyText(text, this.root);
    if (this.status) write(this.status, done ? this.say("builder.copied", { text: text.length > 60 ? `${text.slice(0, 60)}…` : text }) : this.say("builder.not_copied"));
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    const key = event.key.toLowerCase();
    const act = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    this.send({ do: act });
  }

  // --- What is shown ---

  /** All bytes in hex, as far as they are here. */
  hex() {
    const { sheet, rest } = this.model.get("state");
    return flippedHex(sheet.hex, this._flips(this.link.pending)) + (rest ?? "");
  }

  /**
   * The bits that were flipped since Python last confirmed, up to the first act of another kind.
   * @param {Entry[]} pending
   */
  _flips(pending) {
    const end = pending.findIndex((entry) => !FLIPS.includes(entry.act.do));
    return (end < 0 ? pending : pending.slice(0, end)).map((entry) => entry.act.bit);
  }

  /** Draw what is known now: what Python confirmed, and what has been flipped since. */
  show() {
    const state = this.model.get("state");
    const pending = this.link.settle();
    const { sheet, flips } = state;
    if (this.asking && (this.asking.hex !== sheet.hex || this.asking.size !== sheet.size)) this.asking = null;
    const bits = this._flips(pending);
    const outcome = bits.length === 0 ? sheet : bits.length === 1 && flips[bits[0]] ? applied(sheet, flips[bits[0]]) : null;
    this.known = outcome;
    const hex = flippedHex(sheet.hex, bits);
    const waiting = waitingFor(this.say, this.link);
    // Flips are judged beforehand; whatever else changes the bytes is not.
    this.judged = pending.slice(bits.length).some((entry) => !ASIDE.includes(entry.act.do)) ? null : this.known;
    const busy = this.known === null || pending.length > bits.length;
    set(this.root, { "aria-busy": busy && !this.link.gone ? "true" : "false" });
    const changed = this.asking ? [this.asking.bit] : this.known ? this.known.changed : bits;
    for (const name of VIEWS) {
      const view = this.views[name];
      set(view.root, { hidden: name !== this.view });
      if (name === this.view) view.show(hex, this.known, changed);
    }
    write(this.lead, this.say(`builder.lead_${this.view}`));
    set(this.legend.root, { hidden: this.view === "fields" });
    this.legend.show(hex, this.known, changed);
    this._outline();
    this._tell(state, waiting);
    this._edit(state, hex, { pending: pending.length > 0, held: pending.length > bits.length, refused: this.model.get("problem").text ?? "", waiting: this.known ? null : waiting });
    if (pending.length === bits.length) this.sender?.choose(state.sender);
    this.shown?.choose(this.view);
    for (const name of /** @type {const} */ (["undo", "redo"])) if (this[name]) set(this[name], { disabled: !state[name] });
    this.prediction.show(this.predict?.getAttribute("aria-pressed") === "true", this.asking !== null, state.predicted.told);
    this.panels.show(state, this.known);
    this.problem();
  }

  _outline() {
    const named = (/** @type {{name: string, frame: number} | null} */ one) => (one && this.known?.fields.find((field) => field.name === one.name && field.frame === one.frame)) ?? null;
    const marks = { hovered: named(this.hovered), pinned: named(this.pin) };
    this.views[/** @type {"bits" | "hex" | "fields"} */ (this.view)].outline(marks);
    this.legend.outline(marks);
    this.lines.show(marks);
  }

  /** @param {any} state @param {string} waiting */
  _tell(state, waiting) {
    const known = this.judged;
    if (this.sentence) tell(this.sentence, known?.sentence ?? "", known ? "" : waiting);
    if (this.happened) tell(this.happened, this.asking ? this.say("predict.hidden") : known?.happened || "–", known || this.asking ? "" : waiting);
    for (const role of SENDERS) this._judge(role, state.sender === role, waiting);
    const { shown, more, fewer, foreseen } = state.window;
    const size = state.sheet.size;
    if (!this.window || !this.more || !this.widen) return;
    set(this.window, { hidden: size <= fewer && foreseen });
    set(this.widen, { hidden: size <= fewer });
    const hidden = size > shown ? this.say("builder.more", { count: size - shown }) : "";
    write(this.more, foreseen ? hidden : `${hidden} ${this.say("builder.unforeseen")}`.trim());
    const widens = shown === fewer;
    set(this.widen, { "data-more": widens ? "true" : "false" });
    write(this.widen, widens ? this.say("builder.show_more", { count: more }) : this.say("builder.show_less"));
  }

  /** @param {string} role @param {boolean} sender whether this role is taken as the sender @param {string} waiting */
  _judge(role, sender, waiting) {
    const node = this.verdicts?.[role];
    if (!node) return;
    const verdict = this.judged?.verdicts[role];
    const good = verdict?.legal && verdict.complete;
    const look = !verdict ? "wsedu-muted" : good ? "wsedu-good" : verdict.legal ? "" : "wsedu-bad";
    set(node, { class: `wsedu-builder-verdict ${look} ${sender ? "wsedu-verdict-sender" : ""}` });
    tell(node, verdict ? `${verdict.legal ? (good ? "✔" : "…") : "✖"} ${verdict.text}` : "", verdict ? "" : waiting);
  }

  /** @param {any} state @param {string} hex @param {import("./field_form.js").Now} now */
  _edit(state, hex, now) {
    const form = this.known ? this.known.form : null;
    this.form.show(form, now);
    this.ladder.show(state.ladder, form, now);
    const wait = now.waiting ?? "";
    const long = form ? this.say("builder.too_long", { count: form.size }) : wait;
    const disabled = !form && now.waiting === null;
    const close = form !== null && form.code !== null;
    for (const node of this.rows?.text ?? []) set(node, { hidden: close });
    const noText = form && form.text === null && form.payload !== null ? this.say("builder.no_text") : long;
    this.text?.show(form ? form.text : null, { ...now, placeholder: form?.text === null || !form ? noText : "", disabled });
    this.payload?.show(form ? spaced(form.payload) : null, { ...now, placeholder: form?.payload === null || !form ? long : "", disabled });
    const whole = state.rest === null ? null : spaced(hex + state.rest);
    this.bytes?.show(whole, { ...now, placeholder: whole === null ? this.say("builder.too_long", { count: state.sheet.size }) : "" });
    const python = this.known ? this.known.python : null;
    this.python?.show(python, { ...now, placeholder: this.known ? (python ? "" : this.say("builder.python_long")) : wait });
    if (this.command) write(this.command, this.known ? this.known.command || this.say("builder.again_long") : wait);
    if (this.copyPython) set(this.copyPython, { disabled: !python });
    if (this.copyCommand) set(this.copyCommand, { disabled: !this.known?.command });
  }

  destroy() {
    this.stop();
    this.model.off("change:state", this.follow);
  }
}

/** @param {string | null} hex */
function spaced(hex) {
  return hex === null ? null : hex.replace(/(..)(?!$)/g, "$1 ");
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const page = new BuilderPage(model, host);
  return () => page.destroy();
}

export default { render };
