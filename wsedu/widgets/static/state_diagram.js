// @ts-check
// The diagram of the table of states: nodes and arrows as Python has placed them, and where both endpoints stand.

import { set } from "./common.js";

/**
 * An element of SVG.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...(Node | string)} children
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
    /** @type {Record<string, SVGElement>} */
    this.nodes = {};
    /** @type {Record<string, any>} */
    this.places = {};
    /** @type {{ends: string[], group: SVGElement}[]} */
    this.edges = plan.edges.map((/** @type {any} */ edge) => ({ ends: edge.ends, group: this._edge(edge) }));
    for (const node of plan.nodes) this._node(node);
    this.badges = Object.fromEntries(["client", "server"].map((role) => [role, this._badge(role)]));
    const parts = [...this.edges.map((edge) => edge.group), ...Object.values(this.nodes), ...Object.values(this.badges)];
    this.root = drawn("svg", { class: "wsedu-diagram", viewBox: `0 0 ${plan.width} ${plan.height}`, role: "img" }, ...parts);
  }

  /** @param {any} edge */
  _edge(edge) {
    const [[x0, y0], [x, y]] = edge.points.slice(-2);
    const dx = Math.sign(x - x0);
    const dy = Math.sign(y - y0);
    const tip = [[x, y], [x - 9 * dx - 4.5 * dy, y - 9 * dy - 4.5 * dx], [x - 9 * dx + 4.5 * dy, y - 9 * dy + 4.5 * dx]];
    const labels = edge.happenings.map((/** @type {string} */ name, /** @type {number} */ line) =>
      drawn("text", { x: edge.label[0], y: edge.label[1] + line * this.plan.line + 4, "text-anchor": edge.anchor }, this.say(`happening.${name}`)),
    );
    return drawn(
      "g",
      { class: "wsedu-edge" },
      drawn("polyline", { points: edge.points.join(" ") }),
      drawn("polygon", { points: tip.join(" ") }),
      ...labels,
    );
  }

  /** @param {any} node */
  _node(node) {
    const [width, height] = this.plan.node;
    const left = node.x - width / 2;
    const top = node.y - height / 2;
    this.places[node.phase] = { client: [left, top], server: [left + width, top + height] };
    const name = drawn("text", { class: "wsedu-node-name", x: node.x, y: node.y + (node.state ? -2 : 5) }, node.phase);
    const state = node.state ? [drawn("text", { class: "wsedu-node-state", x: node.x, y: node.y + 15 }, node.state)] : [];
    this.nodes[node.phase] = drawn("g", { class: "wsedu-node" }, drawn("rect", { x: left, y: top, width, height, rx: 8 }), name, ...state);
  }

  /** @param {string} role */
  _badge(role) {
    return drawn("g", { class: `wsedu-badge-${role}` }, drawn("circle", { r: 11 }), drawn("text", { y: 4 }, role[0].toUpperCase()));
  }

  /** @param {any} now a moment */
  show(now) {
    const roles = ["client", "server"];
    for (const [phase, node] of Object.entries(this.nodes)) {
      set(node, { class: roles.some((role) => now[role].phase === phase) ? "wsedu-node wsedu-node-here" : "wsedu-node" });
    }
    for (const { ends, group } of this.edges) {
      const taken = roles.some((role) => now[role].edge?.join() === ends.join());
      set(group, { class: taken ? "wsedu-edge wsedu-edge-taken" : "wsedu-edge" });
    }
    for (const role of roles) {
      const place = this.places[now[role].phase]?.[role];
      set(this.badges[role], place ? { transform: `translate(${place.join(" ")})`, display: null } : { display: "none" });
    }
    const phases = Object.fromEntries(roles.map((role) => [role, now[role].phase || this.say("machine.none")]));
    set(this.root, { "aria-label": `${this.say("machine.diagram")}. ${this.say("machine.diagram.said", phases)}` });
  }
}
