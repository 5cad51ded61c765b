// What a screen reader is told, politely: a change of the link at once, rows at most every 10 s.

import { held } from "./rows.js";
import { word } from "./words.js";

const SUMMARY_MS = 10000;
const SILENCE_MS = 100; // in between the region is empty, so that the same words are heard again

const announcer = document.querySelector("[data-announce]");
let sayings = [];
let came = 0; // rows not told of yet
let told = { fresh: 0, any: false }; // of what waits

export function say(text) {
  sayings.push(text);
  if (sayings.length > 1) return;
  announcer.textContent = "";
  setTimeout(() => {
    announcer.textContent = sayings.join(". ");
    sayings = [];
  }, SILENCE_MS);
}

export function countRows(count) {
  came += count;
}

function summarise() {
  const now = held();
  const more = now.fresh - told.fresh;
  if (came) say(newRows(came, "newRow", "newRows"));
  if (more > 0) say(newRows(more, "newRowWaiting", "newRowsWaiting"));
  else if (now.any && !told.any) say(word("waiting"));
  came = 0;
  told = now;
}

function newRows(count, one, several) {
  return count === 1 ? word(one) : word(several, { count });
}

setInterval(summarise, SUMMARY_MS);
