// @ts-check
// A film as the page has it: its steps in columns and the items of its lanes, with everything found by bisection.

/**
 * An item of a lane: its place, direction (0 towards the server), kind, first and last step of its departure, step of
 * its arrival (-1 for none), label, bytes: as `wsedu.views.film_items.ROW`.
 * @typedef {[number, number, number, number, number, number, string, number]} Item
 * @typedef {{first: number, steps: Record<string, number[]>, texts: string[], states: any[][], lanes: Record<string, Item[]>, roles: number[]}} Reel
 */

export const LANE_NAMES = ["messages", "frames", "chunks"];
export const ITEM_KINDS = ["head", "data", "control", "end", "other", "cut"];
export const ROLE_NAMES = ["client", "server"];

/**
 * How many of some values, in order, are not above a limit.
 * @param {number} count
 * @param {(place: number) => number} value
 * @param {number} limit
 */
export function upTo(count, value, limit) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class FilmStore {
  constructor() {
    /** @type {Record<string, number[]>} */
    this.steps = { n: [], t: [], at: [], who: [], group: [], way: [], title: [], note: [] };
    /** @type {string[]} */
    this.texts = [];
    /** @type {any[][]} from which step on: state and phase of the client, state and phase of the server */
    this.states = [];
    /** @type {Record<string, Item[]>} */
    this.lanes = Object.fromEntries(LANE_NAMES.map((name) => [name, []]));
    /** @type {Record<string, number[]>} for each item the last step that it or one before it reaches */
    this.reach = Object.fromEntries(LANE_NAMES.map((name) => [name, []]));
    /** @type {Set<number>} the endpoints that were recorded */
    this.roles = new Set();
  }

  /**
   * Take what is new: a whole film, or more of one that goes on.
   * @param {Reel} reel
   */
  append(reel) {
    for (const [name, column] of Object.entries(this.steps)) for (const value of reel.steps[name]) column.push(value);
    for (const text of reel.texts) this.texts.push(text);
    for (const change of reel.states) this.states.push(change);
    for (const role of reel.roles) this.roles.add(role);
    for (const name of LANE_NAMES) for (const item of reel.lanes[name]) this._put(name, item);
  }

  /** @param {string} name @param {Item} item */
  _put(name, item) {
    const reach = this.reach[name];
    this.lanes[name][item[0]] = item;
    const end = Math.max(item[4], item[5]);
    if (item[0] === reach.length) reach.push(Math.max(end, reach.length ? reach[reach.length - 1] : 0));
    for (let place = item[0]; place < reach.length && reach[place] < end; place++) reach[place] = end;
  }

  get count() {
    return this.steps.n.length;
  }

  /** Seconds of the whole film. */
  get length() {
    return this.count ? this.steps.at[this.count - 1] : 0;
  }

  /** The last step at or before a time of the film. @param {number} at */
  indexAt(at) {
    return Math.max(0, upTo(this.count, (place) => this.steps.at[place], at + 1e-6) - 1);
  }

  /** State and phase of both endpoints at a step; empty for one that was not recorded. @param {number} index */
  stateAt(index) {
    const place = upTo(this.states.length, (number) => this.states[number][0], index) - 1;
    const [, clientState, clientPhase, serverState, serverPhase] = this.states[Math.max(0, place)] ?? [0, "", "", "", ""];
    const states = [
      { state: clientState, phase: clientPhase },
      { state: serverState, phase: serverPhase },
    ];
    return states.map((known, role) => (this.roles.has(role) ? known : { state: "", phase: "" }));
  }

  /** @param {number} index */
  title(index) {
    return this.texts[this.steps.title[index]] ?? "";
  }

  /** @param {number} index */
  note(index) {
    return this.texts[this.steps.note[index]] ?? "";
  }

  /**
   * The items of a lane that are under way at some time between two steps.
   * @param {string} name
   * @param {number} first
   * @param {number} last
   * @returns {[number, number]} from and to, the latter not included
   */
  span(name, first, last) {
    const items = this.lanes[name];
    const from = upTo(items.length, (place) => this.reach[name][place], first - 1);
    return [from, upTo(items.length, (place) => departure(items[place]), last)];
  }
}

/** The step with which an item comes into the picture. @param {Item} item */
export function departure(item) {
  return item[3] >= 0 ? item[3] : item[5];
}
