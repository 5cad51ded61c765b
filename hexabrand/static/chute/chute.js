// The chute's page: hands what comes to machine.js, shows what it says, and sends what it asks for.

import { now } from "../live/time.js";
import { stayWhileAway } from "./leaving.js";
import { next, start } from "./machine.js";
import { openPlace } from "./returning.js";
import { answered, assign, confirm, newKey, sendAll, waitingTreatments, whenFull, whenSent } from "./sending.js";
import { play } from "./tones.js";
import { chuteWord, has } from "./words.js";

const CARD_MS = 4000; // a slow office is an absent one: the weight is kept all the same

const page = document.querySelector("[data-chute]");
const box = document.getElementById("chute-box");
const choices = page.querySelector("[data-chute-choices]");
const one = (name) => page.querySelector(`[data-chute-${name}]`);

let session = sessionTold();
const here = openPlace(sessionStorage, page.dataset.person, session);
let state;
let shownWord = "";
const shownIn = {}; // by place, the questions that stand there
let isAway = false; // the office, when it was last asked

function sessionTold() {
  return JSON.parse(document.getElementById("chute-session").textContent);
}

// The queue may have been sent by another page meanwhile: its answers have the numbers of the weights.
function begin() {
  const left = here.read();
  if (left) left.current.weights = left.current.weights.map((one) => ({ ...one, id: one.id ?? answered(one.key) }));
  state = start(page.dataset.unit, session, waitingTreatments(session));
  take({ kind: "begin", left });
}

function take(input) {
  const made = next(state, { at: Math.floor(now()), key: newKey(), isTyping: box.value !== "", ...input });
  state = made.state;
  here.write(state, Math.floor(now()));
  show(made.show);
  ask(made.ask);
  for (const sent of made.send) {
    if (SENT[sent.kind]) SENT[sent.kind](sent);
    else confirm({ ...sent, session_id: session?.id ?? null });
  }
}

const SENT = {
  card: askCard,
  assign: ({ tag, animal_id: id }) => assign(tag, id),
};

async function cardOf(q, id = null) {
  const query = new URLSearchParams({ q, ...(id ? { id } : {}), ...(session ? { session: session.id } : {}) });
  const answer = await fetch(`/office/chute/card?${query}`, { signal: AbortSignal.timeout(CARD_MS) });
  if (!answer.ok || answer.redirected) throw new Error("no card");
  return answer.json();
}

async function askCard({ q, id }) {
  try {
    const found = await cardOf(q, id);
    isAway = false;
    take({ kind: "card", ...found, q });
  } catch {
    isAway = true;
    take({ kind: "no_card", q });
  }
}

// -- what is shown -------------------------------------------------------------------------------

function show({ word, why, pen, card, name, weight, unit, panel, tags, notice, doses }) {
  const text = chuteWord(`word.${word}`, { pen });
  one("word").replaceChildren(...text.split(" ").map(line));
  one("state").dataset.word = word;
  one("why").textContent = has(`why.${word}`) ? chuteWord(`why.${word}`, { name, why }) : why || (card?.name ?? "");
  if (`${word} ${name}` !== shownWord && choices.tones.checked) play(word);
  shownWord = `${word} ${name}`;
  one("notice").hidden = !notice;
  one("notice").textContent = notice ? chuteWord(`notice.${notice.code}`, notice) : "";
  showCard(card, weight, unit);
  showDoses(doses);
  page.querySelectorAll("[data-chute-panel]").forEach((part) => { showPanel(part, part.dataset.chutePanel === panel); });
  page.querySelectorAll("[data-chute-tag]").forEach((field, place) => { field.textContent = tags?.[place] || "–"; });
  fit();
}

// What was typed, or found, for one animal must not be there to be touched for the next one.
function showPanel(part, isOpen) {
  if (!isOpen && !part.hidden) {
    part.reset?.();
    one("found").replaceChildren();
  }
  part.hidden = !isOpen;
}

function showCard(card, weight, unit) {
  one("card").hidden = !card;
  one("more").href = `/office/cattle/${card?.id ?? ""}`;
  for (const fact of page.querySelectorAll("[data-fact]")) {
    fact.textContent = card?.[fact.dataset.fact] ?? "";
    if (!fact.matches("small")) fact.closest("div").hidden = !fact.textContent;
  }
  one("weight").textContent = weight || "–";
  one("unit").textContent = unit;
}

// What it is given: a touch takes it back, or says that it is not to be.
function showDoses(doses) {
  if (isShown("doses", doses)) return;
  const focused = one("doses").contains(document.activeElement);
  one("doses").replaceChildren(...doses.map(({ product_id, product, amount, told, expired }) => {
    const text = amount ? `${product} · ${amount}\u00a0ml` : product;
    const made = question({ name: "dose", product_id, text, told: chuteWord(`dose.${told}`) });
    if (expired) made.append(Object.assign(document.createElement("small"), { className: "expired", textContent: expired }));
    made.dataset.told = told;
    made.setAttribute("aria-pressed", told !== "left");
    return made;
  }));
  if (focused) box.focus();
}

