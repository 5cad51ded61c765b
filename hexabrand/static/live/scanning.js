// A wedge reader types a tag and Enter faster than anybody can, into whatever has the focus. Where
// that expects no tag, the tag goes to the scan box's address and the focused thing sees no Enter.

import { stopSearching } from "./fetching.js";
import { somethingTyped } from "./typing.js";
import { word } from "./words.js";

const GAP_MS = 35; // between two keys, in the mean
const PAUSE_MS = 100; // a longer one begins anew
const SHORTEST = 6;
const TAG_FIELDS = "#scan, [data-scan-here]";
const TEXT_FIELDS = "textarea, input:not([type=checkbox], [type=radio], [type=file])";
const WEIGHT = /^\s*\d{1,4}([.,]\d*)?\s*(kg|lb)?\s*$/i; // scales type too

const scan = document.querySelector("[data-scan-box]") ?? document.getElementById("scan"); // the chute's own
const asked = document.querySelector("[data-scanned]");
let burst = null;

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-scan-next]")) goOn(event);
  else if (event.key === "Enter") finish(event);
  else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) add(event);
}, { capture: true });

// The release of a space presses a button.
document.addEventListener("keyup", (event) => {
  if (event.key === " " && isFast(2) && !isText(document.activeElement)) event.preventDefault();
}, { capture: true });

function add(event) {
  if (event.repeat) burst = null; // a key that is held down
  else if (!burst || event.timeStamp - burst.last > PAUSE_MS) begin(event);
  else {
    burst.text += event.key;
    burst.last = event.timeStamp;
    // A letter would move a list's choice, and a space would press a button.
    if (isFast(2) && !isText(document.activeElement)) event.preventDefault();
  }
}

function begin(event) {
  if (event.key !== " ") focusOwnField();
  const field = document.activeElement;
  burst = { text: event.key, began: event.timeStamp, last: event.timeStamp, field,
    before: { value: field.value, selectedIndex: field.selectedIndex, address: location.href } };
}

// Where nothing has the focus, keys go to the page's own first field or else the scan box.
function focusOwnField() {
  const focused = document.activeElement?.closest("input, textarea, select, button, a, summary, [tabindex]");
  if (!focused || focused.id === "main") (document.querySelector("main [autofocus]") || scan)?.focus();
}

function isFast(keys) {
  return burst !== null && burst.text.length >= keys
    && (burst.last - burst.began) / (burst.text.length - 1) <= GAP_MS;
}

function isText(element) {
  return element.matches(TEXT_FIELDS);
}

function finish(event) {
  const isScan = isFast(SHORTEST) && event.timeStamp - burst.last <= PAUSE_MS;
  const done = burst;
  burst = null;
  if (!isScan || isAtHome(done)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  putBack(done);
  open(done.text.trim());
}

// A reader's Enter saves nothing by itself: the next tag goes into the next field, a person presses the button.
function goOn(event) {
  burst = null;
  event.preventDefault();
  event.stopImmediatePropagation();
  [...event.target.form.querySelectorAll("[data-scan-next]")].find((field) => !field.value)?.focus();
}

function isAtHome({ field, text }) {
  if (field === scan) return !somethingTyped();
  return field.matches(TAG_FIELDS) || (field.inputMode === "decimal" && WEIGHT.test(text));
}

function putBack({ field, before }) {
  stopSearching();
  history.replaceState(null, "", before.address); // a filter may have followed the first letters
  if (field === scan) field.value = "";
  else if (field.matches("select")) field.selectedIndex = before.selectedIndex;
  else if (isText(field)) field.value = before.value;
}

function open(tag) {
  if (somethingTyped()) return ask(tag);
  scan.value = tag;
  scan.form.requestSubmit();
}

function ask(tag) {
  asked.querySelector("span").textContent = word("scanned", { tag });
  asked.querySelector("a").href = `${scan.form.action}?${new URLSearchParams({ q: tag })}`;
  asked.hidden = false;
  asked.scrollIntoView({ block: "nearest" });
}
