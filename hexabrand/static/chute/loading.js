// The page of a shipment that is loading: what is scanned is kept in this browser and sent in order, as at the
// chute, so that the next scan may come before the office has answered.

import { stayWhileAway } from "./leaving.js";
import { confirm, isOfficeAway, newKey, sendAll, waitingLoads, whenFull, whenSent } from "./sending.js";
import { chuteWord } from "./words.js";
import { now } from "../live/time.js";

const form = document.querySelector("[data-loading]");
const box = document.getElementById("load");
const last = document.querySelector("[data-loaded]");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const tag = box.value.trim();
  box.value = "";
  box.focus();
  if (tag) confirm({ kind: "load", tag, shipment_id: Number(form.dataset.loading), key: newKey(), at: Math.floor(now()) });
});

function tell(text, told) {
  last.textContent = text;
  last.className = `message ${told}`;
  last.hidden = false;
}

const LEVELS = { loaded: "success", extra: "warning", held: "error" };

whenSent((answer) => {
  if (answer.outcome === "refused") tell(`${answer.tag}: ${answer.reason}`, "error");
  else if (answer.told) tell(chuteWord(`load.${answer.told}`, answer), LEVELS[answer.told]);
});
// A truck that has left takes nobody on: what was scanned goes first.
document.querySelector("[data-ship]")?.addEventListener("click", async (event) => {
  const shipment = Number(form.dataset.loading), { href } = event.currentTarget;
  if (!waitingLoads(shipment)) return;
  event.preventDefault();
  event.stopPropagation();
  await sendAll();
  const count = waitingLoads(shipment);
  if (count) tell(chuteWord("load.waiting", { count }), "error");
  else location.assign(href);
});

stayWhileAway(isOfficeAway, () => tell(chuteWord("notice.away"), "warning"));
whenFull(() => tell(chuteWord("notice.full"), "warning"));
window.addEventListener("pageshow", sendAll);
sendAll();
