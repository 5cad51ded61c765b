// What was confirmed and the Pi has not answered yet: kept in this browser, in order, each under a name of
// its own, so that two pages never write over each other's.

const ITEM = "chute.item.";
const ANSWER = "chute.answer.";
const ANSWERS_KEPT = 200;
// What another one takes back waits for: the number of it, or of the pen where the animal stood.
const TARGETS = { untreat: "treatment_id", move: "pen_id" };
const NO_PEN = 0; // as remote/office/forms/chute.py has it
const JITTER_MS = 60000; // a late message of the office's sets the page's clock back, by less than this
const DIGITS = 14; // of a time in milliseconds, so that names sort as times do

// A browser without room for more, or one that keeps nothing: the rest stays in the page while it is open.
export function withRoom(storage) {
  const rest = new Map();
  return {
    names: () => [...new Set([...Object.keys(storage), ...rest.keys()])],
    getItem: (name) => rest.get(name) ?? storage.getItem(name),
    setItem(name, text) {
      rest.delete(name);
      try {
        storage.setItem(name, text);
      } catch {
        rest.set(name, text);
      }
    },
    removeItem(name) {
      rest.delete(name);
      storage.removeItem(name);
    },
    isFull: () => [...rest.keys()].some((name) => name.startsWith(ITEM)),
  };
}

// `storage` is one of `withRoom`.
export function openQueue(storage) {
  const names = (start) => storage.names().filter((name) => name.startsWith(start)).sort();
  const items = () => names(ITEM).map((name) => ({ ...JSON.parse(storage.getItem(name)), name }));
  let latest = 0;
  const inOrder = (at) => {
    latest = latest > at && latest - at < JITTER_MS ? latest : at;
    return latest;
  };
  const write = ({ name, ...item }) => storage.setItem(name, JSON.stringify(item));
  return {
    items,
    put: ({ at, ...rest }, by, place) => {
      const item = { ...rest, at: inOrder(at) };
      write({ ...item, by, refused: "", name: nameOf(item, place) });
    },
    answered: (key) => Number(storage.getItem(ANSWER + key)) || null,
    next: (person) => ready(items(), answersOf(storage), person),
    settle: (item, answer) => settle(storage, names, write, item, answer),
    drop: (item) => [item, ...items().filter((one) => one.of === item.key)]
      .forEach((one) => storage.removeItem(one.name)),
    retry: (item) => write({ ...item, refused: "" }),
    takeOver: (person) => items().filter((one) => one.by !== person).forEach((one) => write({ ...one, by: person })),
    assign: (tag, id) => items().filter((one) => one.tag === tag && !one.animal_id)
      .forEach((one) => write({ ...one, animal_id: id, refused: "" })),
  };
}

function nameOf({ at, key }, place) {
  return `${ITEM}${String(Math.round(at)).padStart(DIGITS, "0")}.${String(place).padStart(6, "0")}.${key}`;
}

function answersOf(storage) {
  return (key) => storage.getItem(ANSWER + key);
}

// The first that this person confirmed and the Pi has not refused. What takes another back waits for it.
function ready(items, answerOf, person) {
  for (const item of items) {
    if (item.refused || item.by !== person) continue;
    const target = TARGETS[item.kind] ?? "weight_id";
    if (!item.of || item[target]) return item;
    const id = answerOf(item.of);
    if (id) return { ...item, [target]: Number(id) };
  }
  return null;
}

function settle(storage, names, write, item, { outcome, reason = "", code = "", ...made }) {
  if (outcome === "waits") return;
  const now = JSON.parse(storage.getItem(item.name));
  if (!now) return; // thrown away meanwhile
  if (outcome === "refused") {
    const isOther = now.animal_id !== item.animal_id; // it has got its animal meanwhile: once more
    write({ ...now, name: item.name, refused: isOther ? "" : reason, code });
    return;
  }
  const isMove = item.kind === "move" && made.from_pen_id !== undefined;
  const id = isMove ? made.from_pen_id ?? NO_PEN : made.weight_id ?? made.treatment_id ?? null;
  if (id !== null) storage.setItem(ANSWER + item.key, String(id));
  storage.removeItem(item.name);
  const answers = names(ANSWER);
  if (answers.length > 2 * ANSWERS_KEPT) forget(storage, names(ITEM), answers);
}

function forget(storage, waiting, answers) {
  const kept = new Set(waiting.map((name) => JSON.parse(storage.getItem(name)).of));
  for (const name of answers) if (!kept.has(name.slice(ANSWER.length))) storage.removeItem(name);
}

// What the animals of a session were given as far as it is not sent yet: what the Pi refused was not given, unless
// it waits for its animal.
export function treatmentsOf(items, session) {
  const takenBack = new Set(items.filter((one) => one.kind === "untreat").map((one) => one.of));
  const isGiven = (one) => one.kind === "treat" && (!one.refused || one.code === "unknown_animal");
  return items.filter((one) => isGiven(one) && session && one.session_id === session.id)
    .map((one) => ({ ...one, isVoid: takenBack.has(one.key) }));
}
