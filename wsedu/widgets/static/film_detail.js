// @ts-check
// Everything about one step of a film: its sentence, bytes, fields, rule, and the function that decided it.

import { el, write } from "./common.js";

export class StepDetail {
  /** @param {(key: string, facts?: Record<string, any>) => string} say */
  constructor(say) {
    this.say = say;
    this.heading = el("h3", { class: "wsedu-film-heading" });
    this.body = el("div");
    this.root = el("section", { class: "wsedu-film-detail", "aria-label": say("film.detail") }, this.heading, this.body);
    /** @type {any} */
    this.shown = null;
  }

  /**
   * Show a step.
   * @param {string} heading
   * @param {any} detail as `wsedu.views.film_detail` makes it; undefined while Python has not sent it
   */
  show(heading, detail) {
    write(this.heading, heading);
    if (detail && detail === this.shown) return;
    this.shown = detail;
    this.body.replaceChildren(...(detail ? this._parts(detail) : [el("p", { class: "wsedu-muted" }, this.say("shared.waiting"))]));
  }

  /** @param {any} detail */
  _parts(detail) {
    const parts = [el("p", {}, detail.sentence)];
    if (detail.rule) parts.push(this._part("rule", el("p", {}, el("strong", {}, detail.rule.name), " ", detail.rule.sentence)));
    if (detail.rfc) parts.push(el("p", { class: "wsedu-muted" }, this.say("film.section", { section: detail.rfc })));
    if (detail.head) parts.push(this._part("head", this._pre(detail.head.join("\n"), "head")));
    if (detail.bytes) parts.push(this._part("bytes", this._pre(detail.bytes, "bytes"), this.say("film.bytes.size", { count: detail.size })));
    if (detail.text) parts.push(this._part("text", this._pre(detail.text, "text")));
    if (detail.fields?.length) parts.push(this._part("fields", this._fields(detail.fields)));
    if (detail.facts?.length) parts.push(this._part("facts", this._facts(detail.facts)));
    parts.push(...this._source(detail));
    return parts;
  }

  /** @param {string} name @param {HTMLElement} content @param {string} [more] */
  _part(name, content, more) {
    return el("div", { class: `wsedu-film-part-${name}` }, el("h4", {}, this.say(`film.${name}`), more ? el("span", { class: "wsedu-muted" }, ` ${more}`) : null), content);
  }

  /** @param {string} text @param {string} name */
  _pre(text, name) {
    return el("pre", { class: "wsedu-mono", tabindex: "0", role: "region", "aria-label": this.say(`film.${name}`) }, text);
  }

  /** @param {any[]} fields */
  _fields(fields) {
    const head = ["field", "bits", "value", "meaning"].map((name) => el("th", { scope: "col" }, this.say(`film.${name}`)));
    const rows = fields.map((field) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, el("span", { class: `wsedu-film-mark wsedu-fill wsedu-f-${field.name}`, "data-sign": field.letter, "aria-hidden": "true" }), field.label),
        el("td", {}, this.say("film.bits.count", { count: field.bits })),
        el("td", { class: "wsedu-mono" }, field.value),
        el("td", {}, field.meaning),
      ),
    );
    return el("div", { class: "wsedu-film-scroll", tabindex: "0", role: "region", "aria-label": this.say("film.fields") }, el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)));
  }

  /** @param {[string, string][]} facts */
  _facts(facts) {
    return el("dl", { class: "wsedu-film-facts" }, ...facts.flatMap(([name, value]) => [el("dt", { class: "wsedu-mono" }, name), el("dd", {}, value)]));
  }

  /** @param {any} detail */
  _source(detail) {
    const { source, by } = detail;
    if (!by) return [];
    if (!source) return [el("p", { class: "wsedu-muted" }, this.say("film.source.none", { by }))];
    return [this._part("source", this._pre(source.code, "source"), this.say("film.source.place", { file: source.file, line: source.line }))];
  }
}
