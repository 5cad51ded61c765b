// One open page, kept true. The server sends what changed; see remote/office/consumers.py.

import { keepTyped } from "./live/kept_forms.js";
import { catchUp, pastIsStale, whenMoved } from "./live/fetching.js";
import { isPaused, release, releaseIfFree, setPaused, take } from "./live/rows.js";
import "./live/scanning.js";
import { countRows, say } from "./live/speech.js";
import { chosen, whenChosen } from "./live/ticks.js";
import "./live/suggesting.js";
import { moment, msSince, now, setNow, span, tellTimes, writtenTime } from "./live/time.js";
import { somethingTyped } from "./live/typing.js";
import { word } from "./live/words.js";
import "./live/row_keys.js";

const SILENT_MS = 12000; // the server says something every 5 s
const RETRY_MS = [500, 15000];
const MOVED = 4000; // our own word: the page shows something else now

const body = document.body;
const bannerHolder = document.querySelector("[data-banner]");

let heardAt = moment();
let age = null; // { seconds, at }
let isLive = null; // whether the Pi can be asked; null before the server has said so
let isLost = false;
let banner = ""; // the last one that was told
let live; // the socket
let hasBeenTold = false; // by an earlier socket
let retryMs = RETRY_MS[0];

// -- the socket -------------------------------------------------------------------------------

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}${body.dataset.live}`);
  let first = true;
  let saidAt = moment(); // by this socket: one that has just been made has its time to speak
  live = socket;
  socket.addEventListener("message", (event) => {
    if (socket !== live) return;
    const message = JSON.parse(event.data);
    heardAt = saidAt = moment();
    retryMs = RETRY_MS[0];
    socket.send(JSON.stringify({ ack: message.id }));
    receive(message, first);
    first = false;
  });
  socket.addEventListener("close", (event) => {
    if (event.code === 4401) {
      keepTyped();
      return location.reload(); // signed out: the sign-in page follows
    }
    if (event.code === MOVED) return connect();
    if (event.code === 4404) return showLost(word("gone"));
    setTimeout(connect, retryMs * (0.5 + Math.random()));
    retryMs = Math.min(retryMs * 2, RETRY_MS[1]);
  });
  const watch = setInterval(() => {
    if (socket.readyState === WebSocket.CLOSED) clearInterval(watch);
    else if (msSince(saidAt) > 2 * SILENT_MS) socket.close();
  }, 1000);
}

function receive(message, first) {
  if (message.reload && !somethingTyped()) return location.reload();
  setNow(message.now);
  age = message.age === null ? null : { seconds: message.age, at: moment() };
  banner = message.banner ?? banner;
  if (message.banner || isLost) setBanner(banner);
  setLive(message.state === "live");
  countRows(take(message, first));
  if (document.querySelector("[data-go]")) return location.reload(); // what only the Pi can tell
  if (message.past || (first && hasBeenTold)) pastIsStale();
  hasBeenTold = true;
  tick();
}

whenMoved(() => live?.close(MOVED));

// -- the banner and what needs the Pi ------------------------------------------------------------

// The banner is no live region: it is told of when its state is another, and not for its age.
function setBanner(html) {
  const before = bannerWords();
  bannerHolder.innerHTML = html;
  setPaused(isPaused());
  isLost = false;
  if (bannerWords() !== before) say(bannerWords());
}

function bannerWords() {
  return [...bannerHolder.querySelectorAll("strong, .why")].map((part) => part.textContent.trim()).join(". ");
}

function showLost(text) {
  const shown = bannerHolder.querySelector(".banner");
  shown.className = "banner lost";
  shown.querySelector("strong").textContent = text;
  if (!isLost) say(text);
  isLost = true;
}

function setLive(on) {
  if (on && !isLive) catchUp();
  isLive = on;
  enable();
}

// What needs the Pi waits for it, and says so; what needs ticks waits for them.
function enable() {
  if (isLive === null) return;
  const away = !isLive;
  for (const element of document.querySelectorAll("[data-needs-pi]")) {
    if (element.tagName === "A") setAway(element, away);
    else if (!element.form?.hasAttribute("data-sent")) {
      element.disabled = away || (element.hasAttribute("data-needs-ticks") && chosen.size === 0);
    }
  }
  for (const note of document.querySelectorAll("[data-when-away]")) note.hidden = isLive;
}

function setAway(link, away) {
  link.toggleAttribute("data-away", away);
  if (away) link.setAttribute("aria-disabled", "true");
  else link.removeAttribute("aria-disabled");
  link.title = away ? word("needsPi") : "";
}

whenChosen(() => {
  enable();
  releaseIfFree();
});

// -- the page's own controls -------------------------------------------------------------------

// A form that has been sent is not sent again, and shows that the Pi is working.
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

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-away]")) event.preventDefault();
  if (event.target.closest("[data-print]")) printAll();
  if (!event.target.closest("[data-pause]")) return;
  setPaused(!isPaused());
  if (isPaused()) return;
  releaseIfFree();
  catchUp();
});

// A list of several pages is printed whole: it is asked for with all its rows first.
function printAll() {
  if (!document.querySelector("[data-whole]")) return window.print();
  const asked = new URLSearchParams(location.search);
  asked.delete("page");
  asked.set("print", "1");
  location.search = asked;
}

if (new URLSearchParams(location.search).has("print") && document.querySelector("[data-print]")) {
  window.addEventListener("load", () => window.print());
}

// Paper has no banner: it says when it was printed and how old the data was.
window.addEventListener("beforeprint", () => {
  const printed = document.querySelector("[data-printed]");
  if (!printed) return;
  const at = writtenTime(new Date(now()));
  printed.textContent = age
    ? word("printedOf", { at, span: span(age.seconds + msSince(age.at) / 1000) })
    : word("printed", { at });
});

// -- time -------------------------------------------------------------------------------------

function tick() {
  tellTimes();
  const shown = document.querySelector("[data-age]");
  if (shown && age) shown.textContent = span(age.seconds + msSince(age.at) / 1000);
  if (body.dataset.live && msSince(heardAt) > SILENT_MS) {
    showLost(word("lost", { span: span(msSince(heardAt) / 1000) }));
  }
}

// The menu's “More” closes as menus do; without this script its own heading closes it.
const more = document.querySelector("[data-more]");
document.addEventListener("click", (event) => { if (more && !more.contains(event.target)) more.open = false; });
more?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  more.open = false;
  more.querySelector("summary").focus();
});

document.querySelector(".top nav > [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
if (body.dataset.live) connect();
tick();
setInterval(tick, 1000);
