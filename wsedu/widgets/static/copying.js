// @ts-check
// To the clipboard, or marked for the user to copy where the browser does not let a page do it.

import { el } from "./common.js";

/**
 * @param {string} text
 * @param {HTMLElement} near where a helper may stand for a moment
 * @returns {Promise<boolean>} whether it is on the clipboard
 */
export async function copyText(text, near) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const helper = /** @type {HTMLTextAreaElement} */ (el("textarea", { class: "wsedu-copy-helper", readonly: true, "aria-hidden": "true", tabindex: "-1" }));
    helper.value = text;
    near.append(helper);
    helper.select();
    const done = document.execCommand("copy");
    helper.remove();
    return done;
  }
}
