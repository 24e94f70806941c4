// @ts-check
// What the panels of the frame builder have in common.

import { el, set } from "./common.js";

/**
 * @typedef {(key: string, facts?: Record<string, any>) => string} Say
 * @typedef {{say: Say, link: import("./common.js").Link, model: any}} PanelHost
 */

/** A panel: `root` is its element, `show` draws what Python made of the builder's bytes. */
export class BuilderPanel {
  /** @param {PanelHost} host @param {string} name of the panel in the texts */
  constructor({ say, link, model }, name) {
    this.say = say;
    this.link = link;
    this.model = model;
    this.root = el("section", { class: "wsedu-panel", "aria-label": say(`${name}.title`), "data-waiting": say("shared.waiting") });
  }

  /**
   * Tell Python what the user did.
   * @param {Record<string, any>} act
   */
  send(act) {
    this.link.send(act);
    this.busy();
  }

  /** Say whether what is shown still waits for Python. */
  busy() {
    set(this.root, { "aria-busy": this.link.busy ? "true" : "false" });
  }

  /**
   * Whether Python has not confirmed an act of this name yet.
   * @param {string} name
   */
  waitsFor(name) {
    return this.link.pending.some((entry) => entry.act.do === name);
  }

  /**
   * A button of the panel.
   * @param {string} key of its text
   * @param {() => void} act
   */
  button(key, act) {
    return /** @type {HTMLButtonElement} */ (el("button", { type: "button", "data-key": key, onclick: act }, this.say(key)));
  }
}
