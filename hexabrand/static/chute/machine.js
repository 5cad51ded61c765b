// What the chute page shows, asks and sends, as a pure function of what came: no clock, no network and no
// page. Each input brings its time and, where something may be sent, a new key; see chute.js.

import { readLine } from "./reading.js";
import { comeBack } from "./returning.js";
import { asked, previous, shown } from "./showing.js";
import { destination, needsMove } from "./sorting.js";
import { asGiven, give, settleGiven, takeTreatmentBack, touchDose, withCardsTreatments } from "./treating.js";
import { acceptLast, last, standing, takeVoidBack, voidOne } from "./weights.js";

// `session`: { id, pen_id, pen, sort, treat, pair } or null; `waiting`: treatments in it that are not sent yet.
// `moved` and `treated`: the last of them, which can be taken back.
export function start(unit, session = null, waiting = []) {
  const nothing = { current: null, before: null, panel: "", tags: null, notice: null, heard: null };
  return { unit, session, ...nothing, moved: null, treated: null, given: waiting.map(asGiven) };
}

// input: {kind: line | read | radio_weight | button | card | no_card | sent | session | link, …}
export function next(state, input) {
  const clear = input.kind === "line" || input.kind === "button" ? { ...state, notice: null } : state;
  const { state: after, send = [] } = HANDLERS[input.kind](clear, input);
  return { state: after, show: shown(after), ask: asked(after), send };
}

const HANDLERS = {
  line: takeLine,
  read: takeRead,
  radio_weight: takeRadioWeight,
  button: (state, input) => (BUTTONS[input.name] ?? stay)(state, input),
  card: takeCard,
  no_card: takeNoCard,
  sent: takeAnswer,
  begin: comeBack,
  session: (state, { session }) => ({ state: { ...state, session } }),
  full: (state) => say(state, "full"),
  away: (state) => say(state, "away"),
};

function stay(state) {
  return { state };
}

function say(state, code, values = {}) {
  return { state: { ...state, notice: { code, ...values } } };
}

function withCurrent(state, q, change) {
  if (state.current?.q !== q) return stay(state);
  return { state: { ...state, current: { ...state.current, ...change } } };
}

// -- lines from the box ---------------------------------------------------------------------------

function takeLine(state, input) {
  const read = readLine(input.text, state.current !== null);
  if (read.kind === "empty") return stay(state);
  if (read.kind === "unclear") return say(state, read.why, { text: read.text });
  if (read.kind === "weight") return weigh(state, read, input);
  return state.panel === "tags" ? takeNewTag(state, read.text) : choose(state, read.text, "hand", null, input);
}

function choose(state, q, by, id = null, input = {}) {
  if (state.current?.q === q || (id && state.current?.card?.id === id)) return askAgain(state);
  const { state: left, send = [] } = leave(state, input);
  const current = { q, id, card: null, found: "asked", choices: [], by, weights: [], isMoved: false, plan: {} };
  const after = { ...left, current, before: left.current, panel: "", tags: null, heard: null };
  return { state: after, send: [...send, { kind: "card", q, id }] };
}

// Readers read an ear twice: one that is known, or was just asked for, is not asked for again. One that could
// not be looked up, or that nobody knew, may be known by now.
function askAgain(state) {
  const { q, id, found } = state.current;
  if (found !== "kept" && found !== "none") return stay(state);
  const { state: after } = found === "kept" ? withCurrent(state, q, { found: "asked" }) : stay(state);
  return { state: after, send: [{ kind: "card", q, id }] };
}

// The next scan confirms where the animal before it went and, of one that was weighed, what it was given.
function leave(state, input) {
  if (!state.current) return stay(state);
  const { state: after, send: moves = [] } = needsMove(state) ? move(state, destination(state), input) : stay(state);
  const { state: left, send = [] } = last(state.current) ? give(after, input) : stay(after);
  return { state: left, send: [...moves, ...send] };
}

function move(state, { pen_id, pen }, { key, at }) {
  const { q, card } = state.current;
  // Of one that is not known (yet) the Pi's answer to the move tells where it stood: `of`.
  const from = card ? { pen_id: card.pen_id ?? null } : { of: key };
  const moved = { key, tag: q, animal_id: card?.id ?? null, ...from, name: card?.name ?? q };
  const sent = { kind: "move", key, at, tag: q, animal_id: moved.animal_id, pen_id };
  const shownCard = card && { ...card, pen_id, pen };
  return { state: { ...state, moved, current: { ...state.current, card: shownCard, isMoved: true } }, send: [sent] };
}

