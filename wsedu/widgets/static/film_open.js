// @ts-check
// What the head of a film opens: a file of the user's, and a live exchange below the film.

import { el, set } from "./common.js";

export class FilmOpen {
  /** @param {any} page a `FilmPage` */
  constructor(page) {
    this.page = page;
    const say = page.say;
    /** @type {string | null} the live exchange that is open below */
    this.opened = null;
    /** @type {any} its view */
    this.view = null;
    this.over = false;
    this.files = /** @type {HTMLInputElement} */ (el("input", { type: "file", accept: ".jsonl,.pcap,.pcapng,.cap,.har", hidden: true, "aria-label": say("open.file"), onchange: () => this._chosen() }));
    this.file = el("button", { type: "button", class: "wsedu-film-file", onclick: () => this.files.click() }, say("open.file"));
    this.live = el("button", { type: "button", class: "wsedu-film-live", "aria-expanded": "false", title: say("open.live.hint"), onclick: () => page.link.send({ do: "live" }) }, say("open.live"));
    this.root = el("span", { class: "wsedu-row" }, this.file, this.files, this.live);
    this.below = el("div", { class: "wsedu-film-opened" });
  }

  /** @param {any} state what Python says */
  show(state) {
    const live = state.live ?? null;
    set(this.live, { "aria-expanded": String(live !== null) });
    if (live !== this.opened) this._mount(live);
  }

  /** Send a file to Python, which reads it and decides whether it is too large. */
  async _chosen() {
    const file = this.files.files?.[0];
    if (!file) return;
    const small = file.size <= this.page.model.get("state").largest;
    const data = small ? await base64(file) : "";
    this.files.value = "";
    if (!this.over) this.page.link.send({ do: "load", name: file.name, size: file.size, data });
  }

  /** Show a widget of Python's below, where the host can. @param {string | null} id */
  async _mount(id) {
    this.opened = id;
    this.view?.remove();
    this.view = null;
    this.below.replaceChildren();
    if (id === null) return;
    const manager = this.page.model.widget_manager;
    if (!manager?.create_view) {
      this.below.replaceChildren(el("p", { class: "wsedu" }, this.page.say("open.live.line")));
      return;
    }
    const view = await manager.create_view(await manager.get_model(id));
    if (this.opened !== id || this.over) return view.remove();
    this.view = view;
    this.below.replaceChildren(view.el);
  }

  destroy() {
    this.over = true;
    this.view?.remove();
    this.below.remove();
  }
}

/** The bytes of a file in base64. @param {File} file @returns {Promise<string>} */
function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
