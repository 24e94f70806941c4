// @ts-check
// The diagram of the table of states: nodes and arrows as Python has placed them, and where both endpoints stand.
// Lines are drawn in SVG; words stand above it in HTML, on a background of their own, so that they are easy to read.

import { el, set } from "./common.js";

const STATE_ROLES = ["client", "server"];

/**
 * An element of SVG.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...Node} children
 * @returns {SVGElement}
 */
function drawn(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

export class StateDiagram {
  /**
   * @param {(key: string, facts?: Record<string, any>) => string} say
   * @param {any} plan `width`, `height`, `node`, `line`, `nodes` and `edges`
   */
  constructor(say, plan) {
    this.say = say;
    this.plan = plan;
    /** @type {HTMLElement[]} */
    this.words = [];
    /** @type {Record<string, SVGElement>} */
    this.nodes = {};
    /** @type {Record<string, any>} */
    this.places = {};
    /** @type {{ends: string[], group: SVGElement, labels: HTMLElement[]}[]} */
    this.edges = plan.edges.map((/** @type {any} */ edge) => this._edge(edge));
    for (const node of plan.nodes) this._node(node);
    this.badges = Object.fromEntries(STATE_ROLES.map((role) => [role, this._badge(role)]));
    const lines = [...this.edges.map((edge) => edge.group), ...Object.values(this.nodes)];
    const picture = drawn("svg", { viewBox: `0 0 ${plan.width} ${plan.height}`, "aria-hidden": "true" }, ...lines);
    const layer = el("div", { class: "wsedu-states-words" }, ...this.words, ...Object.values(this.badges));
    this.root = el("div", { class: "wsedu-states", role: "img" }, picture, layer);
  }

  /**
   * Where something stands in the picture, as a style.
   * @param {number} x
   * @param {number} y
   */
  _at(x, y) {
    return `left:${(100 * x) / this.plan.width}%;top:${(100 * y) / this.plan.height}%`;
  }

  /** @param {string} name of the class @param {number} x @param {number} y @param {string} anchor @param {string} text */
  _word(name, x, y, anchor, text) {
    const word = el("span", { class: `${name} wsedu-from-${anchor}`, style: this._at(x, y) }, text);
    this.words.push(word);
    return word;
  }

  /** @param {any} edge */
  _edge(edge) {
    const [[x0, y0], [x, y]] = edge.points.slice(-2);
    const dx = Math.sign(x - x0);
    const dy = Math.sign(y - y0);
    const tip = [[x, y], [x - 9 * dx - 4.5 * dy, y - 9 * dy - 4.5 * dx], [x - 9 * dx + 4.5 * dy, y - 9 * dy + 4.5 * dx]];
    const labels = edge.happenings.map((/** @type {string} */ name, /** @type {number} */ line) =>
      this._word("wsedu-edge-label", edge.label[0], edge.label[1] + line * this.plan.line, edge.anchor, this.say(`happening.${name}`)),
    );
    const shapes = [drawn("polyline", { points: edge.points.join(" ") }), drawn("polygon", { points: tip.join(" ") })];
    return { ends: edge.ends, labels, group: drawn("g", { class: "wsedu-edge" }, ...shapes) };
  }

  /** @param {any} node */
  _node(node) {
    const [width, height] = this.plan.node;
    const left = node.x - width / 2;
    const top = node.y - height / 2;
    this.places[node.phase] = { client: [left, top], server: [left + width, top + height] };
    this._word("wsedu-node-name", node.x, node.y - (node.state ? 7 : 0), "middle", node.phase);
    if (node.state) this._word("wsedu-node-state", node.x, node.y + 11, "middle", node.state);
    this.nodes[node.phase] = drawn("rect", { class: "wsedu-node", "data-phase": node.phase, x: left, y: top, width, height, rx: 8 });
  }

  /** @param {string} role */
  _badge(role) {
    return el("span", { class: `wsedu-badge wsedu-icon wsedu-badge-${role}`, "data-icon": role[0].toUpperCase() });
  }

  /** @param {any} now a moment */
  show(now) {
    for (const [phase, node] of Object.entries(this.nodes)) {
      set(node, { class: STATE_ROLES.some((role) => now[role].phase === phase) ? "wsedu-node wsedu-node-here" : "wsedu-node" });
    }
    for (const { ends, group, labels } of this.edges) {
      const taken = STATE_ROLES.some((role) => now[role].edge?.join() === ends.join());
      group.classList.toggle("wsedu-edge-taken", taken);
      for (const label of labels) label.classList.toggle("wsedu-edge-label-taken", taken);
    }
    for (const role of STATE_ROLES) {
      const place = this.places[now[role].phase]?.[role];
      set(this.badges[role], place ? { style: this._at(place[0], place[1]), hidden: false } : { hidden: true });
    }
    const phases = Object.fromEntries(STATE_ROLES.map((role) => [role, now[role].phase || this.say("machine.none")]));
    set(this.root, { "aria-label": `${this.say("machine.diagram")}. ${this.say("machine.diagram.said", phases)}` });
  }
}