function takeMoveBack(state, { key, at }) {
  if (!state.moved) return stay(state);
  const { current, moved: { tag, animal_id, pen_id, of } } = state;
  const where = { tag, animal_id, ...(of ? { of } : { pen_id }) };
  const isHere = current?.card?.id === where.animal_id;
  const card = isHere ? { ...current.card, pen_id: where.pen_id, pen: "" } : current?.card;
  const after = { ...state, moved: null, current: current && { ...current, card } };
  return { state: after, send: [{ kind: "move", key, at, ...where }] };
}

function weigh(state, { weight, unit }, { key, at }) {
  const { q, card } = state.current;
  const taken = { key, at, weight, unit: unit || state.unit, id: null, isVoid: false, quality: "" };
  const current = { ...state.current, weights: [...state.current.weights, taken], isKept: false, voided: null };
  const sent = { kind: "weight", key, at, tag: q, animal_id: card?.id ?? null, weight, unit: taken.unit };
  return { state: { ...state, current }, send: [sent] };
}

// -- what radios bring ------------------------------------------------------------------------------

// Nobody's weight may fall on another animal: what a person chose and has not weighed stays, and an unknown tag
// until it is decided on.
function isBusy({ current, panel }, isTyping) {
  if (isTyping || panel) return true;
  if (current?.by !== "hand") return false;
  return standing(current).length === 0 || current.found === "none" || current.found === "several";
}

function takeRead(state, input) {
  const { id, name, isTyping } = input;
  if (state.current?.card?.id === id) return stay(state);
  if (isBusy(state, isTyping)) return { state: { ...state, heard: { id, name } } };
  return choose(state, name, "radio", id, input);
}

function takeRadioWeight(state, input) {
  const { id, name, key, at, weight, weight_id, quality, reason, isTyping } = input;
  const isHere = state.current?.card?.id === id || state.current?.id === id;
  if (!isHere && isBusy(state, isTyping)) return { state: { ...state, heard: { id, name, weight } } };
  const { state: after, send } = isHere ? stay(state) : choose(state, name, "radio", id, input);
  const taken = { key, at, weight, unit: state.unit, id: weight_id, isVoid: false, quality, reason };
  const weights = [...after.current.weights, taken];
  return { state: { ...after, current: { ...after.current, weights, isKept: false } }, send };
}

// -- answers of the office ------------------------------------------------------------------------

function takeCard(before, { q, found, card = null, choices = [], is_tag: isTag = true, tag_kind: kind }) {
  if (before.current?.q !== q) return takeCardOfBefore(before, q, { found, card, choices });
  // A weight with a digit too many, or two tags in one: whoever stands there is still meant.
  if (found === "none" && !isTag && !last(before.current)) {
    return say({ ...before, current: before.before, before: null }, "noTag", { text: q });
  }
  const state = card ? withCardsTreatments(before, card, q) : before;
  const pair = found === "none" ? pairOf(state, kind) ?? state.current.pair : null; // also when it is asked for again
  const current = { ...currentOf(state, { found, card, choices }), pair };
  return { state: { ...state, current, before: null } };
}

// Who was scanned before may come back, or be the one to pair: its answer came after the next scan.
function takeCardOfBefore(state, q, known) {
  if (state.before?.q !== q) return stay(state);
  const after = known.card ? withCardsTreatments(state, known.card, q) : state;
  return { state: { ...after, before: { ...state.before, ...known } } };
}

function takeNoCard(state, { q }) {
  return state.current?.q === q ? withCurrent(state, q, { found: "kept" }) : takeCardOfBefore(state, q, { found: "kept" });
}

// Where tags are paired: the animal before, which lacks such a tag as this one, that nobody knows.
function pairOf({ session, before }, kind) {
  const isOne = session?.pair && before?.card?.lacks?.includes(kind);
  return isOne ? before : null;
}

function currentOf(state, { found, card, choices }) {
  const current = ofOnePass({ ...state.current, found, card, choices }, state.before);
  if (current.card) current.card = withoutOwn(current.card, current.weights);
  return current;
}

// The other tag of the same ear: one pass, and not a second one.
function ofOnePass(current, before) {
  const { card } = current;
  if (!card || before?.card?.id !== card.id) return current;
  const { again, recent, hold } = before.card;
  const weights = [...before.weights, ...current.weights], plan = { ...before.plan, ...current.plan };
  return { ...current, weights, card: { ...card, again, recent, hold }, plan, isMoved: before.isMoved };
}

// A weight of this very pass makes no animal one that comes again.
function withoutOwn(card, weights) {
  const isOwn = (one) => weights.some(({ id }) => id && id === one?.id);
  return { ...card, again: isOwn(card.again) ? null : card.again, recent: isOwn(card.recent) ? null : card.recent };
}

