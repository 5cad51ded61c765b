// Sends what waits in this browser, one after the other, and shows what is left.

import { openQueue, treatmentsOf, withRoom } from "./queue.js";
import { chuteWord } from "./words.js";

const AGAIN_MS = 2000;
const PATIENCE_MS = 15000;

const page = document.querySelector("[data-chute]");
const person = page.dataset.person;
const room = withRoom(localStorage);
const queue = openQueue(room);
let place = 0; // of two that come in the same millisecond
let isSending = false;
let isSignedOut = false;
let isAway = false; // the office, when it was last sent something
let told = () => {};
let failed = () => {};

export function whenSent(callback) {
  told = callback;
}

export function whenFull(callback) {
  failed = callback;
}

// `crypto.randomUUID` is not there on a plain HTTP page.
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function confirm(item) {
  queue.put(item, person, place++);
  if (room.isFull()) failed();
  showQueue();
  sendAll();
}

export function assign(tag, animal) {
  queue.assign(tag, animal);
  sendAll();
}

export function isOfficeAway() {
  return isAway;
}

// How many of a shipment's animals were scanned and are not sent yet.
export function waitingLoads(shipment) {
  const isOne = (one) => one.kind === "load" && one.shipment_id === shipment && one.by === person && !one.refused;
  return queue.items().filter(isOne).length;
}

export function answered(key) {
  return queue.answered(key);
}

export function waitingTreatments(session) {
  return treatmentsOf(queue.items(), session);
}

// -- sending -------------------------------------------------------------------------------------

export async function sendAll() {
  if (isSending) return;
  isSending = true;
  try {
    while (await sendNext());
  } finally {
    isSending = false; // whatever went wrong, the next try begins anew
  }
  showQueue();
}

async function sendNext() {
  const item = queue.next(person);
  if (!item) return false;
  const answer = await sendOnce(item);
  queue.settle(item, answer);
  if (answer.card) queue.assign(item.tag, answer.card.id); // what was weighed meanwhile is its own
  showQueue();
  return answer.outcome !== "waits";
}

async function sendOnce(item) {
  const answer = await post(item);
  if (answer.outcome !== "waits") told({ ...answer, key: item.key, tag: item.tag, of: item.of });
  return answer;
}

async function post({ name, refused, code, ...item }) {
  const token = page.querySelector("[data-chute-token] input").value;
  try {
    const answer = await fetch("/office/chute/send", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(item),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    // A sign-in page, or a token of somebody who signed out since: neither says anything of the item.
    isAway = false;
    isSignedOut = answer.redirected || answer.status === 403;
    return isSignedOut ? { outcome: "waits" } : await answer.json();
  } catch {
    isAway = true;
    return { outcome: "waits" };
  }
}

// -- what waits ----------------------------------------------------------------------------------

function showQueue() {
  const items = queue.items(), mine = items.filter((one) => one.by === person);
  const open = mine.filter((one) => !one.refused), others = items.filter((one) => one.by !== person);
  const count = page.querySelector("[data-chute-count]");
  const undecided = mine.length - open.length;
  const text = open.length ? chuteWord("queue.waiting", { count: open.length })
    : chuteWord(undecided ? "queue.undecided" : "queue.sent", { count: undecided });
  const shown = isSignedOut && open.length ? `${text}. ${chuteWord("queue.signIn")}` : text;
  if (count.textContent !== shown) count.textContent = shown;
  count.classList.toggle("reason", open.length > 0);
  const rows = [...mine.filter((one) => one.refused).map(refusedRow), ...othersRow(others)];
  page.querySelector("[data-chute-refused]").replaceChildren(...rows);
}

function refusedRow(item) {
  const row = document.createElement("li");
  const name = chuteWord(`queue.${item.kind}`, item);
  const isForNew = item.code === "unknown_animal" && item.kind !== "load"; // it is sent once the tag has its animal
  const why = isForNew ? chuteWord("queue.unknown") : item.refused;
  row.append(`${name}: ${why} `, button("queue.retry", () => queue.retry({ ...item, again: true })),
    button("queue.drop", () => queue.drop(item)));
  return row;
}

function othersRow(others) {
  if (!others.length) return [];
  const row = document.createElement("li");
  const names = [...new Set(others.map((one) => one.by))].join(", ");
  row.append(`${chuteWord("queue.others", { count: others.length, person: names })} `,
    button("queue.takeOver", () => queue.takeOver(person)));
  return [row];
}

function button(name, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = chuteWord(name);
  made.addEventListener("click", () => {
    act();
    showQueue();
    sendAll();
  });
  return made;
}

setInterval(() => queue.next(person) && sendAll(), AGAIN_MS);
window.addEventListener("online", sendAll);
window.addEventListener("beforeunload", (event) => room.isFull() && event.preventDefault());
showQueue();
