// What was typed outlives a session: it is kept in this tab while its person signs in again.

import { word } from "./words.js";
import { somethingTyped } from "./typing.js";

const STORE = "typed";
const FORMS = "main form[method=post]";
const KEPT = "input:not([type=hidden], [type=password], [type=file]), textarea, select";

const address = () => location.pathname + location.search;
const person = () => document.querySelector(".who")?.textContent ?? "";
const fields = () => [...document.querySelectorAll(FORMS)].flatMap((form) => [...form.querySelectorAll(KEPT)]);

export function keepTyped() {
  if (!somethingTyped()) return;
  const typed = fields().map(({ name, type, value, checked }) => ({ name, type, value, checked }));
  sessionStorage.setItem(STORE, JSON.stringify({ address: address(), person: person(), typed }));
}

// Before it is sent, too: the office may have forgotten the session, and then asks for the password.
document.addEventListener("submit", (event) => {
  if (event.target.matches(FORMS)) keepTyped();
});

function putBack() {
  const kept = JSON.parse(sessionStorage.getItem(STORE));
  sessionStorage.removeItem(STORE);
  const isShown = document.querySelector(".errorlist"); // the office has answered with what was sent
  if (!kept || kept.address !== address() || kept.person !== person() || isShown) return;
  const names = (one) => `${one.name} ${["checkbox", "radio"].includes(one.type) ? one.value : ""}`;
  const typed = new Map(kept.typed.map((one) => [names(one), one]));
  for (const field of fields()) {
    const one = typed.get(names(field));
    if (!one) continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = one.checked;
    else field.value = one.value;
  }
  const note = document.createElement("p");
  note.className = "message warning";
  note.setAttribute("role", "status");
  note.textContent = word("typedKept");
  document.querySelector(FORMS).prepend(note);
}

putBack();
