// @ts-check
// One head of the handshake: its lines to change, what each is for, and the checks of its reader.

import { el, focused, keepHeight, set, tell, write } from "./common.js";

/**
 * @typedef {{number: number, text: string, means: string, section: string, mark: string, empty: boolean}} HeadLine
 * @typedef {{rule: string, field: string, found: string | null, words: string, sentence: string, section: string, state: string}} HeadCheck
 * @typedef {{lines: HeadLine[], veiled?: boolean, end: string, raw: string, size: number, rest: string, rest_size: number, checks: HeadCheck[], verdict: string, rule: string | null, ends: string}} HeadSheet
 */

const SIGNS = /** @type {Record<string, string>} */ ({ passed: "✔", failed: "✖", also: "✖", later: "·", hidden: "·" });
const MOST_LINES = 120;

export class HeadPane {
  /**
   * @param {"request" | "response"} side
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {(act: Record<string, any>) => void} send
   */
  constructor(side, say, send) {
    this.side = side;
    this.say = say;
    this.send = (/** @type {string} */ name, /** @type {Record<string, any>} */ rest = {}) => send({ do: name, side, ...rest });
    /** @type {Map<number, any>} */
    this.rows = new Map();
    this.whole = false;
    /** a header field was asked for and is not there yet */
    this.adding = false;
    this.title = el("h3", {});
    this.verdict = el("p", { class: "wsedu-head-verdict", "aria-live": "polite" });
    this.lines = el("ol", { class: "wsedu-lines" });
    this.rest = el("pre", { class: "wsedu-mono wsedu-head-rest" });
    this.restNote = el("p", { class: "wsedu-muted" });
    this.raw = /** @type {HTMLTextAreaElement} */ (
      el("textarea", {
        class: "wsedu-mono",
        rows: "12",
        spellcheck: "false",
        "aria-label": say("stepper.raw.label", { side: say(`stepper.side.${side}`) }),
        oninput: () => this.send("raw", { text: this.raw.value }),
      })
    );
    this.checks = el("ol", { class: "wsedu-checks", "aria-label": say(`stepper.checks.${side}`) });
    this.checksTitle = el("h4", {}, say(`stepper.checks.${side}`));
    this.root = el("div", { class: "wsedu-head" }, this.title, this.verdict, this.lines, this.raw, this.restNote, this.rest, this._tools(), this.checksTitle, this.checks);
  }

  _tools() {
    const button = (/** @type {string} */ text, /** @type {() => void} */ onclick) => el("button", { type: "button", onclick }, text);
    this.add = button(this.say("stepper.add"), () => {
      this.adding = true;
      this.send("add");
    });
    this.mode = button("", () => {
      this.whole = !this.whole;
      if (this.last) this.show(...this.last);
    });
    this.back = button(this.say("stepper.follow"), () => this.send("follow", { side: undefined }));
    const options = [el("option", { value: "CRLF" }, "CR LF"), el("option", { value: "LF" }, "LF")];
    this.ends = /** @type {HTMLSelectElement} */ (el("select", { onchange: () => this.send("ends", { end: this.ends.value }) }, ...options));
    this.tools = el("div", { class: "wsedu-row wsedu-head-tools" }, this.add, this.mode, el("label", { class: "wsedu-row" }, this.say("stepper.ends"), this.ends), this.back);
    return this.tools;
  }

  /**
   * @param {HeadSheet} head
   * @param {boolean} own whether the response is not the server's
   * @param {string} waiting what to say while Python has not answered, so that what is typed must not be overwritten
   */
  show(head, own, waiting) {
    /** @type {[HeadSheet, boolean, string]} */
    this.last = [head, own, waiting];
    const busy = Boolean(waiting);
    write(this.title, this.say(own ? "stepper.response.own" : `stepper.${this.side}`));
    tell(this.verdict, (head.rule ? "✖ " : "") + head.verdict, waiting);
    const good = head.ends === "101" || head.ends === "opens";
    set(this.verdict, { class: `wsedu-head-verdict ${busy ? "wsedu-muted" : good ? "wsedu-good" : head.ends ? "wsedu-bad" : "wsedu-muted"}` });
    set(this.lines, { hidden: this.whole });
    set(this.raw, { hidden: !this.whole });
    const typing = document.activeElement === this.raw;
    if (!(typing && this.raw.value.replaceAll("\n", "") === head.raw.replace(/[\r\n]/g, "")) && !(busy && (typing || this.raw.value !== this.rawShown))) this._fill(this.raw, head.raw);
    if (this.tools) set(this.tools, { hidden: Boolean(head.veiled) });
    if (this.add) set(this.add, { hidden: this.whole });
    if (this.mode) write(this.mode, this.say(this.whole ? "stepper.raw.lines" : "stepper.raw"));
    if (this.back) set(this.back, { hidden: !own });
    if (!busy) this.ends.value = head.end;
    set(this.restNote, { hidden: !head.rest || this.whole });
    write(this.restNote, this.say("stepper.rest", { count: head.rest_size }));
    set(this.rest, { hidden: !head.rest || this.whole });
    write(this.rest, head.rest);
    this._lines(head.lines.slice(0, MOST_LINES), busy);
    this._checks(head.checks, waiting);
  }

  /** @param {HTMLTextAreaElement} field @param {string} text */
  _fill(field, text) {
    const plain = text.replaceAll("\r\n", "\n");
    if (field.value !== plain) field.value = plain;
    this.rawShown = plain;
  }

  // --- Lines ---

