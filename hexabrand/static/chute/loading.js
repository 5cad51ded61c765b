// The page of a shipment that is loading: what is scanned is kept in this browser and sent in order, as at the
// chute, so that the next scan may come before the office has answered.

import { confirm, newKey, sendAll, whenFull, whenSent } from "./sending.js";
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
whenFull(() => tell(chuteWord("notice.full"), "warning"));
window.addEventListener("pageshow", sendAll);
sendAll();
