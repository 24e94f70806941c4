// @ts-check
// Draws the charts of the overhead lab: every place comes from Python as a number from 0 to 1; here it becomes pixels.

import { el, set, write } from "./common.js";

/**
 * @typedef {[number, string][]} Ticks
 * @typedef {{label: string, ticks: Ticks}} AxisPart
 * @typedef {{name: string, label: string, total: string, parts: [string, number, number][], end: number, dot: number | null}} BarRow
 * @typedef {{name: string, points: number[], signs?: number[]}} Curve
 * @typedef {{title: string, said: string, x: AxisPart, y?: AxisPart, rows?: BarRow[], lines?: Curve[], dots?: Curve[], marks?: {kind: string, place: number, label: string}[]}} Chart
 * @typedef {{name: string, label: string, dash: string, sign: string, light: string, dark: string}} WayLook
 * @typedef {{name: string, label: string, means: string, letter: string, fill: string, ink: string, texture: string, image: string}} LayerLook
 */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 540;
const HEIGHT = 292;
const PLOT = { left: 62, right: 528, top: 28, bottom: 248 };
const BARS = { row: 46, bar: 22, top: 4 };
/** A layer that is at least so broad carries its letter. */
const LETTER = 15;

/**
 * An element of SVG.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 */
export function shape(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

/** @param {WayLook} look */
export const strokeOf = (look) => `--wsedu-stroke: light-dark(${look.light}, ${look.dark})`;

/**
 * A short line with its sign, for a legend.
 * @param {WayLook} look
 */
export function sampleOf(look) {
  const line = shape("line", { x1: 0, y1: 0, x2: 34, y2: 0, class: "wsedu-lab-line", "stroke-dasharray": look.dash || null });
  const sign = shape("path", { d: look.sign, transform: "translate(17 0)", class: "wsedu-lab-sign" });
  return shape("svg", { class: "wsedu-lab-sample", viewBox: "0 -8 34 16", "aria-hidden": "true", style: strokeOf(look) }, line, sign);
}

export class ChartView {
  /**
   * @param {string} name
   * @param {Record<string, WayLook>} ways
   * @param {Record<string, LayerLook>} layers
   * @param {(texture: string) => string} texture the name of a texture on this page
   */
  constructor(name, ways, layers, texture) {
    this.ways = ways;
    this.layers = layers;
    this.texture = texture;
    this.title = el("h4", { class: "wsedu-lab-chart-title" });
    this.drawing = shape("svg", { class: "wsedu-lab-drawing", role: "img" });
    this.said = el("figcaption", {});
    this.root = el("figure", { class: "wsedu-lab-chart", "data-chart": name }, this.title, this.said);
    this.root.insertBefore(this.drawing, this.said);
  }

  /** @param {Chart} chart */
  show(chart) {
    write(this.title, chart.title);
    write(this.said, chart.said);
    const height = chart.rows ? BARS.top + BARS.row * chart.rows.length + 42 : HEIGHT;
    set(this.drawing, { viewBox: `0 0 ${WIDTH} ${height}`, "aria-label": chart.title });
    this.drawing.replaceChildren(...(chart.rows ? this._bars(chart, chart.rows) : this._lines(chart)));
  }

  // --- Bars ---

  /** @param {Chart} chart @param {BarRow[]} rows */
  _bars(chart, rows) {
    const bottom = BARS.top + BARS.row * rows.length;
    const parts = chart.x.ticks.flatMap(([place, label]) => [
      shape("line", { class: "wsedu-lab-grid", x1: place * WIDTH, x2: place * WIDTH, y1: BARS.top, y2: bottom + 4 }),
      shape("text", { class: "wsedu-lab-tick", x: place * WIDTH, y: bottom + 18, "text-anchor": place < 0.02 ? "start" : place > 0.98 ? "end" : "middle" }, label),
    ]);
    rows.forEach((row, number) => parts.push(...this._row(row, BARS.top + BARS.row * number)));
    parts.push(shape("text", { class: "wsedu-lab-tick", x: WIDTH / 2, y: bottom + 36, "text-anchor": "middle" }, chart.x.label));
    return parts;
  }

  /** @param {BarRow} row @param {number} y */
  _row(row, y) {
    const parts = [shape("text", { class: "wsedu-lab-text", x: 0, y: y + 12 }, row.label)];
    const middle = y + 17 + BARS.bar / 2;
    for (const [name, begin, end] of row.parts) {
      const look = this.layers[name];
      const place = { x: begin * WIDTH, y: y + 17, width: Math.max((end - begin) * WIDTH, 0.5), height: BARS.bar };
      parts.push(shape("rect", { ...place, class: "wsedu-lab-part", fill: look.fill, "data-layer": name }));
      if (look.texture) parts.push(shape("rect", { ...place, class: "wsedu-lab-texture", fill: `url(#${this.texture(look.texture)})` }));
      if (place.width < LETTER) continue;
      const centre = place.x + place.width / 2;
      parts.push(shape("rect", { x: centre - 6, y: middle - 8, width: 12, height: 16, fill: look.fill }));
      parts.push(shape("text", { class: "wsedu-lab-letter", x: centre, y: middle + 4.5, "text-anchor": "middle", style: `fill:${look.ink}` }, look.letter));
    }
    parts.push(shape("text", { class: "wsedu-lab-total", x: row.end * WIDTH + 6 + (row.dot !== null && Math.abs(row.end - row.dot) < 0.02 ? 6 : 0), y: middle + 4.5 }, row.total));
    if (row.dot !== null) parts.push(shape("circle", { class: "wsedu-lab-dot", cx: row.dot * WIDTH, cy: middle, r: 6, "data-dot": row.name }));
    return parts;
  }

  // --- Lines ---

  /** @param {Chart} chart */
  _lines(chart) {
    const { left, right, top, bottom } = PLOT;
    const x = (/** @type {number} */ place) => left + place * (right - left);
    const y = (/** @type {number} */ place) => bottom - place * (bottom - top);
    const parts = [shape("text", { class: "wsedu-lab-tick", x: 0, y: 14 }, chart.y?.label ?? "")];
    for (const [place, label] of chart.y?.ticks ?? [])
      parts.push(
        shape("line", { class: "wsedu-lab-grid", x1: left, x2: right, y1: y(place), y2: y(place) }),
        shape("text", { class: "wsedu-lab-tick", x: left - 8, y: y(place) + 4.5, "text-anchor": "end" }, label),
      );
    for (const [place, label] of chart.x.ticks)
      parts.push(
        shape("line", { class: "wsedu-lab-grid", x1: x(place), x2: x(place), y1: top, y2: bottom + 4 }),
        shape("text", { class: "wsedu-lab-tick", x: x(place), y: bottom + 18, "text-anchor": place > 0.97 ? "end" : "middle" }, label),
      );
    parts.push(shape("text", { class: "wsedu-lab-tick", x: (left + right) / 2, y: bottom + 36, "text-anchor": "middle" }, chart.x.label));
    for (const curve of chart.lines ?? []) parts.push(this._curve(curve, x, y));
    for (const curve of chart.dots ?? []) parts.push(this._dots(curve, x, y));
    for (const mark of chart.marks ?? []) parts.push(...this._mark(mark, x(mark.place)));
    return parts;
  }

  /** @param {Curve} curve @param {(place: number) => number} x @param {(place: number) => number} y */
  _curve(curve, x, y) {
    const look = this.ways[curve.name];
    const path = spots(curve.points, x, y).map(([a, b]) => `${a.toFixed(1)} ${b.toFixed(1)}`).join("L");
    const signs = spots(curve.signs ?? [], x, y).map(([a, b]) => shape("path", { d: look.sign, transform: `translate(${a.toFixed(1)} ${b.toFixed(1)})`, class: "wsedu-lab-sign" }));
    return shape("g", { style: strokeOf(look), "data-curve": curve.name }, shape("path", { d: `M${path}`, class: "wsedu-lab-line", "stroke-dasharray": look.dash || null }), ...signs);
  }

  /** @param {Curve} curve @param {(place: number) => number} x @param {(place: number) => number} y */
  _dots(curve, x, y) {
    const look = this.ways[curve.name];
    const dots = spots(curve.points, x, y).map(([a, b]) => shape("path", { d: look.sign, transform: `translate(${a.toFixed(1)} ${b.toFixed(1)})`, class: "wsedu-lab-dot" }));
    return shape("g", { style: strokeOf(look), "data-dots": curve.name }, ...dots);
  }

  /** @param {{kind: string, place: number, label: string}} mark @param {number} x */
  _mark(mark, x) {
    const crossing = mark.kind === "crossing";
    const late = mark.place > 0.5;
    return [
      shape("line", { class: "wsedu-lab-mark", x1: x, x2: x, y1: PLOT.top, y2: PLOT.bottom, "stroke-dasharray": crossing ? "2 4" : "7 4", "data-mark": mark.kind }),
      shape("text", { class: "wsedu-lab-total", x: x + (late ? -5 : 5), y: crossing ? PLOT.bottom - 6 : PLOT.top + 12, "text-anchor": late ? "end" : "start" }, mark.label),
    ];
  }
}

/**
 * Places in turn across and up, as pairs of pixels.
 * @param {number[]} flat @param {(place: number) => number} x @param {(place: number) => number} y
 */
function spots(flat, x, y) {
  const found = [];
  for (let place = 0; place < flat.length; place += 2) found.push([x(flat[place]), y(flat[place + 1])]);
  return found;
}
