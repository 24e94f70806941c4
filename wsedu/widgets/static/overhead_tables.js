// @ts-check
// The numbers of the charts once more, as tables.

import { el, write } from "./common.js";

/** @typedef {{title: string, head: string[], rows: string[][], note: string}} Sheet */

export class SheetView {
  constructor() {
    this.caption = el("caption", {});
    this.head = el("thead", {});
    this.body = el("tbody", {});
    this.note = el("p", { class: "wsedu-muted" });
    this.scroll = el("div", { class: "wsedu-lab-scroll", tabindex: "0", role: "region" }, el("table", {}, this.caption, this.head, this.body));
    this.root = el("div", {}, this.scroll, this.note);
  }

  /** @param {Sheet} sheet */
  show(sheet) {
    write(this.caption, sheet.title);
    this.scroll.setAttribute("aria-label", sheet.title);
    write(this.note, sheet.note);
    this.head.replaceChildren(el("tr", {}, ...sheet.head.map((name) => el("th", { scope: "col" }, name))));
    this.body.replaceChildren(...sheet.rows.map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((cell) => el("td", {}, cell)))));
  }
}
