// @ts-check
// What the pages of all widgets share: elements, texts, and the one way to Python.

/** Elements that can have the focus by themselves. */
const FOCUSABLE = ["a", "button", "dialog", "input", "select", "summary", "textarea"];

/**
 * Keep a key that is pressed here from the notebook. What has the focus has to say so itself: many shortcuts of
 * JupyterLab and Notebook 7 are for `:focus`, and no element around it counts for those.
 * @param {Element} node
 */
function keepKeys(node) {
  node.setAttribute("data-lm-suppress-shortcuts", "true");
}

/**
 * An element.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `class`, `on…` handlers, ARIA attributes and others by name; null and false leave one out
 * @param {...(Node | string | null)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  if (FOCUSABLE.includes(tag)) keepKeys(node);
  set(node, attributes);
  node.append(...children.filter((child) => child !== null));
  return node;
}

/**
 * Have Enter in a field of a form send it off. A form does so by itself, but not in JupyterLab.
 * @param {HTMLElement} form with a button that sends it; while that is disabled, Enter does nothing
 */
export function enterSends(form) {
  form.addEventListener("keydown", (event) => {
    // Enter also ends the word that an input method offers.
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    event.stopPropagation();
    const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("button[type='submit']"));
    if (!event.repeat && !button?.disabled) /** @type {HTMLFormElement} */ (form).requestSubmit();
  });
}

/**
 * Set attributes, and take away those that are null or false. What gets a `tabindex` keeps its keys.
 * @param {Element} node
 * @param {Record<string, any>} attributes
 */
