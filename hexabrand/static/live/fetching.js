// Parts of this page asked for anew: what a search finds as it is typed, and what only the Pi knows.

import { forget, isPaused, replaceContent } from "./rows.js";
import { markChosen } from "./ticks.js";
import { tellTimes } from "./time.js";

const TYPED_MS = 150;
const PAST_MS = 500; // several events of one animal come together
const PAST_EVERY_MS = 5000; // at a busy chute the Pi is asked no more often
const PARTS = "[data-list], [data-region], [data-empty], [data-past], thead, .heading, .bulk";

let typed; // the timer of the last key
let asking; // the request on its way
let searching; // the field whose letters made the newest step of the history
let shown = location.search;
let moved = () => {};

export function whenMoved(callback) {
  moved = callback;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-typed]");
  if (!form) return;
  stopSearching();
  typed = setTimeout(() => show(form, event.target), event.target.type === "search" ? TYPED_MS : 0);
});

export function stopSearching() {
  clearTimeout(typed);
  asking?.abort();
}

async function page(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok || answer.redirected) throw new Error("another page");
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// The page that the form would lead to, put in place of this one but for the form itself.
async function show(form, field) {
  asking = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  const address = `${location.pathname}?${query}`;
  try {
    putInPlace(await page(address, asking.signal));
  } catch (error) {
    if (error.name !== "AbortError") form.submit();
    return;
  }
  // Each filter is a step that "Back" takes back; the letters of one search are one step.
  history[field === searching ? "replaceState" : "pushState"](null, "", address);
  searching = field.type === "search" ? field : undefined;
  shown = location.search;
}

window.addEventListener("popstate", () => {
  if (location.search !== shown) location.reload();
});

function putInPlace(made) {
  const shown = document.querySelectorAll(`main :is(${PARTS})`);
  const fresh = made.querySelectorAll(`main :is(${PARTS})`);
  if (shown.length !== fresh.length) throw new Error("another page");
  shown.forEach((part, place) => part.replaceWith(document.importNode(fresh[place], true)));
  document.body.dataset.live = made.body.dataset.live;
  forget();
  markChosen();
  moved();
  tellTimes();
}

// -- what only the Pi knows ---------------------------------------------------------------------

let waitingForPast; // its timer
let pastAt = -Infinity;
let isStale = false;

export function pastIsStale() {
  isStale = true;
  if (isPaused()) return;
  waitingForPast ??= setTimeout(renewPast, Math.max(PAST_MS, pastAt + PAST_EVERY_MS - performance.now()));
}

// After a pause, and where the Pi was away when the page was made.
export function catchUp() {
  if (isStale || document.querySelector("[data-past] [data-missing]")) pastIsStale();
}

async function renewPast() {
  waitingForPast = undefined;
  pastAt = performance.now();
  isStale = false;
  try {
    const made = await page(location.href);
    for (const part of document.querySelectorAll("[data-past]")) {
      const fresh = made.querySelector(`[data-past="${part.dataset.past}"]`);
      if (fresh) replaceContent(part, fresh.innerHTML);
    }
  } catch {
    return; // gone or signed out: the socket says so
  }
  tellTimes();
}
