// One open page, kept true. The server sends what changed; see remote/office/consumers.py.

const FRESH_MS = 3000;
const SUMMARY_MS = 10000;
const SILENT_MS = 12000; // the server says something every 5 s
const RETRY_MS = [500, 15000];
const TYPED_MS = 150;
const MOVED = 4000; // our own word: the page shows something else now

const body = document.body;
const bannerHolder = document.querySelector("[data-banner]");
const pill = document.querySelector("[data-pill]");
const announcer = document.querySelector("[data-announce]");

let held = []; // messages that wait behind the pill
let paused = false;
let heardAt = Date.now();
let age = null; // { seconds, at }
let unsaid = 0;
let live; // the socket
let retryMs = RETRY_MS[0];

// -- rows and regions -------------------------------------------------------------------------

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

function isBeingEdited(element) {
  const active = document.activeElement;
  return element.contains(active) && active.matches("input:not([type=checkbox]), textarea, select");
}

function applyList(name, { keys, rows }, quietly) {
  const list = document.querySelector(`[data-list="${name}"]`);
  if (!list) return 0;
  const shown = new Map([...list.children].map((row) => [row.dataset.key, row]));
  let fresh = 0;
  keys.forEach((key, place) => {
    let row = shown.get(key);
    if (rows[key] && !(row && isBeingEdited(row))) {
      const made = parse(rows[key]);
      if (!row) fresh += 1;
      if (!quietly) highlight(made);
      if (row) replaceRow(row, made);
      row = made;
    }
    shown.delete(key);
    if (row && list.children[place] !== row) list.insertBefore(row, list.children[place] || null);
  });
  for (const row of shown.values()) row.remove();
  for (const empty of document.querySelectorAll(`[data-empty="${name}"]`)) empty.hidden = keys.length > 0;
  return fresh;
}

// Ticks stay, and the keyboard stays where it was.
function replaceRow(before, after) {
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  for (const box of before.querySelectorAll("input[type=checkbox]:checked")) {
    const same = after.querySelector(`input[name="${CSS.escape(box.name)}"]`);
    if (same) same.checked = true;
  }
  const place = focused ? [...before.querySelectorAll("a, button, input")].indexOf(focused) : -1;
  before.replaceWith(after);
  if (place >= 0) after.querySelectorAll("a, button, input")[place]?.focus({ preventScroll: true });
}

function highlight(row) {
  row.classList.add("fresh");
  setTimeout(() => row.classList.remove("fresh"), FRESH_MS);
}

function apply(message, quietly) {
  for (const [name, html] of Object.entries(message.regions || {})) {
    const region = document.querySelector(`[data-region="${name}"]`);
    if (region && !isBeingEdited(region)) region.innerHTML = html;
  }
  for (const [name, list] of Object.entries(message.lists || {})) unsaid += applyList(name, list, quietly);
  tick();
}

// -- holding back -----------------------------------------------------------------------------

function mustHold() {
  return paused || window.scrollY > 240;
}

function showPill() {
  const count = held.reduce((sum, m) => sum + Object.values(m.lists || {}).reduce((n, l) => n + countNew(l), 0), 0);
  pill.hidden = held.length === 0 || (count === 0 && !paused);
  pill.textContent = count ? `${count} new` : "Changes are waiting";
}

function countNew({ rows }) {
  return Object.keys(rows).filter((key) => !document.querySelector(`[data-list] [data-key="${CSS.escape(key)}"]`)).length;
}

function release() {
  const messages = held;
  held = [];
  messages.forEach((message) => apply(message, false));
  showPill();
}

pill?.addEventListener("click", () => {
  window.scrollTo({ top: 0 });
  setPaused(false);
  release();
});

function setPaused(on) {
  paused = on;
  const button = bannerHolder?.querySelector("[data-pause]");
  if (button) {
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Go on" : "Pause";
  }
}

// A form that has been sent is not sent again, and shows that the Pi is at it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-busy")) return;
  if (form.hasAttribute("data-sent")) return event.preventDefault();
  form.setAttribute("data-sent", "");
  for (const bar of form.querySelectorAll("progress")) bar.hidden = false;
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) form.removeAttribute("data-sent");
});

document.addEventListener("change", (event) => {
  if (!event.target.matches(".tick")) return;
  const count = document.querySelectorAll(".tick:checked").length;
  const told = document.querySelector("[data-chosen]");
  if (told) told.textContent = count ? `${count} ticked` : "Tick animals to move them";
});

// A wedge reader types into whatever has the focus: where nothing has, that is the page's own first
// field or else the scan box.
document.addEventListener("keydown", (event) => {
  const field = document.querySelector("main [autofocus]") || document.getElementById("scan");
  const typing = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  const elsewhere = document.activeElement?.closest("input, textarea, select, button, a, summary, [tabindex]");
  if (field && typing && event.key !== " " && (!elsewhere || elsewhere.id === "main")) field.focus();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-away]")) event.preventDefault();
  if (event.target.closest("[data-print]")) return window.print();
  if (event.target.closest("[data-pause]")) {
    setPaused(!paused);
    if (!paused) release();
    showPill();
  } else if (event.target.closest("[data-theme-next]")) {
    const looks = ["light", "dark", "barn"];
    const next = looks[(looks.indexOf(document.documentElement.dataset.theme) + 1) % looks.length];
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
  }
});

