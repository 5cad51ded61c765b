// Rows and regions. What the server sends is shown at once; only what would move rows under
// somebody's finger waits behind the pill.

import { chosen, markChosen } from "./ticks.js";
import { word } from "./words.js";

const FRESH_MS = 3000;
const SCROLLED = 240; // px: from here on the reader is busy with rows further down
const FOCUSABLE = "a, button, input, summary, [tabindex]";

const pill = document.querySelector("[data-pill]");
const waiting = { lists: {}, regions: {} };
let paused = false;

// How many rows came in. `quietly` is for what a page is told when it opens.
export function take({ lists = {}, regions = {} }, quietly) {
  let fresh = 0;
  for (const [name, html] of Object.entries(regions)) {
    if (paused) waiting.regions[name] = html;
    else replaceContent(find("region", name), html);
  }
  for (const [name, list] of Object.entries(lists)) fresh += takeList(name, list, quietly);
  markChosen();
  showPill();
  return fresh;
}

function find(kind, name) {
  return document.querySelector(`[data-${kind}="${name}"]`);
}

function takeList(name, { keys, rows }, quietly) {
  const list = find("list", name);
  if (!list) return 0;
  const wanted = { keys, rows: {} };
  const all = { ...waiting.lists[name]?.rows, ...rows };
  for (const key of keys) if (all[key]) wanted.rows[key] = all[key];
  delete waiting.lists[name];
  if (!paused) redraw(list, wanted, quietly);
  if (!mustHold()) return arrange(list, name, wanted, quietly);
  if (!isShown(list, wanted)) waiting.lists[name] = wanted;
  return 0;
}

// The rows that are there already, in their places.
function redraw(list, { rows }, quietly) {
  for (const row of [...list.children]) {
    const { key } = row.dataset;
    if (!rows[key] || isBeingEdited(row)) continue;
    replaceRow(row, made(rows[key], quietly));
    delete rows[key];
  }
}

function isShown(list, { keys, rows }) {
  const shown = [...list.children].map((row) => row.dataset.key);
  return !Object.keys(rows).length && shown.length === keys.length && keys.every((key, at) => shown[at] === key);
}

// Rows come, go and change places. How many came.
function arrange(list, name, { keys, rows }, quietly) {
  const shown = new Map([...list.children].map((row) => [row.dataset.key, row]));
  let fresh = 0;
  keys.forEach((key, place) => {
    let row = shown.get(key);
    if (!row && rows[key]) {
      row = made(rows[key], quietly);
      fresh += 1;
    }
    shown.delete(key);
    if (row && list.children[place] !== row) list.insertBefore(row, list.children[place] || null);
  });
  for (const row of shown.values()) row.remove();
  for (const empty of document.querySelectorAll(`[data-empty="${name}"]`)) empty.hidden = keys.length > 0;
  return fresh;
}

function made(html, quietly) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const row = template.content.firstElementChild;
  if (!quietly) {
    row.classList.add("fresh");
    setTimeout(() => row.classList.remove("fresh"), FRESH_MS);
  }
  return row;
}

function isBeingEdited(element) {
  const active = document.activeElement;
  return element.contains(active) && active.matches("input:not([type=checkbox]), textarea, select");
}

function replaceRow(before, after) {
  keepingFocus(before, () => {
    before.replaceWith(after);
    return after;
  });
}

// The keyboard stays where it was, what was unfolded or scrolled stays so.
export function replaceContent(part, html) {
  if (!part || isBeingEdited(part)) return;
  const open = [...part.querySelectorAll("details")].map((one) => one.open);
  const scrolled = [...part.querySelectorAll("[tabindex]")].map((one) => one.scrollTop);
  keepingFocus(part, () => {
    part.innerHTML = html;
    return part;
  });
  part.querySelectorAll("details").forEach((one, place) => { one.open = Boolean(open[place]); });
  part.querySelectorAll("[tabindex]").forEach((one, place) => { one.scrollTop = scrolled[place] || 0; });
}

function keepingFocus(before, replace) {
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  const place = focused ? [...before.querySelectorAll(FOCUSABLE)].indexOf(focused) : -1;
  const after = replace();
  if (place >= 0) after.querySelectorAll(FOCUSABLE)[place]?.focus({ preventScroll: true });
}

// -- holding back -----------------------------------------------------------------------------

function mustHold() {
  return paused || window.scrollY > SCROLLED || chosen.size > 0;
}

export function held() {
  let fresh = 0;
  for (const [name, { rows }] of Object.entries(waiting.lists)) {
    const shown = new Set([...find("list", name).children].map((row) => row.dataset.key));
    fresh += Object.keys(rows).filter((key) => !shown.has(key)).length;
  }
  return { fresh, any: Object.keys(waiting.lists).length + Object.keys(waiting.regions).length > 0 };
}

function showPill() {
  if (!pill) return;
  const { fresh, any } = held();
  tellPaused();
  pill.hidden = !any;
  pill.textContent = fresh ? word("pill", { count: fresh }) : word("waiting");
}

// Shows what waits: it was told of already.
export function release() {
  const { lists, regions } = structuredClone(waiting);
  forget();
  for (const [name, html] of Object.entries(regions)) replaceContent(find("region", name), html);
  for (const [name, wanted] of Object.entries(lists)) {
    const list = find("list", name);
    redraw(list, wanted, false);
    arrange(list, name, wanted, false);
  }
  markChosen();
}

export function releaseIfFree() {
  if (held().any && !mustHold()) release();
}

// The page shows something else now.
export function forget() {
  Object.assign(waiting, { lists: {}, regions: {} });
  showPill();
}

export function isPaused() {
  return paused;
}

export function setPaused(on) {
  paused = on;
  const button = document.querySelector("[data-pause]");
  if (!button) return;
  button.setAttribute("aria-pressed", String(on));
  button.textContent = word(on ? "goOn" : "pause");
  tellPaused();
}

// A page that stands still says so, and how much it keeps back.
function tellPaused() {
  const note = document.querySelector("[data-paused]");
  if (!note) return;
  const lists = Object.values(waiting.lists).map(({ rows }) => Object.keys(rows).length);
  const count = lists.reduce((sum, one) => sum + one, Object.keys(waiting.regions).length);
  note.hidden = !paused;
  note.textContent = count === 1 ? word("pausedOne") : word(count ? "paused" : "pausedStill", { count });
}

pill?.addEventListener("click", () => {
  window.scrollTo({ top: 0 });
  setPaused(false);
  release();
});

window.addEventListener("scroll", releaseIfFree, { passive: true });
