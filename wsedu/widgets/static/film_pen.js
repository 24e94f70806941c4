// @ts-check
// How an item of a film is drawn: its line, its head or its cross, its card, and the dot that shows where it is.

/**
 * The way of an item on a canvas: where it leaves (where it began to leave, if that took a while) and arrives.
 * A cut does not travel: its way is one point.
 * @typedef {{began: number, sent: number, start: number, came: number, end: number, lost: boolean, cut: boolean}} Course
 * @typedef {{fill: string, ink: string, width: number, dashes: number[]}} Look
 */

/** How far across a lane an item gets that never arrives. */
export const LOST = 0.66;
/** How far across a lane its card is. */
const CARD = 0.32;

export class Pen {
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Record<string, string>} colours of the theme, by name
   * @param {number} unit pixels of a fourteenth of the type size
   * @param {string} family of the type
   * @param {number} letters how much larger than that letters are, for those far away
   */
  constructor(context, colours, unit, family, letters) {
    this.context = context;
    this.colours = colours;
    this.unit = unit;
    this.family = family;
    this.letters = letters;
    /** @type {{label: string, x: number, width: number, again: (pen: Pen) => void}[]} the cards of the picture */
    this.drawn = [];
    context.textBaseline = "middle";
  }

  /** @param {number} size @param {boolean} [bold] */
  type(size, bold) {
    this.context.font = `${bold ? "bold " : ""}${size * this.unit * this.letters}px ${this.family}`;
  }

  /** @param {string} text @param {number} x @param {number} y @param {string} [colour] */
  write(text, x, y, colour = this.colours.foreground) {
    this.context.fillStyle = colour;
    this.context.fillText(text, x, y);
  }

  /** Many items of one kind, each no more than a line, in one stroke. @param {Course[]} courses @param {Look} look */
  dense(courses, look) {
    const { context } = this;
    context.beginPath();
    for (const course of courses) {
      context.moveTo(course.sent, course.start);
      context.lineTo(course.came, course.end);
    }
    context.strokeStyle = look.fill || this.colours.foreground;
    context.lineWidth = 1.5;
    context.stroke();
  }

  /** A line with its head, or with a cross where nothing arrives. @param {Course} course @param {Look} look @param {boolean} outlined */
  line(course, look, outlined) {
    const { context, unit } = this;
    if (course.began < course.sent && look.fill) this._wedge(course, look.fill);
    if (outlined) {
      context.globalAlpha = 0.45;
      this._stroke(course, this.colours.bad, 9 * unit);
      context.globalAlpha = 1;
    }
    context.setLineDash(look.dashes);
    this._stroke(course, this.colours.foreground, Math.max(1.4, look.width * 0.7) * unit);
    context.setLineDash([]);
    if (course.lost) this._cross(course.came, course.end);
    else this._tip(course);
  }

  /** What is sent piece by piece arrives as one. @param {Course} course @param {string} fill */
  _wedge(course, fill) {
    const { context } = this;
    context.globalAlpha = 0.35;
    context.fillStyle = fill;
    context.beginPath();
    context.moveTo(course.began, course.start);
    context.lineTo(course.sent, course.start);
    context.lineTo(course.came, course.end);
    context.fill();
    context.globalAlpha = 1;
  }

  /** @param {Course} course @param {string} colour @param {number} width */
  _stroke(course, colour, width) {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(course.sent, course.start);
    context.lineTo(course.came, course.end);
    context.stroke();
  }

  /** @param {Course} course */
  _tip({ sent, start, came, end }) {
    const { context, unit } = this;
    const angle = Math.atan2(end - start, came - sent);
    context.fillStyle = this.colours.foreground;
    context.beginPath();
    context.moveTo(came, end);
    for (const turn of [-0.45, 0.45]) context.lineTo(came - 9 * unit * Math.cos(angle + turn), end - 9 * unit * Math.sin(angle + turn));
    context.fill();
  }

  /** @param {number} x @param {number} y */
  _cross(x, y) {
    const { context } = this;
    const size = 5 * this.unit;
    context.strokeStyle = this.colours.bad;
    context.lineWidth = 2.5 * this.unit;
    context.beginPath();
    for (const slope of [1, -1]) {
      context.moveTo(x - size, y - size * slope);
      context.lineTo(x + size, y + size * slope);
    }
    context.stroke();
  }

  /**
   * A card near where an item comes from, if there is room beside the one before it.
   * @param {Course} course
   * @param {Look} look
   * @param {string} label
   * @param {boolean} outlined
   * @param {number} right edge of the card before it
   * @param {number} left edge of the picture
   * @param {number} shift how far it may stand beside its place, so that it does not fall away
   * @returns {number} edge of the last card now
   */
  card(course, look, label, outlined, right, left, shift) {
    const { context, unit } = this;
    this.type(11.5, true);
    const width = context.measureText(label).width + 10 * unit;
    // Each direction has a row of its own, whether or not the item arrives.
    const share = course.lost ? CARD / LOST : CARD;
    const y = course.start + (course.end - course.start) * share;
    const wanted = course.sent + (course.came - course.sent) * share - width / 2;
    // It does not come into view before the item does.
    let x = Math.max(wanted, course.cut ? course.sent + 9 * unit : course.sent);
    if (x < right + 3 && x + shift > right + 3) x = right + 3;
    // At the edge of the picture a label is whole, or not there.
    if (x < left && course.came > left + width) x = left;
    if (x < right + 3 || x < left) return right;
    this.drawn.push({ label, x, width, again: (pen) => pen._card(x, y, width, look, label, outlined) });
    this._card(x, y, width, look, label, outlined);
    return x + width;
  }

  /** @param {number} x @param {number} y @param {number} width @param {Look} look @param {string} label @param {boolean} outlined */
  _card(x, y, width, look, label, outlined) {
    const { context, unit } = this;
    const height = 18 * unit * this.letters;
    this.type(11.5, true);
    context.beginPath();
    context.roundRect(x, y - height / 2, width, height, 4 * unit);
    context.fillStyle = look.fill || this.colours.background;
    context.fill();
    context.strokeStyle = outlined ? this.colours.bad : this.colours.foreground;
    context.lineWidth = outlined ? 3 * unit : 1;
    context.stroke();
    this.write(label, x + 5 * unit, y + 0.5, look.fill ? look.ink : undefined);
  }

  /** Where an item is now. @param {Course} course @param {Look} look @param {number} x */
  dot(course, look, x) {
    const { context, unit } = this;
    const share = course.came > course.sent ? (x - course.sent) / (course.came - course.sent) : 1;
    context.beginPath();
    context.arc(x, course.start + (course.end - course.start) * share, 5.5 * unit, 0, 2 * Math.PI);
    context.fillStyle = look.fill || this.colours.background;
    context.fill();
    context.strokeStyle = this.colours.foreground;
    context.lineWidth = 1.5 * unit;
    context.stroke();
  }

  /** A stretch of a state. @param {number} x @param {number} end @param {number} top @param {number} height @param {Look | undefined} look */
  band(x, end, top, height, look) {
    const { context } = this;
    if (look?.fill) {
      context.fillStyle = look.fill;
      context.fillRect(x, top, end - x, height);
    }
    context.strokeStyle = this.colours.foreground;
    context.lineWidth = 1;
    context.setLineDash(look?.fill ? [] : [4, 3]);
    context.strokeRect(x + 0.5, top + 0.5, end - x - 1, height - 1);
    context.setLineDash([]);
  }
}
