// @ts-check
// The buttons of a live exchange. What cannot be done now is marked, and keeps its place for the keyboard.

import { el, set, write } from "./common.js";
import { ROLE_NAMES } from "./film_store.js";

export class LiveControls {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {{address: string, menu: Record<string, [string, string][]>}} state
   * @param {(act: Record<string, any>) => void} send
   */
  constructor(say, state, send) {
    this.say = say;
    this.menu = state.menu;
    this.send = send;
    this.who = "client";
    this.gone = false;
    /** @type {Record<string, HTMLElement>} */
    this.buttons = {};
    this.address = this._input("address", { value: state.address, size: "30", placeholder: say("live.address.own"), title: say("live.address.hint"), class: "wsedu-mono wsedu-live-address", inputmode: "url" }, "connect");
    this.data = this._input("message", { value: "Hello", size: "24" }, "send");
    this.kind = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": say("live.kind"), onchange: () => this._example() }, ...["text", "binary"].map((kind) => el("option", { value: kind }, say(`live.kind.${kind}`)))));
    this.payload = this._input("payload", { value: "", size: "8" }, "ping");
    this.code = this._input("code", { value: "1000", size: "5", inputmode: "numeric", title: say("live.code.hint") }, "close");
    this.reason = this._input("reason", { value: "", size: "12" }, "close");
    this.illegal = /** @type {HTMLSelectElement} */ (el("select", { class: "wsedu-live-illegal", "aria-label": say("live.illegal") }));
    /** @type {(string | null)[]} */
    this.states = [null, null];
    this.opening = false;
    this.own = true;
    this.root = el("div", { class: "wsedu-live-controls", role: "group", "aria-label": say("live.title") }, this._first(), this._acting(), this._message(), this._close(), this._illegal());
    this.choose("client");
  }

  // --- The rows ---

  _first() {
    const connect = this._button("connect", () => this.send({ do: "connect", url: this.address.value }));
    const cut = this._button("cut", () => this.send({ do: "cut", who: this.who }), this.say("live.cut.hint"));
    return el("div", { class: "wsedu-row" }, this._label("address", this.address), connect, cut);
  }

  /** Who acts, where both ends are ours. */
  _acting() {
    const name = `wsedu-live-${Math.random().toString(36).slice(2)}`;
    this.choices = ROLE_NAMES.map((role) => /** @type {HTMLInputElement} */ (el("input", { type: "radio", name, value: role, checked: role === this.who, onchange: () => this.choose(role) })));
    const labels = this.choices.map((input) => el("label", { class: "wsedu-live-choice" }, input, " ", this.say(`live.who.${input.value}`)));
    this.acting = el("fieldset", { class: "wsedu-row wsedu-live-acting" }, el("legend", {}, this.say("live.acting")), ...labels);
    return this.acting;
  }

  _message() {
    const send = this._button("send", () => this.send({ do: "send", who: this.who, kind: this.kind.value, data: this.data.value }));
    return el("div", { class: "wsedu-row" }, this._label("message", this.data), this._label("kind", this.kind), send);
  }

  _close() {
    const ping = this._button("ping", () => this.send({ do: "ping", who: this.who, data: this.payload.value }));
    const close = this._button("close", () => this.send({ do: "close", who: this.who, code: this.code.value, reason: this.reason.value }));
    const one = el("span", { class: "wsedu-live-join" }, this._label("payload", this.payload), ping);
    const other = el("span", { class: "wsedu-live-join" }, this._label("code", this.code), this._label("reason", this.reason), close);
    return el("div", { class: "wsedu-row" }, one, other);
  }

  _illegal() {
    const send = this._button("illegal.send", () => this.send({ do: "illegal", who: this.who, name: this.illegal.value }));
    return el("div", { class: "wsedu-row" }, this._label("illegal", this.illegal), send);
  }

  /** @param {string} key @param {HTMLElement} node */
  _label(key, node) {
    return el("label", { class: "wsedu-live-label" }, this.say(`live.${key}`), " ", node);
  }

  /** An input whose Enter presses a button. @param {string} key @param {Record<string, any>} attributes @param {string} button */
  _input(key, attributes, button) {
    const onkeydown = (/** @type {KeyboardEvent} */ event) => {
      // What is typed is not for the notebook.
      event.stopPropagation();
      if (event.key === "Enter") this.buttons[button].click();
    };
    return /** @type {HTMLInputElement} */ (el("input", { autocomplete: "off", spellcheck: "false", "aria-label": this.say(`live.${key}`), onkeydown, ...attributes }));
  }

  /** @param {string} key @param {() => void} act @param {string} [title] */
  _button(key, act, title) {
    const onclick = () => this.buttons[key].getAttribute("aria-disabled") !== "true" && act();
    this.buttons[key] = el("button", { type: "button", class: `wsedu-live-${key.replace(".", "-")}`, onclick, title: title ?? null }, this.say(`live.${key}`));
    return this.buttons[key];
  }

  // --- What changes ---

  /** @param {string} who */
  choose(who) {
    this.who = who;
    const chosen = this.illegal.value;
    const options = this.menu[who].map(([name, rule]) => {
      const what = this.say(name === "mask" ? `live.illegal.mask.${who}` : `live.illegal.${name}`);
      return el("option", { value: name }, this.say("live.illegal.choice", { what, rule }));
    });
    this.illegal.replaceChildren(...options);
    if (chosen) this.illegal.value = chosen;
    this.show(this.states, this.opening, this.gone, this.own);
  }

  /** Something that fits the kind of message, as long as nobody has typed. */
  _example() {
    const examples = { text: "Hello", binary: "01 02 ff" };
    if (Object.values(examples).includes(this.data.value)) this.data.value = this.kind.value === "text" ? examples.text : examples.binary;
  }

  /**
   * Mark what cannot be done now.
   * @param {(string | null)[]} states of client and server
   * @param {boolean} opening
   * @param {boolean} gone Python is
   * @param {boolean} own the server is the widget's
   */
  show(states, opening, gone, own) {
    this.own = own;
    set(/** @type {HTMLElement} */ (this.acting), { hidden: !own });
    if (!own && this.who === "server") {
      /** @type {HTMLInputElement[]} */ (this.choices)[0].checked = true;
      this.choose("client");
    }
    this.states = states;
    this.opening = opening;
    this.gone = gone;
    const state = states[ROLE_NAMES.indexOf(this.who)];
    const can = { connect: !opening, cut: state !== null && state !== "CLOSED" };
    for (const [key, button] of Object.entries(this.buttons)) set(button, { "aria-disabled": String(gone || !(can[/** @type {"cut"} */ (key)] ?? state === "OPEN")) });
    write(this.buttons.connect, this.say(states[0] === null ? "live.connect" : "live.again"));
  }
}
