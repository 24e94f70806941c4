// @ts-check
// Draws the charts of the overhead lab: every place comes from Python as a number from 0 to 1; here it becomes pixels.

import { el, set, write } from "./common.js";

/**
 * @typedef {[number, string][]} Ticks
 * @typedef {{label: string, ticks: Ticks}} AxisPart
 * @typedef {{name: string, label: string, total: string, parts: [string, number, number][], end: number, dot: number | null}} BarRow
 * @typedef {{name: string, points: number[], signs?: number[]}} Curve
 * @typedef {{title: string, said: string, x: AxisPart, y?: AxisPart, rows?: BarRow[], lines?: Curve[], dots?: Curve[], key?: string, marks?: {kind: string, place: number, label: string, row: number}[]}} Chart
 * @typedef {{name: string, label: string, dash: string, sign: string, light: string, dark: string}} WayLook
 * @typedef {{name: string, label: string, means: string, letter: string, fill: string, ink: string, texture: string, image: string}} LayerLook
 */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 540;
const HEIGHT = 262;
const PLOT = { left: 62, right: 528, top: 30, bottom: 212 };
const BARS = { row: 43, bar: 20, top: 4 };
/** A layer that is at least so broad carries its letter. */
const LETTER = 20;

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
    this.height = HEIGHT;
    /** @type {Node[]} what is drawn */
    this.shapes = [];
    /** @type {Node[]} what is written over it: words are HTML, whose contrast can be measured */
    this.words = [];
    this.title = el("h4", { class: "wsedu-lab-chart-title" });
    this.drawing = shape("svg", { "aria-hidden": "true" });
    this.over = el("div", { class: "wsedu-lab-words" });
    this.box = el("div", { class: "wsedu-lab-drawing", role: "img" }, this.drawing, this.over);
    this.said = el("figcaption", {});
    this.root = el("figure", { class: "wsedu-lab-chart", "data-chart": name }, this.title, this.box, this.said);
  }

  /** @param {Chart} chart */
  show(chart) {
    write(this.title, chart.title);
    write(this.said, chart.said);
    this.height = chart.rows ? BARS.top + BARS.row * chart.rows.length + 44 : HEIGHT;
    set(this.drawing, { viewBox: `0 0 ${WIDTH} ${this.height}` });
    set(this.box, { "aria-label": chart.title });
    this.shapes = [];
    this.words = [];
    if (chart.rows) this._bars(chart, chart.rows);
    else this._lines(chart);
    this.drawing.replaceChildren(...this.shapes);
    this.over.replaceChildren(...this.words);
  }

  /** @param {string} tag @param {Record<string, any>} attributes */
  _draw(tag, attributes) {
    this.shapes.push(shape(tag, attributes));
  }

  /**
   * Write a word, the middle of whose line is at a height.
   * @param {number} x @param {number} y @param {string} text @param {"start" | "middle" | "end"} from @param {string} kind @param {number} [lowered] by how much of its size it stands lower; below 0, higher
   */
  _write(x, y, text, from, kind, lowered = 0) {
    this.words.push(el("span", { class: `wsedu-lab-${kind} wsedu-lab-from-${from}`, style: `left:${(100 * x) / WIDTH}%;top:calc(${(100 * y) / this.height}% + ${lowered}em)` }, text));
  }

  // --- Bars ---

  /** @param {Chart} chart @param {BarRow[]} rows */
  _bars(chart, rows) {
    const bottom = BARS.top + BARS.row * rows.length;
    for (const [place, label] of chart.x.ticks) {
      this._draw("line", { class: "wsedu-lab-grid", x1: place * WIDTH, x2: place * WIDTH, y1: BARS.top, y2: bottom + 4 });
      this._write(place * WIDTH, bottom + 13, label, place < 0.02 ? "start" : place > 0.97 ? "end" : "middle", "tick");
    }
    rows.forEach((row, number) => this._row(row, BARS.top + BARS.row * number));
    this._write(WIDTH / 2, bottom + 35, chart.x.label, "middle", "tick");
  }

  /** @param {BarRow} row @param {number} y */
  _row(row, y) {
    const middle = y + 17 + BARS.bar / 2;
    this._write(0, y + 7, row.label, "start", "name");
    for (const [name, begin, end] of row.parts) {
      const look = this.layers[name];
      const place = { x: begin * WIDTH, y: y + 17, width: Math.max((end - begin) * WIDTH, 0.5), height: BARS.bar };
      this._draw("rect", { ...place, class: "wsedu-lab-part", fill: look.fill, "data-layer": name });
      if (look.texture) this._draw("rect", { ...place, class: "wsedu-lab-texture", fill: `url(#${this.texture(look.texture)})` });
      if (place.width >= LETTER) this._letter(place.x + place.width / 2, middle, look);
    }
    const clear = row.dot !== null && Math.abs(row.end - row.dot) < 0.02 ? 12 : 6;
    this._write(row.end * WIDTH + clear, middle, row.total, "start", "total");
    if (row.dot !== null) this._draw("circle", { class: "wsedu-lab-dot", cx: row.dot * WIDTH, cy: middle, r: 6, "data-dot": row.name });
  }

  /** @param {number} x @param {number} y @param {LayerLook} look */
  _letter(x, y, look) {
    const style = `left:${(100 * x) / WIDTH}%;top:${(100 * y) / this.height}%;background:${look.fill};color:${look.ink}`;
    this.words.push(el("span", { class: "wsedu-lab-letter wsedu-icon wsedu-lab-from-middle", "data-icon": look.letter, style }));
  }

  // --- Lines ---

  /** @param {Chart} chart */
  _lines(chart) {
    const { left, right, top, bottom } = PLOT;
    const x = (/** @type {number} */ place) => left + place * (right - left);
    const y = (/** @type {number} */ place) => bottom - place * (bottom - top);
    this._write(0, 9, chart.y?.label ?? "", "start", "tick");
    if (chart.key) {
      this._write(right - 16, 9, chart.key, "end", "tick");
      this._draw("circle", { class: "wsedu-lab-dot", cx: right - 6, cy: 9, r: 5, "data-key": "measured" });
    }
    for (const [place, label] of chart.y?.ticks ?? []) {
      this._draw("line", { class: "wsedu-lab-grid", x1: left, x2: right, y1: y(place), y2: y(place) });
      this._write(left - 8, y(place), label, "end", "tick");
    }
    for (const [place, label] of chart.x.ticks) {
      this._draw("line", { class: "wsedu-lab-grid", x1: x(place), x2: x(place), y1: top, y2: bottom + 4 });
      this._write(x(place), bottom + 19, label, "middle", "tick");
    }
    this._write((left + right) / 2, bottom + 41, chart.x.label, "middle", "tick");
    for (const curve of chart.lines ?? []) this._curve(curve, x, y);
    for (const curve of chart.dots ?? []) this._dots(curve, x, y);
    for (const mark of chart.marks ?? []) this._mark(mark, x(mark.place));
  }

  /** @param {Curve} curve @param {(place: number) => number} x @param {(place: number) => number} y */
  _curve(curve, x, y) {
    const look = this.ways[curve.name];
    const path = spots(curve.points, x, y).map(([a, b]) => `${a.toFixed(1)} ${b.toFixed(1)}`).join("L");
    const signs = spots(curve.signs ?? [], x, y).map((spot) => signAt(look, spot, "sign"));
    this.shapes.push(shape("g", { style: strokeOf(look), "data-curve": curve.name }, shape("path", { d: `M${path}`, class: "wsedu-lab-line", "stroke-dasharray": look.dash || null }), ...signs));
  }

  /** @param {Curve} curve @param {(place: number) => number} x @param {(place: number) => number} y */
  _dots(curve, x, y) {
    const look = this.ways[curve.name];
    this.shapes.push(shape("g", { style: strokeOf(look), "data-dots": curve.name }, ...spots(curve.points, x, y).map((spot) => signAt(look, spot, "dot"))));
  }

  /** @param {{kind: string, place: number, label: string, row: number}} mark @param {number} x */
  _mark(mark, x) {
    const crossing = mark.kind === "crossing";
    const late = mark.place > 0.5;
    this._draw("line", { class: "wsedu-lab-mark", x1: x, x2: x, y1: PLOT.top, y2: PLOT.bottom, "stroke-dasharray": crossing ? "2 4" : "7 4", "data-mark": mark.kind });
    // Type does not get smaller with the chart, so rows are as high as it is.
    const lowered = crossing ? -1 - 1.4 * mark.row : 0;
    this._write(x + (late ? -5 : 5), crossing ? PLOT.bottom : PLOT.top + 9, mark.label, late ? "end" : "start", "total", lowered);
  }
}

/** @param {WayLook} look @param {number[]} spot @param {string} kind */
function signAt(look, [x, y], kind) {
  return shape("path", { d: look.sign, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, class: `wsedu-lab-${kind}` });
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