// What was sent shows that the office is back: who stands there unseen is looked up.
function takeAnswer(before, answer) {
  const { state } = takeSent(before, answer);
  const isBack = answer.outcome === "done" && state.current?.found === "kept";
  return isBack ? askAgain(state) : stay(state);
}

function takeSent(before, answer) {
  if (isRefusedMove(before, answer)) return say({ ...before, moved: null }, "refused", { text: answer.reason });
  const state = settleGiven(before, answer);
  if (answer.treatment_id && answer.reason) return say(state, "treated", { text: answer.reason });
  if (!state.current) return stay(state);
  const { key, of, outcome, weight_id: id, reason = "", judged = [] } = answer;
  if (answer.card && answer.tag === state.current.q) return takeAnimal(state, answer);
  // A void or a second weight makes the Pi judge the animal's others again.
  const weights = state.current.weights.map((one) => (one.key === key ? { ...one, id: id ?? null } : one))
    .map((one) => ({ ...one, ...judged.find((other) => other.id === one.id) }));
  const isOurs = weights.some((one) => one.key === key || one.key === of);
  const current = { ...state.current, weights };
  if (answer.code === "unknown_animal") return say({ ...state, current }, "unknown");
  if (outcome === "refused" && isOurs) return say({ ...state, current }, "refused", { text: reason });
  return { state: { ...state, current } };
}

// There is nothing to take back.
function isRefusedMove({ moved }, { key, outcome, code }) {
  return outcome === "refused" && code !== "unknown_animal" && moved?.key === key;
}

// It was entered, or got its tags.
function takeAnimal(state, { card }) {
  const { pair, ...rest } = state.current;
  const current = ofOnePass({ ...rest, card, found: "one" }, pair);
  return { state: { ...state, current, panel: "", tags: null } };
}

// -- buttons ------------------------------------------------------------------------------------------

const BUTTONS = {
  next: takeNext,
  take: (state, input) => choose({ ...state, panel: "" }, state.heard.name, "hand", state.heard.id, input),
  move: (state, input) => (state.current ? move(state, destination(state) ?? state.session, input) : stay(state)),
  not_moved: (state) => withCurrent(state, state.current?.q, { isMoved: true }),
  move_back: takeMoveBack,
  give: (state, input) => (state.current ? give(state, input) : stay(state)),
  dose: (state, input) => (state.current ? touchDose(state, input) : stay(state)),
  treat_back: takeTreatmentBack,
  keep: (state) => withCurrent(state, state.current?.q, { isKept: true }),
  replace: (state, input) => voidOne(state, previous(state.current), input, last(state.current)),
  void: (state, input) => voidOne(state, last(state.current), input),
  unvoid: takeVoidBack,
  accept: acceptLast,
  choose: chooseOne,
  panel: (state, { panel }) => ({ state: { ...state, panel, tags: panel === "tags" ? ["", ""] : null } }),
  cancel: (state) => ({ state: { ...state, panel: "", tags: null } }),
  add: (state, input) => sendOf(state, "animal", input),
  put: (state, input) => sendOf(state, "put", input),
  pair: (state, input) => sendOf(state, "put", input),
  tags: sendTags,
};

function takeNext(state, input) {
  const { state: left, send } = leave(state, input);
  return { state: { ...left, current: null, before: null, panel: "", tags: null }, send };
}

function chooseOne(state, { id }) {
  const { q } = state.current;
  const current = { ...state.current, id, found: "asked", choices: [] };
  const asked = [{ kind: "assign", tag: q, animal_id: id }, { kind: "card", q, id }];
  return { state: { ...state, current }, send: asked };
}

function sendOf(state, kind, { key, at, fields }) {
  if (!state.current) return stay(state);
  const sent = { kind, key, at, tag: state.current.q, ...fields };
  return { state: { ...state, panel: "" }, send: [sent] };
}

// -- two scans for new tags: a reader's Enter saves nothing by itself -------------------------------------

function takeNewTag(state, text) {
  const [lf, uhf] = state.tags;
  const isUhf = /^[0-9a-f]{24,}$/i.test(text.replace(/[\s-]/g, "")) || (lf !== "" && lf !== text);
  return { state: { ...state, tags: isUhf ? [lf, text] : [text, uhf] } };
}

function sendTags(state, { key, at }) {
  const [lf_tag, uhf_tag] = state.tags ?? ["", ""];
  const { q, card } = state.current;
  if (!card || !(lf_tag || uhf_tag)) return stay(state);
  const sent = { kind: "tags", key, at, tag: q, animal_id: card.id, lf_tag, uhf_tag };
  return { state: { ...state, panel: "", tags: null }, send: [sent] };
}