window.addEventListener("scroll", () => {
  if (held.length && !mustHold()) release();
}, { passive: true });

// -- search as you type -----------------------------------------------------------------------

let typed; // the timer of the last key
let asking; // the request on its way

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-typed]");
  if (!form) return;
  clearTimeout(typed);
  typed = setTimeout(() => show(form), event.target.type === "search" ? TYPED_MS : 0);
});

// The page that the form would lead to, put in place of this one but for the form itself.
async function show(form) {
  asking?.abort();
  asking = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  const address = `${location.pathname}?${query}`;
  let answer;
  try {
    answer = await fetch(address, { signal: asking.signal });
    if (!answer.ok || answer.redirected) return form.submit();
    putInPlace(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch (error) {
    if (error.name !== "AbortError") form.submit();
    return;
  }
  history.replaceState(null, "", address);
}

function putInPlace(made) {
  const parts = "[data-list], [data-region], [data-empty], thead, .heading, .bulk";
  const shown = document.querySelectorAll(`main :is(${parts})`);
  const fresh = made.querySelectorAll(`main :is(${parts})`);
  if (shown.length !== fresh.length) throw new Error("another page");
  shown.forEach((part, place) => part.replaceWith(document.importNode(fresh[place], true)));
  body.dataset.live = made.body.dataset.live;
  held = [];
  showPill();
  live?.close(MOVED);
  tick();
}

// -- the socket -------------------------------------------------------------------------------

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}${body.dataset.live}`);
  let first = true;
  live = socket;
  socket.addEventListener("message", (event) => {
    if (socket !== live) return;
    const message = JSON.parse(event.data);
    heardAt = Date.now();
    retryMs = RETRY_MS[0];
    socket.send(JSON.stringify({ ack: message.id }));
    receive(message, first);
    first = false;
  });
  socket.addEventListener("close", (event) => {
    if (event.code === 4401) return location.reload(); // signed out: the sign-in page follows
    if (event.code === MOVED) return connect();
    if (event.code === 4404) return showLost("What this page showed is gone.");
    setTimeout(connect, retryMs * (0.5 + Math.random()));
    retryMs = Math.min(retryMs * 2, RETRY_MS[1]);
  });
  const watch = setInterval(() => {
    if (socket.readyState === WebSocket.CLOSED) clearInterval(watch);
    else if (Date.now() - heardAt > 2 * SILENT_MS) socket.close();
  }, 1000);
}

function receive(message, first) {
  if (message.reload) return location.reload();
  age = message.age === null ? null : { seconds: message.age, at: Date.now() };
  if (message.banner) setBanner(message.banner);
  setWritable(message.state === "live");
  if (first) held = []; // a first message holds everything
  if (!message.lists && !message.regions) return;
  if (mustHold() && !first) {
    held.push(message);
    merge();
    showPill();
  } else apply(message, first);
}

// However long the page is paused, at most one message waits for each list and region.
function merge() {
  const all = { lists: {}, regions: {} };
  for (const { lists, regions } of held) {
    Object.assign(all.regions, regions);
    for (const [name, list] of Object.entries(lists || {})) {
      const rows = { ...(all.lists[name]?.rows || {}), ...list.rows };
      const wanted = new Set(list.keys);
      for (const key of Object.keys(rows)) if (!wanted.has(key)) delete rows[key];
      all.lists[name] = { keys: list.keys, rows };
    }
  }
  held = [all];
}

// What needs the Pi waits for it, and says so.
function setWritable(on) {
  for (const element of document.querySelectorAll("[data-needs-pi]")) {
    if (element.tagName === "A") element.toggleAttribute("data-away", !on);
    else if (!element.form?.hasAttribute("data-sent")) element.disabled = !on;
  }
  for (const note of document.querySelectorAll("[data-when-away]")) note.hidden = on;
}

function setBanner(html) {
  bannerHolder.innerHTML = html;
  setPaused(paused);
}

function showLost(text) {
  const banner = bannerHolder.querySelector(".banner");
  banner.className = "banner lost";
  banner.querySelector("strong").textContent = text;
}

// -- time -------------------------------------------------------------------------------------

function ago(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return null; // the date says it better
}

function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[datetime]")) {
    const text = ago((now - Date.parse(element.dateTime)) / 1000);
    if (text && element.textContent !== text) element.textContent = text;
  }
  const shown = document.querySelector("[data-age]");
  if (shown && age) shown.textContent = span(age.seconds + (now - age.at) / 1000);
  if (body.dataset.live && now - heardAt > SILENT_MS) {
    showLost(`This page lost the office server ${span((now - heardAt) / 1000)} ago`);
  }
}

function summarise() {
  if (unsaid) announcer.textContent = `${unsaid} new rows`;
  unsaid = 0;
}

if (body.dataset.live) connect();
tick();
setInterval(tick, 1000);
setInterval(summarise, SUMMARY_MS);
