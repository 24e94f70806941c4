"use strict";
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const say = (key, facts = {}) => words["js." + key].replace(/<(\w+)>/g, (_, name) => facts[name]);
  const part = (id) => document.getElementById(id);
  const base = (location.protocol === "https:" ? "wss://" : "ws://") + location.host;
  const language = document.documentElement.lang.slice(0, 2);
  const KEPT = 400; // steps that stay on the page
  let link = null; // the connection that is watched
  let trace = null; // the one that brings the steps
  let token = "";

  const make = (tag, cls, text) => {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  function append(list, item) {
    // Whoever has scrolled up to read is left alone.
    const log = list.parentElement;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    list.append(item);
    while (list.childElementCount > KEPT) list.firstElementChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
    return atEnd;
  }

  let unread = 0; // steps below what a reader has scrolled to

  function appendStep(item) {
    unread = append(part("traced"), item) ? 0 : unread + 1;
    showUnread();
  }

  function showUnread() {
    part("newer").hidden = unread === 0;
    part("newer").textContent = say("newer", { count: unread });
  }

  function toEnd() {
    const log = part("traced").parentElement;
    log.scrollTop = log.scrollHeight;
    log.focus({ preventScroll: true });
    unread = 0;
    showUnread();
  }

  function onScroll() {
    const log = part("traced").parentElement;
    if (log.scrollHeight - log.scrollTop - log.clientHeight < 40) unread = 0;
    showUnread();
  }

  // --- What JavaScript sees ---

  function saw(name, text) {
    const item = make("li");
    const head = make("div", "head");
    head.append(make("span", "title", name), make("span", "", text));
    item.append(head);
    append(part("seen"), item);
  }

  const shown = (data) => {
    if (typeof data !== "string") return say("binary", { size: data.size ?? data.byteLength });
    return data.length > 200 ? data.slice(0, 200) + "…" : data;
  };

  // --- What the server traced ---

  function chips(fields) {
    const row = make("div", "bytes");
    row.setAttribute("aria-hidden", "true"); // the table says the same
    for (const field of fields) {
      const chip = make("span", "f-" + field.name);
      chip.append(make("b", "", field.letter), field.value);
      row.append(chip);
    }
    return row;
  }

  function table(fields) {
    const node = make("table");
    const top = node.createTHead().insertRow();
    for (const name of ["", say("field"), say("value"), say("meaning")]) {
      const cell = make("th", "", name);
      cell.scope = "col";
      top.append(cell);
    }
    const body = node.createTBody();
    for (const field of fields) {
      const row = body.insertRow();
      row.insertCell().append(make("span", "mark f-" + field.name, field.letter));
      row.insertCell().textContent = field.label;
      row.append(make("td", "value", field.value));
      row.insertCell().textContent = field.meaning + (field.rfc ? " (§" + field.rfc + ")" : "");
    }
    return node;
  }

  function stepItem(step) {
    const item = make("li", [step.fields ? "frame" : "", step.bad ? "bad" : ""].join(" ").trim());
    item.dataset.kind = step.kind;
    const head = make("div", "head");
    const way = step.sent === null ? "" : say(step.sent ? "sent" : "received");
    const about = [step.t.toFixed(4) + " s", step.rule, step.rfc && "§" + step.rfc].filter(Boolean).join(" · ");
    head.append(make("span", "title", step.title));
    if (way) head.append(make("span", "way", way));
    head.append(make("span", "meta", about));
    item.append(head, make("p", "sentence", step.sentence));
    if (step.fields) item.append(chips(step.fields));
    const more = make("details");
    more.append(make("summary", "", say(step.fields ? "details.frame" : step.line.includes("\n") ? "details.lines" : "details")));
    more.addEventListener("toggle", () => {
      // Made when it is opened: hundreds of tables would only cost time.
      if (more.childElementCount > 1) return;
      if (step.fields) more.append(table(step.fields));
      more.append(make("pre", "", step.line));
    });
    item.append(more);
    return item;
  }

  function traceOpened(message) {
    token = message.watch;
    if (!message.traced) part("traced-empty").textContent = say("quiet");
    connect();
  }

  function traceMessage(event) {
    const message = JSON.parse(event.data);
    if (message.type === "hello") traceOpened(message);
    else if (message.type === "problem") part("problem").textContent = message.text;
    else for (const step of message.steps) appendStep(stepItem(step));
  }

  function watch() {
    trace = new WebSocket(`${base}/trace?lang=${language}`);
    trace.onmessage = traceMessage;
    trace.onclose = () => {
      trace = null;
      part("problem").textContent = say("gone");
      update();
    };
  }

  // --- The connection ---

  const STATES = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];

  // A button that is disabled under a reader's hands passes the focus to the one that is of use now.
  let homeless = false;

  function keepFocus() {
    const active = document.activeElement;
    homeless = homeless || active.matches(":disabled");
    const next = ["connect", "disconnect"].map(part).find((button) => !button.disabled);
    if (!homeless || !next) return;
    homeless = false;
    if (active === document.body || active.matches(":disabled")) next.focus({ preventScroll: true });
  }

  function update() {
    const state = link ? link.readyState : WebSocket.CLOSED;
    const open = state === WebSocket.OPEN;
    part("state").textContent = STATES[state];
    part("connect").disabled = state !== WebSocket.CLOSED;
    part("disconnect").disabled = !open;
    for (const id of ["send", "send-file"]) part(id).disabled = !open;
    part("orders").disabled = !open || !trace;
    keepFocus();
  }

  function connect() {
    part("problem").textContent = "";
    const socket = new WebSocket(`${base}/?watch=${encodeURIComponent(token)}`);
    link = socket;
    socket.onopen = () => { saw("open", ""); update(); };
    socket.onmessage = (event) => saw("message", shown(event.data));
    socket.onerror = () => saw("error", say("error"));
    socket.onclose = (event) => {
      saw("close", `code ${event.code} · reason "${event.reason}" · wasClean ${event.wasClean}`);
      if (link === socket) update();
    };
    update();
  }

  const order = (what) => {
    part("problem").textContent = "";
    trace.send(JSON.stringify(what));
  };

  const on = (id, act) =>
    part(id).addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });

  part("connect").addEventListener("click", () => (trace ? connect() : (watch(), update())));
  part("disconnect").addEventListener("click", () => { link.close(1000); update(); });
  part("clear").addEventListener("click", () => { part("traced").replaceChildren(); part("seen").replaceChildren(); onScroll(); });
  part("newer").addEventListener("click", toEnd);
  part("traced").parentElement.addEventListener("scroll", onScroll);
  part("only-frames").addEventListener("change", (event) =>
    part("traced").classList.toggle("fewer", event.target.checked));
  on("send-form", () => { link.send(part("text").value); part("text").select(); });
  on("file-form", () => link.send(part("file").files[0]));
  on("ping-form", () => order({ do: "ping", text: part("ping-text").value }));
  on("fragment-form", () =>
    order({ do: "fragment", text: part("fragment-text").value, parts: part("parts").valueAsNumber }));
  on("close-form", () =>
    order({ do: "close", code: part("code").valueAsNumber, reason: part("reason").value }));

  update();
  watch();
})();