function line(text) {
  const made = document.createElement("span");
  made.textContent = text;
  return made;
}

// A long word is made narrow, and never small: it is read at three metres.
function fit() {
  for (const part of one("word").children) {
    part.style.transform = "";
    const room = one("word").clientWidth / part.offsetWidth;
    if (room < 1) part.style.transform = `scaleX(${room})`;
  }
}

// -- what is asked -------------------------------------------------------------------------------

// An answer that changes no question takes no button from under a finger, or the keyboard's focus.
function isShown(place, what) {
  const before = shownIn[place];
  shownIn[place] = JSON.stringify(what);
  return before === shownIn[place];
}

function ask(questions) {
  if (isShown("ask", questions)) return;
  const focused = one("ask").contains(document.activeElement);
  one("ask").replaceChildren(...questions.map(question));
  if (focused) box.focus();
}

function question({ name, text = "", told = "", ...values }) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.ask = values.panel ?? name;
  const label = values.panel ? `ask.panel.${values.panel}` : `ask.${name}`;
  made.textContent = has(label) ? chuteWord(label, { text, ...values }) : text; // an animal's name stands alone
  if (told) made.append(Object.assign(document.createElement("small"), { textContent: told }));
  made.addEventListener("click", () => {
    take({ kind: "button", name, text, ...values });
    (page.querySelector("[data-chute-panel]:not([hidden]) input") ?? box).focus();
  });
  return made;
}

// -- what people do ------------------------------------------------------------------------------

// Taken and cleared at once: the next scan may come before the office has answered.
one("box").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = box.value;
  box.value = "";
  take({ kind: "line", text });
});

// A scale's or a reader's keys belong into the box, and its Enter presses no button.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return take({ kind: "button", name: "next" });
  const isLetter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isLetter && !document.activeElement.matches("input:not([type=checkbox]), select, textarea")) box.focus();
}, { capture: true });

// Who ends or leaves the session has let the last animal go: that confirms it, as the next scan would.
page.querySelector("[data-region=session]").addEventListener("click", ({ target }) => {
  if (target.closest("[data-chute-end]")) take({ kind: "button", name: "next" });
});

const panel = (name) => page.querySelector(`[data-chute-panel=${name}]`);

// It comes into the session's pen and batch.
panel("new").addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target));
  event.target.reset();
  take({ kind: "button", name: "add", fields: { ...fields, pen_id: session?.pen_id, batch_id: session?.batch_id } });
  box.focus();
});

panel("put").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { animal } = event.target.elements, wanted = animal.value;
  one("found").replaceChildren();
  const { card, choices: found = [] } = await cardOf(wanted).catch(() => ({}));
  if (animal.value !== wanted) return; // the animal that it was for has gone, or another one is meant
  const animals = card ? [card] : found;
  one("found").replaceChildren(...animals.map(({ id, name, told = "" }) =>
    question({ name: "put", text: name, told, fields: { animal_id: id } })));
});

// Each person's own, in this browser.
for (const name of ["tones", "radio"]) {
  const kept = `chute.${name}.${page.dataset.person}`;
  choices[name].checked = localStorage.getItem(kept) !== "off";
  choices[name].addEventListener("change", () => {
    localStorage.setItem(kept, choices[name].checked ? "on" : "off");
    box.focus();
  });
}

// -- what radios bring ---------------------------------------------------------------------------

const seen = new Set();

function hear(isFirst) {
  for (const { dataset } of page.querySelectorAll("[data-region=heard] li")) {
    const isNew = !seen.has(dataset.key);
    seen.add(dataset.key);
    if (!isNew || isFirst || !choices.radio.checked) continue;
    const about = { id: Number(dataset.id), name: dataset.name, at: Number(dataset.at) };
    if (!dataset.weightId) take({ kind: "read", ...about });
    else take({ kind: "radio_weight", ...about, weight: dataset.weight, weight_id: Number(dataset.weightId),
      quality: dataset.quality, reason: dataset.reason });
  }
}

hear(true);
new MutationObserver(() => hear(false)).observe(page.querySelector("[data-region=heard]"), { childList: true });

// What is given and where they go, as somebody changed it meanwhile: a lot, an expiry, a product out of use.
new MutationObserver(() => {
  session = sessionTold();
  take({ kind: "session", session });
}).observe(page.querySelector("[data-region=told]"), { childList: true, subtree: true, characterData: true });

whenSent((answer) => take({ kind: "sent", ...answer }));
whenFull(() => { take({ kind: "full" }); });
stayWhileAway(() => isAway, () => take({ kind: "away" }));
window.addEventListener("resize", fit);
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) begin(); // gone back to: this tab's chute may have gone on since
  sendAll();
});
begin();

// A scan that came before this script was there has led to a page of its own.
const address = new URL(location.href), early = address.searchParams.get("line");
address.searchParams.delete("line");
history.replaceState(null, "", address);
if (early) take({ kind: "line", text: early });
sendAll();