export function set(node, attributes) {
  if ("tabindex" in attributes) keepKeys(node);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * Change the text of a node only if it differs, so that a screen reader is not told twice.
 * @param {Element} node
 * @param {string} text
 */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * What has the focus in the tree that a node is in, which may be one of a shadow root.
 * @param {Element} node
 * @returns {Element | null}
 */
export function focused(node) {
  return /** @type {any} */ (node.getRootNode()).activeElement ?? null;
}

/**
 * The texts of a widget. A template may have `{name}` and, for a count and its noun, `{n:byte|bytes}`.
 * @param {Record<string, string>} words
 * @returns {(key: string, facts?: Record<string, any>) => string}
 */
export function speaker(words) {
  return (key, facts = {}) => {
    const text = words[key];
    if (text === undefined) throw new Error(`no text ${key}`);
    return text.replace(/\{(\w+)(?::([^|{}]*)\|([^{}]*))?\}/g, (found, name, one, many, at, whole) => {
      const value = facts[name];
      if (one === undefined) return setApart(whole[at - 1] ?? "", String(value), whole[at + found.length] ?? "");
      return `${Number(value).toLocaleString("en-US")} ${value === 1 ? one : many}`;
    });
  };
}

/**
 * A fact between two characters: a Latin word or a number beside a Chinese character has a space of its own, as in Python.
 * @param {string} before @param {string} fact @param {string} after
 */
function setApart(before, fact, after) {
  const beside = (/** @type {string} */ one, /** @type {string} */ other) => /^[\u4e00-\u9fff]$/.test(one) && /^[A-Za-z0-9]$/.test(other);
  return `${beside(before, fact[0]) ? " " : ""}${fact}${beside(after, fact[fact.length - 1]) ? " " : ""}`;
}

/**
 * Be told once when Python is gone: its kernel restarts, dies, or is shut down. A page has three ways to know.
 * ipywidgets says `comm_live_update` for every widget when a kernel restarts, and `comm:close` when the widget itself
 * was closed; a kernel that dies or is shut down says so itself where the host lets one ask (JupyterLab, Notebook 7).
 * Where neither comes, an answer that is late is the only sign: see `Link`.
 * @param {any} model
 * @param {() => void} told
 * @returns {() => void} ends it
 */
export function watchKernel(model, told) {
  let over = false;
  const gone = () => {
    if (!over) told();
    over = true;
  };
  const kernel = model.widget_manager?.kernel;
  const changed = (/** @type {unknown} */ _kernel, /** @type {string} */ status) => {
    if (["restarting", "autorestarting", "terminating", "dead"].includes(status)) gone();
  };
  for (const event of ["comm_live_update", "comm:close"]) model.on(event, gone);
  kernel?.statusChanged?.connect(changed);
  kernel?.disposed?.connect(gone);
  return () => {
    over = true;
    for (const event of ["comm_live_update", "comm:close"]) model.off(event, gone);
    kernel?.statusChanged?.disconnect(changed);
    kernel?.disposed?.disconnect(gone);
  };
}

/** Milliseconds after which an answer of Python's is late. */
export const LATE = 10_000;

/**
 * The way to Python. What the user does goes out as one message at a time; what is done meanwhile waits and goes
 * out together, so that nothing is lost and a busy kernel is not flooded.
 */
export class Link {
  /** @param {any} model the widget's model */
  constructor(model) {
    this.model = model;
    /** @type {{seq: number, act: Record<string, any>}[]} what Python has not confirmed yet */
    this.pending = [];
    /** tells this view from others of the same widget */
    this.view = Math.random().toString(36).slice(2);
    this.seq = 0;
    this.inFlight = 0;
    /** whether Python is gone: then nothing is sent any more */
    this.gone = false;
    /** called when something was sent, and when Python is gone: the page shows what waits @type {() => void} */
    this.shows = () => {};
    /** called when an answer is late, and when it has come after all @type {(late: boolean) => void} */
    this.waits = () => {};
    /** called when nothing can be sent @type {() => void} */
    this.fails = () => {};
    this.timer = 0;
  }

  /**
   * Tell Python what the user did, and show that it waits.
   * @param {Record<string, any>} act `do` names it
   */
  send(act) {
    if (this.gone) return;
    this.seq += 1;
    this.pending.push({ seq: this.seq, act });
    this._flush();
    this.shows();
  }

  /** Tell Python that somebody looks; nobody waits for an answer to that. */
  greet() {
    this.model.send({ view: this.view, seq: 0, acts: [{ do: "hello" }] });
  }

  /** Whether an answer is still to come. */
  get busy() {
    return this.pending.length > 0 && !this.gone;
  }

  /** Whether Python has not confirmed an act of one of these names. @param {...string} names */
  awaits(...names) {
    return this.pending.some((entry) => names.includes(entry.act.do));
  }

  /** Python is gone. */
  lose() {
    this.gone = true;
    clearTimeout(this.timer);
    this.shows();
  }

  /** Take note of what Python has confirmed; gives what it has not. */
  settle() {
    const ack = this.model.get("state").acks?.[this.view] ?? 0;
    this.pending = this.pending.filter((entry) => entry.seq > ack);
    if (this.inFlight && this.inFlight <= ack) {
      this.inFlight = 0;
      clearTimeout(this.timer);
      this.waits(false);
    }
    this._flush();
    return this.pending;
  }

  _flush() {
    if (this.gone || this.inFlight || !this.pending.length) return;
    this.inFlight = this.seq;
    this.timer = setTimeout(() => this.waits(true), LATE);
    try {
      this.model.send({ view: this.view, seq: this.seq, acts: this.pending.map((entry) => entry.act) });
    } catch {
      // The comm of a kernel that is gone says so before anything else does.
      this.gone = true;
      clearTimeout(this.timer);
      this.fails();
    }
  }
}

/**
 * Have an element keep the height that it has, while less is in it.
 * @param {HTMLElement} node
 * @param {boolean} kept
 */
export function keepHeight(node, kept) {
  if (!kept) node.style.minHeight = "";
  else if (!node.style.minHeight) node.style.minHeight = getComputedStyle(node).height;
}

/**
 * Say something that Python has judged, or instead that it is not judged yet; the place keeps its height meanwhile.
 * @param {HTMLElement} node
 * @param {string} text
 * @param {string} waiting what to say instead, empty for nothing
 */
export function tell(node, text, waiting) {
  keepHeight(node, Boolean(waiting));
  write(node, waiting || text);
}

/**
 * What to say where something waits for Python.
 * @param {(key: string, facts?: Record<string, any>) => string} say
 * @param {Link} link
 */
export function waitingFor(say, link) {
  return say(link.gone ? "shared.unjudged" : "shared.waiting");
}

/** Everything of a widget but one part of it. @param {Element} part */
function around(part) {
  /** @type {Element[]} */
  const others = [];
  for (let node = part; node.parentElement && !node.matches(".wsedu"); node = node.parentElement) {
    others.push(...[...node.parentElement.children].filter((other) => other !== node));
  }
  return others;
}

/**
 * The line where a widget says what went wrong, with the details behind it; that Python is gone outweighs the rest.
 * @param {any} model
 * @param {(key: string, facts?: Record<string, any>) => string} say
 * @param {Link} link whose late answers are told
 * @param {() => Element[]} [parts] of the page that are of no use once Python is gone; without it, everything but the line
 * @param {(text: string) => boolean} [elsewhere] whether a problem is told where it was made
 */
export function problemLine(model, say, link, parts, elsewhere = () => false) {
  const text = el("span");
  const trace = el("pre");
  const more = el("details", { class: "wsedu-details" }, el("summary", {}, say("shared.details")), trace);
  const line = el("div", { class: "wsedu-problem", role: "alert", hidden: true }, text, more);
  let gone = false;
  let late = false;
  const show = () => {
    const lacks = gone ? say("shared.lost") : late ? say("shared.slow", { seconds: LATE / 1000 }) : "";
    const problem = lacks ? { text: lacks } : model.get("problem");
    set(line, { hidden: !problem.text || (!lacks && elsewhere(problem.text)) });
    write(text, problem.text ?? "");
    write(trace, problem.trace ?? "");
    set(more, { hidden: !problem.trace });
  };
  const lose = () => {
    if (gone) return;
    gone = true;
    show();
    link.lose();
    for (const part of parts?.() ?? around(line)) set(part, { inert: true });
  };
  const unwatch = watchKernel(model, lose);
  link.fails = lose;
  link.waits = (waiting) => {
    late = waiting;
    show();
  };
  model.on("change:problem", show);
  show();
  const stop = () => {
    unwatch();
    clearTimeout(link.timer);
    model.off("change:problem", show);
  };
  return { line, stop, show };
}
