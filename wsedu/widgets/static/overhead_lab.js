// @ts-check
// The page of `OverheadLab`. Every number, place and sentence comes from Python; here they are shown.

import { el, Link, problemLine, set, speaker, write } from "./common.js";
import { ChartView, sampleOf, shape } from "./overhead_draw.js";
import { NumberField } from "./overhead_fields.js";
import { MeasurePanel } from "./overhead_measure.js";
import { StoryPanel } from "./overhead_story.js";
import { glossary } from "./overhead_words.js";
import { SheetView } from "./overhead_tables.js";
import { ToggleRow } from "./overhead_toggles.js";

const CHARTS = ["bars", "delays", "rates", "crowds"];
/** Milliseconds between two sentences that are read out. */
const READING = 700;

class LabPage {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.say = speaker(model.get("words"));
    this.link = new Link(model);
    /** @type {Map<string, number>} sliders that were moved and that Python has not been told of */
    this.moves = new Map();
    this.frame = 0;
    this.reading = 0;
    this.act = (/** @type {Record<string, any>} */ act) => this._act(act);
    const fixed = model.get("fixed");
    this.problem = problemLine(model, this.say, this.link);
    this.sentence = el("p", { class: "wsedu-lab-said", "aria-live": "polite" });
    this.own = /** @type {HTMLButtonElement} */ (el("button", { type: "button", hidden: true, onclick: () => this._own() }, this.say("lab.own")));
    this.measure = new MeasurePanel(this.say, fixed.seconds, this.act);
    this.story = new StoryPanel(this.say, fixed.story, this.act);
    this.sheets = [new SheetView(), new SheetView()];
    this.tables = /** @type {HTMLDetailsElement} */ (
      el("details", { class: "wsedu-lab-tables", ontoggle: () => this._tabulate() }, el("summary", {}, this.say("lab.table")), ...this.sheets.map((sheet) => sheet.root))
    );
    // Names of textures are for the whole document, where this widget may be shown twice.
    const texture = (/** @type {string} */ name) => `${name}-${this.link.view}`;
    const named = (/** @type {any[]} */ looks) => Object.fromEntries(looks.map((look) => [look.name, look]));
    this.charts = CHARTS.map((name) => new ChartView(name, named(fixed.transports), named(fixed.layers), texture));
    const textures = shape("svg", { class: "wsedu-lab-textures", "aria-hidden": "true", width: 0, height: 0 });
    textures.innerHTML = fixed.textures.replace(/id="([^"]+)"/g, (/** @type {string} */ _, /** @type {string} */ name) => `id="${texture(name)}"`);
    this.root = el(
      "section",
      { class: "wsedu wsedu-lab", lang: this.say("lang"), "aria-label": this.say("lab.title"), tabindex: "-1", onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) },
      this._head(),
      // What is moved and what moves by it stand beside each other, where there is room.
      el(
        "div",
        { class: "wsedu-lab-bench" },
        el("div", { class: "wsedu-lab-controls" }, this._setting(fixed), this.measure.root, this.problem.line),
        el(
          "div",
          { class: "wsedu-lab-view" },
          this._legends(fixed),
          el("div", { class: "wsedu-lab-news" }, this.sentence, this.own),
          el("div", { class: "wsedu-lab-charts" }, textures, ...this.charts.map((chart) => chart.root)),
        ),
      ),
      this.measure.about,
      this.tables,
      glossary(this.say("lab.words"), this.say("lab.counting"), [...fixed.transports, ...fixed.layers]),
      this.story.root,
    );
    host.append(this.root);
    this.follow = () => this.show();
    this.hear = (/** @type {any} */ message) => message.kind === "progress" && this.measure.progress(message);
    model.on("change:state", this.follow);
    model.on("msg:custom", this.hear);
    this.show();
  }

  // --- The parts of the page ---

  _head() {
    this.projector = el("button", { type: "button", "aria-pressed": "false", onclick: () => this._project() }, this.say("lab.projector"));
    this.begin = el("button", { type: "button", class: "wsedu-lab-begin", onclick: () => this.story.begin() }, this.say("lab.begin"));
    return el("div", { class: "wsedu-lab-head" }, el("div", {}, el("h3", {}, this.say("lab.title")), el("p", {}, this.say("lab.lead"), " ", this.begin)), this.projector);
  }

  /** @param {any} fixed */
  _setting(fixed) {
    const acts = {
      slide: (/** @type {string} */ name, /** @type {number} */ stop) => this._slide(name, stop),
      type: (/** @type {string} */ name, /** @type {string} */ text) => this.act({ do: "type", name, text }),
    };
    this.fields = fixed.fields.map((/** @type {any} */ look) => new NumberField(this.say, look, `wsedu-lab-${this.link.view}-${look.name}`, acts));
    const presets = fixed.presets.map((/** @type {[string, string]} */ [name, label]) => el("button", { type: "button", "data-preset": name, onclick: () => this.act({ do: "preset", name }) }, label));
    const heads = fixed.headers.map((/** @type {[string, string]} */ [value, label]) => el("option", { value }, label));
    this.headers = /** @type {HTMLSelectElement} */ (el("select", { "data-choice": "headers", onchange: () => this.act({ do: "headers", name: this.headers?.value }) }, ...heads));
    this.origin = el("span", { class: "wsedu-muted" });
    this.tls = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", onchange: () => this.act({ do: "tls", on: Boolean(this.tls?.checked) }) }));
    return el(
      "div",
      { class: "wsedu-lab-setting", role: "group", "aria-label": this.say("lab.setting") },
      el("div", { class: "wsedu-row", role: "group", "aria-label": this.say("lab.presets") }, el("span", { class: "wsedu-muted" }, this.say("lab.presets")), ...presets),
      el("div", { class: "wsedu-lab-fields" }, ...this.fields.map((/** @type {NumberField} */ field) => field.root)),
      el("div", { class: "wsedu-row" }, el("label", { class: "wsedu-row" }, this.say("lab.headers"), this.headers), el("label", { class: "wsedu-lab-choice" }, this.tls, this.say("lab.tls")), this.origin),
    );
  }

  /** @param {any} fixed */
  _legends(fixed) {
    const ways = fixed.transports.map((/** @type {any} */ look) => ({ ...look, sign: sampleOf(look) }));
    const layers = fixed.layers.map((/** @type {any} */ look) => ({ ...look, sign: el("span", { class: "wsedu-lab-swatch wsedu-fill wsedu-icon", "data-icon": look.letter, style: `--wsedu-fill:${look.fill};--wsedu-ink:${look.ink};--wsedu-texture:${look.image}` }) }));
    this.ways = new ToggleRow(this.say("lab.transports"), ways, (name) => this.act({ do: "transport", name }));
    this.layers = new ToggleRow(this.say("lab.layers"), layers, (name) => this.act({ do: "layer", name }));
    return el("div", { class: "wsedu-lab-legends" }, this.ways.root, this.layers.root);
  }

  // --- What the user does ---

  /** @param {Record<string, any>} act */
  _act(act) {
    this._flush();
    this.link.send(act);
    this.show();
  }

  /** @param {string} name @param {number} stop */
  _slide(name, stop) {
    this.moves.set(name, stop);
    set(this.root, { "aria-busy": "true" });
    this._soon();
  }

  /** Tell Python of the sliders, once in each picture of the screen, and only when it has answered. */
  _soon() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.link.pending.length) return;
      this._flush();
    });
  }

  /** Back from what a chapter shows: to one's own setting, and to where one came from. */
  _own() {
    this.act({ do: "own" });
    this.story.back();
  }

  _flush() {
    if (!this.moves.size) return;
    this.link.send({ do: "slide", moves: Object.fromEntries(this.moves) });
    this.moves.clear();
  }

  _project() {
    const on = this.root.classList.toggle("wsedu-lab-projector");
    if (this.projector) set(this.projector, { "aria-pressed": on ? "true" : "false" });
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    if (event.key !== "Escape" || !this.root.classList.contains("wsedu-lab-projector")) return;
    event.stopPropagation();
    this._project();
  }

  // --- What is shown ---

  show() {
    const state = this.model.get("state");
    const pending = this.link.settle();
    const busy = Boolean(pending.length || this.moves.size);
    set(this.root, { "aria-busy": busy ? "true" : "false" });
    if (this.moves.size) this._soon();
    const told = pending.flatMap(({ act }) => (act.do === "type" ? [act.name] : Object.keys(act.moves ?? {})));
    const sent = new Set([...this.moves.keys(), ...told]);
    for (const field of this.fields) field.show(state.fields[field.look.name], sent.has(field.look.name));
    if (state === this.shown) return;
    this.shown = state;
    if (this.headers) this.headers.value = state.headers;
    if (this.tls) this.tls.checked = state.tls;
    if (this.origin) write(this.origin, state.origin);
    this.ways?.show(state.transports);
    this.layers?.show(state.layers);
    this.charts.forEach((chart, place) => chart.show(state.charts[CHARTS[place]]));
    this._tabulate();
    this.measure.show(state.measure);
    set(this.own, { hidden: !state.own });
    this.story.show(state.story);
    if (!this.reading) this._read();
  }

  /** Tables that are folded away cost nothing while a slider moves. */
  _tabulate() {
    const { tables } = this.model.get("state");
    if (this.tables.open) this.sheets.forEach((sheet, place) => sheet.show(tables[place]));
  }

  /** The newest sentence, but not more often than somebody can listen. */
  _read() {
    this.reading = 0;
    const said = this.model.get("state").said;
    if (said === this.sentence.textContent) return;
    write(this.sentence, said);
    this.reading = setTimeout(() => this._read(), READING);
  }

  destroy() {
    this.problem.stop();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.reading);
    this.model.off("change:state", this.follow);
    this.model.off("msg:custom", this.hear);
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const page = new LabPage(model, host);
  return () => page.destroy();
}

export default { render };
