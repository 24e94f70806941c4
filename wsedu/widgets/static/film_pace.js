// @ts-check
// The pace of a film: at 1× every step stays for as long as its sentence takes to be read.

/** Seconds for which a step stays at least. */
export const LEAST = 2.5;
/** Letters that are read in a second; a Chinese character counts as three. */
const LETTERS = 20;
const WIDE = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/g;

/** Seconds that it takes to read a sentence. @param {string} sentence */
export function readingTime(sentence) {
  const wide = sentence.match(WIDE)?.length ?? 0;
  return Math.max(LEAST, (sentence.length + 2 * wide) / LETTERS);
}

/**
 * Where a film is after some time.
 * @param {import("./film_store.js").FilmStore} store
 * @param {number} at where it was, in its own seconds
 * @param {number} seconds that have gone by, times the speed
 * @param {(index: number) => string} sentence of a step
 */
export function advanced(store, at, seconds, sentence) {
  const times = store.steps.at;
  for (let index = store.indexAt(at); index + 1 < store.count; index++) {
    const rate = (times[index + 1] - times[index]) / readingTime(sentence(index));
    const left = (times[index + 1] - at) / rate;
    if (left > seconds) return at + seconds * rate;
    seconds -= left;
    at = times[index + 1];
  }
  return store.length;
}
