// Which animals are ticked. They are held here and not in their rows: a row may leave the page. From
// one page of a list to the next the tab's store holds them, until they are moved or the list is left.

import { word } from "./words.js";

const STORE = "ticks";
const NOT_THE_LIST = ["page", "sort"]; // of an address: the animals are the same

export const chosen = new Set(kept());

let changed = () => {};

export function whenChosen(callback) {
  changed = callback;
}

// After rows were drawn: their boxes, what is sent for those without a row, and what is said.
export function markChosen() {
  const form = document.getElementById("bulk");
  if (!form) return;
  const boxes = [...document.querySelectorAll(".tick")];
  for (const box of boxes) box.checked = chosen.has(box.value);
  const shown = new Set(boxes.map((box) => box.value));
  const away = [...chosen].filter((id) => !shown.has(id));
  form.querySelector("[data-chosen-away]").replaceChildren(...away.map(hiddenField));
  form.querySelector("[data-chosen]").textContent = told(away.length);
  form.querySelector("[data-untick]").hidden = chosen.size === 0;
  changed();
}

function hiddenField(id) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "id", value: id });
  return field;
}

function told(away) {
  const count = chosen.size;
  if (!count) return word(document.getElementById("bulk").dataset.word ?? "tick");
  return away ? word("tickedAway", { count, away }) : word("ticked", { count });
}

function take(box) {
  if (box.checked) chosen.add(box.value);
  else chosen.delete(box.value);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches(".tick")) return;
  take(event.target);
  markChosen();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-tick-all]")) {
    for (const box of document.querySelectorAll(".tick")) chosen.add(box.value);
  } else if (event.target.closest("[data-untick]")) {
    chosen.clear();
    document.querySelector("[data-tick-all]").focus(); // the button that had the focus goes
  } else return;
  markChosen();
});

function listShown() {
  const asked = new URLSearchParams(location.search);
  for (const [name, value] of [...asked]) {
    if (!value || NOT_THE_LIST.includes(name)) asked.delete(name);
  }
  asked.sort();
  return `${location.pathname}?${asked}`;
}

// The form of a move holds its animals itself, and may be left without moving them.
function kept() {
  if (document.querySelector("form.form [name=ids]")) return [];
  const { list, ids } = JSON.parse(sessionStorage.getItem(STORE)) || {};
  sessionStorage.removeItem(STORE);
  const moved = document.querySelector("main > .message.success");
  return document.getElementById("bulk") && list === listShown() && !moved ? ids : [];
}

window.addEventListener("pagehide", () => {
  if (!document.getElementById("bulk")) return;
  sessionStorage.setItem(STORE, JSON.stringify({ list: listShown(), ids: [...chosen] }));
});

// Who comes back to a page finds the boxes as the browser kept them.
window.addEventListener("pageshow", () => {
  for (const box of document.querySelectorAll(".tick:checked")) take(box);
  markChosen();
});
