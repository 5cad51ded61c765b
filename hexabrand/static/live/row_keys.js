// A list whose rows are gone through and dealt with by keyboard alone. A letter waits a moment: a
// wedge reader's tag begins with one, too.

const PAUSE_MS = 120;
const ROWS = "[data-row-keys] tbody tr";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

let waiting; // the timer of the last letter

document.addEventListener("keydown", (event) => {
  clearTimeout(waiting);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest(ROWS);
  if (event.key in STEPS) step(event, row);
  else if (row && row === event.target) act(event, row);
});

function step(event, row) {
  if (!row && !event.target.matches("body, #main")) return; // in a field or a choice, it is theirs
  const rows = [...document.querySelectorAll(ROWS)];
  const next = rows[row ? rows.indexOf(row) + STEPS[event.key] : 0];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function act(event, row) {
  const wanted = event.key === "Enter" ? "th a" : `[data-letter="${CSS.escape(event.key)}"]`;
  const offered = row.querySelector(wanted);
  if (!offered || event.repeat) return;
  waiting = setTimeout(() => offered.click(), event.key === "Enter" ? 0 : PAUSE_MS);
}
