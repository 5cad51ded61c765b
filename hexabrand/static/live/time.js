// Times as people say them, in front of the clock's: "3 min ago 14:02". Paper gets the clock alone.

import { word } from "./words.js";

// The Pi's time, by which all times of the herd are: this computer's own clock may be wrong. Kept by a
// clock that cannot be set, and told anew with every message.
let told = { ms: Number(document.body.dataset.now) || Date.now(), at: performance.now() };

export function setNow(ms) {
  told = { ms, at: performance.now() };
}

export function now() {
  return told.ms + performance.now() - told.at;
}

export function moment() {
  return { wall: Date.now(), steady: performance.now() };
}

// The steady clock stands still while a laptop sleeps, and the other one can be set: the longer time.
export function msSince(then) {
  return Math.max(Date.now() - then.wall, performance.now() - then.steady);
}

function ago(seconds) {
  if (seconds < 5) return word("justNow");
  if (seconds < 60) return word("secondsAgo", { count: Math.floor(seconds) });
  if (seconds < 3600) return word("minutesAgo", { count: Math.floor(seconds / 60) });
  if (seconds < 86400) return word("hoursAgo", { count: Math.floor(seconds / 3600) });
  if (seconds < 30 * 86400) return word("daysAgo", { count: Math.floor(seconds / 86400) });
  return ""; // the date says it better
}

export function span(seconds) {
  if (seconds < 90) return word("seconds", { count: Math.round(seconds) });
  if (seconds < 5400) return word("minutes", { count: Math.round(seconds / 60) });
  return word("hours", { count: Math.round(seconds / 3600) });
}

// 2026-11-25 14:02, in this computer's zone.
export function writtenTime(at) {
  const [year, month, day, hour, minute] = [at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(),
    at.getMinutes()].map((part) => String(part).padStart(2, "0"));
  return `${year}-${month}-${day} ${hour}:${minute}`;
}

export function tellTimes() {
  for (const element of document.querySelectorAll("time[datetime]")) {
    const text = ago((now() - Date.parse(element.dateTime)) / 1000);
    if (text === (element.dataset.ago || "")) continue;
    if (text) element.dataset.ago = text;
    else delete element.dataset.ago;
  }
}
