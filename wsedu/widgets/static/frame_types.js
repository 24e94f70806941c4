// @ts-check
// What Python says of some bytes, as `wsedu.views.sheet` makes it.

/**
 * @typedef {{name: string, letter: string, label: string, first: number, bits: number, value: string, meaning: string, section: string, frame: number}} Field
 * @typedef {{legal: boolean, complete: boolean, text: string, rule: string | null, code: number | null}} Verdict
 * @typedef {{opcode: number, fin: boolean, rsv1: boolean, rsv2: boolean, rsv3: boolean, key: string | null, length: number, size: number, length_form: number, payload: string | null, text: string | null, code: string | null, reason: string | null}} Form
 * @typedef {{size: number, hex: string, bytes: string[][], fields: Field[], form: Form | null, missing: number, more: number, sentence: string, happened: string, changed: number[], verdicts: Record<string, Verdict>, python: string, command: string}} Sheet
 * @typedef {{hovered: Field | null, pinned: Field | null}} Marks
 */

/**
 * A sheet with some entries changed, as `wsedu.views.sheet.changes` gives them.
 * @param {Sheet} sheet
 * @param {any} changed
 * @returns {Sheet}
 */
export function applied(sheet, changed) {
  const merged = { ...sheet, ...changed };
  if (changed.fields) merged.fields = changed.fields.map((/** @type {any} */ field) => (typeof field === "number" ? sheet.fields[field] : field));
  if (changed.bytes) merged.bytes = sheet.bytes.map((caption, place) => changed.bytes[place] ?? caption);
  if (changed.form && sheet.form) merged.form = { ...sheet.form, ...changed.form };
  return merged;
}

/**
 * The hex of some bytes with bits flipped.
 * @param {string} hex
 * @param {number[]} bits
 */
export function flippedHex(hex, bits) {
  const digits = [...hex];
  for (const bit of bits) {
    const place = bit >> 2;
    if (place < digits.length) digits[place] = (parseInt(digits[place], 16) ^ (8 >> (bit & 3))).toString(16);
  }
  return digits.join("");
}
