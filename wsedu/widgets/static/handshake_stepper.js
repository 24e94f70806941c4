// @ts-check
// The page of `HandshakeStepper`. It sends what is typed and shows what Python made of it; it judges nothing.

import { el, Link, problemLine, set, speaker, waitingFor } from "./common.js";
import { HeadPane } from "./head_pane.js";
import { KeyPane } from "./key_pane.js";
import { StepBar } from "./step_bar.js";

class Stepper {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.say = speaker(model.get("words"));
    this.link = new Link(model);
    const send = (/** @type {Record<string, any>} */ act) => this.link.send(act);
    this.panes = { request: new HeadPane("request", this.say, send), response: new HeadPane("response", this.say, send) };
    this.key = new KeyPane(this.say, send);
    this.bar = new StepBar(this.say, send);
    this.preset = this._preset();
    this.stepping = el("button", { type: "button", onclick: () => this.link.send({ do: "stepping", on: !this.model.get("state").steps }) }, this.say("stepper.steps"));
    this.subprotocols = this._field({ size: "14", autocomplete: "off", spellcheck: "false" });
    this.sameHost = this._field({ type: "checkbox" });
    this.compress = this._field({ type: "checkbox" });
    const { line, stop } = problemLine(model, this.say, this.link);
    this.stop = stop;
    const heads = el("div", { class: "wsedu-heads" }, this.panes.request.root, this.panes.response.root);
    this.root = el(
      "section",
      { class: "wsedu wsedu-stepper", lang: this.say("lang"), "aria-label": this.say("stepper.title"), "data-lm-suppress-shortcuts": "true", onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event) },
      this._top(),
      this._policy(),
      this.bar.root,
      line,
      heads,
      this.key.root,
    );
    host.append(this.root);
    this.follow = () => this.show();
    model.on("change:state", this.follow);
    this.link.shows = this.follow;
    this.show();
  }

  _preset() {
    const presets = this.model.get("state").presets;
    const named = [["", this.say("stepper.preset.own")], ...presets.map((/** @type {string} */ name) => [name, this.say(`preset.${name}`)])];
    const options = named.map(([value, text]) => el("option", { value, disabled: value === "" }, text));
    const select = /** @type {HTMLSelectElement} */ (el("select", { onchange: () => this.link.send({ do: "preset", name: select.value }) }, ...options));
    return select;
  }

  /** @param {Record<string, any>} attributes an input that changes what the server accepts */
  _field(attributes) {
    const tell = () =>
      this.link.send({ do: "policy", subprotocols: this.subprotocols.value, same_host: this.sameHost.checked, compress: this.compress.checked });
    return /** @type {HTMLInputElement} */ (el("input", { ...attributes, onchange: tell }));
  }

  _top() {
    const title = el("h2", { class: "wsedu-title" }, this.say("stepper.title"));
    const row = el("div", { class: "wsedu-row" }, title, el("label", { class: "wsedu-row" }, this.say("stepper.preset"), this.preset), this.stepping);
    return el("div", {}, row, el("p", { class: "wsedu-lead" }, this.say("stepper.lead")));
  }

  _policy() {
    const labelled = (/** @type {HTMLElement} */ input, /** @type {string} */ key) => el("label", { class: "wsedu-row" }, input, this.say(key));
    return el(
      "div",
      { class: "wsedu-row wsedu-policy" },
      el("label", { class: "wsedu-row" }, this.say("stepper.subprotocols"), this.subprotocols),
      labelled(this.sameHost, "stepper.same_host"),
      labelled(this.compress, "stepper.compress"),
    );
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const by = { PageDown: 1, PageUp: -1 }[event.key];
    if (!by || !this.model.get("state").steps || /** @type {Element} */ (event.target).tagName === "TEXTAREA") return;
    event.preventDefault();
    event.stopPropagation();
    this.link.send(event.shiftKey && by > 0 ? { do: "jump" } : { do: "go", by });
  }

  show() {
    const { sheet, policy, preset, steps, usable } = this.model.get("state");
    const busy = this.link.settle().length > 0;
    set(this.root, { "aria-busy": this.link.busy ? "true" : "false" });
    const waiting = busy ? waitingFor(this.say, this.link) : "";
    set(this.stepping, { "aria-pressed": steps ? "true" : "false" });
    if (!this.link.awaits("preset")) this.preset.value = preset;
    if (!this.link.awaits("policy")) {
      if (document.activeElement !== this.subprotocols) this.subprotocols.value = policy.subprotocols;
      this.sameHost.checked = policy.same_host;
      this.compress.checked = policy.compress;
    }
    this.bar.show(steps);
    this.panes.request.show(sheet.request, false, waiting);
    this.panes.response.show(sheet.response, sheet.own, waiting);
    this.key.show(sheet.key, Boolean(steps) && !sheet.key, usable);
  }

  destroy() {
    this.stop();
    this.model.off("change:state", this.follow);
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const stepper = new Stepper(model, host);
  return () => stepper.destroy();
}

export default { render };