  /** @param {HeadLine[]} lines @param {boolean} busy */
  _lines(lines, busy) {
    const numbers = new Set(lines.map((line) => line.number));
    const left = [...this.rows].findIndex(([number, row]) => !numbers.has(number) && row.root.contains(focused(this.root)));
    const newest = Math.max(-1, ...this.rows.keys());
    for (const [number, row] of this.rows) {
      if (numbers.has(number)) continue;
      row.root.remove();
      this.rows.delete(number);
    }
    lines.forEach((line, place) => {
      const row = this.rows.get(line.number) ?? this._row(line.number);
      if (this.lines.children[place] !== row.root) this.lines.insertBefore(row.root, this.lines.children[place] ?? null);
      this._fillRow(row, line, place, busy);
    });
    if (left >= 0) this._focus(lines[Math.min(left, lines.length - 1)]?.number);
    const added = lines.find((line) => line.number > newest);
    if (this.adding && added) this._focus(added.number);
    if (added || !busy) this.adding = false;
  }

  /**
   * Have a line ready to be typed in; where there is none, the button that adds one.
   * @param {number | undefined} number
   */
  _focus(number) {
    const input = number === undefined ? null : this.rows.get(number)?.input;
    (input ?? this.add)?.focus();
    input?.setSelectionRange(input.value.length, input.value.length);
  }

  /** @param {number} number */
  _row(number) {
    const input = /** @type {HTMLInputElement} */ (
      el("input", { class: "wsedu-mono", autocomplete: "off", spellcheck: "false", oninput: () => this.send("change", { number, text: input.value }) })
    );
    const twice = el("button", { class: "wsedu-icon", "data-icon": "×2", type: "button", onclick: () => this.send("duplicate", { number }) });
    const away = el("button", { class: "wsedu-icon", "data-icon": "✕", type: "button", onclick: () => this.send("delete", { number }) });
    const mark = el("span", { class: "wsedu-line-mark", "aria-hidden": "true" });
    const means = el("p", { class: "wsedu-muted wsedu-line-means" });
    const root = el("li", { "data-line": number }, el("div", { class: "wsedu-line" }, mark, input, twice, away), means);
    const row = { root, input, twice, away, mark, means, shown: "" };
    this.rows.set(number, row);
    return row;
  }

  /** @param {any} row @param {HeadLine} line @param {number} place @param {boolean} busy */
  _fillRow(row, line, place, busy) {
    const typing = document.activeElement === row.input;
    // What was typed here stays until Python has answered it, wherever the user is meanwhile.
    const kept = busy && (typing || row.input.value !== row.shown);
    if (!kept) row.input.value = row.shown = line.text;
    const judged = !busy && line.mark;
    const side = this.say(`stepper.side.${this.side}`);
    const outcome = judged ? this.say("shared.comma") + this.say(`stepper.check.${line.mark}`) : "";
    set(row.input, { "aria-label": this.say("stepper.line", { number: place + 1, side }) + outcome, "aria-invalid": judged === "failed" ? "true" : null });
    set(row.input, { placeholder: line.empty ? this.say("stepper.empty") : null });
    set(row.twice, { "aria-label": this.say("stepper.duplicate", { text: line.text }), title: this.say("stepper.duplicate", { text: line.text }) });
    set(row.away, { "aria-label": this.say("stepper.delete", { text: line.text }), title: this.say("stepper.delete", { text: line.text }) });
    set(row.mark, { "data-icon": (judged && SIGNS[judged]) || "", class: `wsedu-icon wsedu-line-mark ${judged === "passed" ? "wsedu-good" : "wsedu-bad"}` });
    write(row.means, line.section ? `${line.means} ${line.section}` : line.means);
  }

  // --- Checks ---

  /** @param {HeadCheck[]} checks @param {string} waiting */
  _checks(checks, waiting) {
    set(this.checksTitle, { hidden: !checks.length });
    keepHeight(this.checks, Boolean(waiting));
    while (this.checks.children.length > checks.length) this.checks.lastElementChild?.remove();
    while (this.checks.children.length < checks.length) {
      const parts = ["sign", "words", "found", "rule"].map((name) => el("span", { class: `wsedu-check-${name}` }));
      this.checks.append(el("li", {}, ...parts));
    }
    checks.forEach((check, place) => this._check(/** @type {Element} */ (this.checks.children[place]), check, checks[place - 1], waiting));
  }

  /** @param {Element} row @param {HeadCheck} check @param {HeadCheck | undefined} before @param {string} waiting */
  _check(row, check, before, waiting) {
    const [sign, words, found, rule] = row.children;
    const state = waiting ? "hidden" : check.state;
    const absent = this.say("stepper.check.absent");
    set(row, { class: `wsedu-check-${state}`, "data-rule": check.rule, title: check.sentence });
    set(sign, { class: "wsedu-icon wsedu-check-sign", "data-icon": waiting ? "…" : SIGNS[state], role: "img", "aria-label": waiting || this.say(`stepper.check.${state}`) });
    const colon = this.say("shared.colon");
    write(words, check.field + colon + check.words);
    const outcome = this.say(`stepper.check.${check.state}`);
    // What was found is not said again by the next check of the same field.
    const again = before?.field === check.field && before.found === check.found;
    const answer = check.state === "passed" ? (again ? "" : (check.found ?? "")) : check.state === "failed" ? outcome + colon + (check.found ?? absent) : outcome;
    write(found, waiting ? "" : answer);
    write(rule, `${check.rule} ${check.section}`);
  }
}
