// What the chute page shows, asks and sends, as a pure function of what came: no clock, no network and no
// page. Each input brings its time and, where something may be sent, a new key; see chute.js.

import { readLine } from "./reading.js";

const SOON_MS = 600000; // a second weight within so long may correct the first

export function start(unit) {
  return { unit, current: null, before: null, panel: "", tags: null, notice: null, heard: null, isLive: true };
}

// input: {kind: line | read | radio_weight | button | card | no_card | sent | link, …}
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
  no_card: (state, { q }) => withCurrent(state, q, { found: "kept" }),
  sent: takeSent,
  full: (state) => say(state, "full"),
  link: (state, { isLive }) => ({ state: { ...state, isLive } }),
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
  return state.panel === "tags" ? takeNewTag(state, read.text) : choose(state, read.text, "hand");
}

// One that is chosen already is not asked for again: readers read an ear twice.
function choose(state, q, by, id = null) {
  if (state.current?.q === q || (id && state.current?.card?.id === id)) return stay(state);
  const current = { q, id, card: null, found: "asked", choices: [], by, weights: [] };
  const after = { ...state, current, before: state.current, panel: "", tags: null, heard: null };
  return { state: after, send: [{ kind: "card", q, id }] };
}

function weigh(state, { weight, unit }, { key, at }) {
  const { q, card } = state.current;
  const taken = { key, at, weight, unit: unit || state.unit, id: null, isVoid: false, quality: "" };
  const current = { ...state.current, weights: [...state.current.weights, taken], isKept: false };
  const sent = { kind: "weight", key, at, tag: q, animal_id: card?.id ?? null, weight, unit: taken.unit };
  return { state: { ...state, current }, send: [sent] };
}

// -- what radios bring ------------------------------------------------------------------------------

// Nobody's weight may fall on another animal: what a person chose and has not weighed stays.
function isBusy({ current, panel }, isTyping) {
  if (isTyping || panel) return true;
  return current?.by === "hand" && standing(current).length === 0 && current.found !== "none";
}

function takeRead(state, { id, name, isTyping }) {
  if (state.current?.card?.id === id) return stay(state);
  if (isBusy(state, isTyping)) return { state: { ...state, heard: { id, name } } };
  return choose(state, name, "radio", id);
}

function takeRadioWeight(state, input) {
  const { id, name, key, at, weight, weight_id, quality, reason, isTyping } = input;
  const isHere = state.current?.card?.id === id || state.current?.id === id;
  if (!isHere && isBusy(state, isTyping)) return { state: { ...state, heard: { id, name, weight } } };
  const { state: after, send } = isHere ? stay(state) : choose(state, name, "radio", id);
  const taken = { key, at, weight, unit: state.unit, id: weight_id, isVoid: false, quality, reason };
  const weights = [...after.current.weights, taken];
  return { state: { ...after, current: { ...after.current, weights, isKept: false } }, send };
}

// -- answers of the office ------------------------------------------------------------------------

function takeCard(state, { q, found, card = null, choices = [] }) {
  if (state.current?.q !== q) return stay(state);
  const current = { ...state.current, found, card, choices };
  const { before } = state;
  // The other tag of the same ear: one pass, and not a second one.
  if (card && before?.card?.id === card.id) {
    current.weights = [...before.weights, ...current.weights];
    current.card = { ...card, again: before.card.again, recent: before.card.recent };
  }
  return { state: { ...state, current, before: null } };
}

function takeSent(state, answer) {
  if (!state.current) return stay(state);
  const { key, outcome, weight_id: id, quality = "", reason = "" } = answer;
  if (answer.card && answer.tag === state.current.q) return takeAnimal(state, answer);
  const weights = state.current.weights.map((one) => (one.key === key ? { ...one, id, quality, reason } : one));
  const isOurs = weights.some((one) => one.key === key);
  const current = { ...state.current, weights };
  if (answer.code === "unknown_animal") return say({ ...state, current }, "unknown");
  if (outcome === "refused" && isOurs) return say({ ...state, current }, "refused", { text: reason });
  return { state: { ...state, current } };
}

// It got its tags.
function takeAnimal(state, { card }) {
  const current = { ...state.current, card, found: "one" };
  return { state: { ...state, current, panel: "", tags: null } };
}

// -- buttons ------------------------------------------------------------------------------------------

const BUTTONS = {
  next: (state) => ({ state: { ...state, current: null, before: null, panel: "", tags: null } }),
  take: (state) => choose({ ...state, panel: "" }, state.heard.name, "hand", state.heard.id),
  keep: (state) => withCurrent(state, state.current?.q, { isKept: true }),
  replace: (state, input) => voidOne(state, previous(state.current), input, last(state.current)),
  void: (state, input) => voidOne(state, last(state.current), input),
  choose: chooseOne,
  panel: (state, { panel }) => ({ state: { ...state, panel, tags: panel === "tags" ? ["", ""] : null } }),
  cancel: (state) => ({ state: { ...state, panel: "", tags: null } }),
  put: (state, input) => sendOf(state, "put", input),
  tags: sendTags,
};

function chooseOne(state, { id }) {
  const { q } = state.current;
  const current = { ...state.current, id, found: "asked", choices: [] };
  const asked = [{ kind: "assign", tag: q, animal_id: id }, { kind: "card", q, id }];
  return { state: { ...state, current }, send: asked };
}

function voidOne(state, one, { key, at }, instead = null) {
  if (!one) return stay(state);
  const weights = state.current.weights.map((other) =>
    (other.key === one.key ? { ...other, isVoid: true, voidKey: key } : other));
  const { card } = state.current;
  const sent = { kind: "void", key, at, of: one.key, weight_id: one.id, instead: instead?.weight ?? "" };
  const isOfBefore = card && one.key === ""; // of an earlier pass
  const current = { ...state.current, weights, card: isOfBefore ? { ...card, recent: null } : card };
  return { state: { ...state, current }, send: [sent] };
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

// -- what is shown and asked ------------------------------------------------------------------------------

function standing(current) {
  return (current?.weights ?? []).filter((one) => !one.isVoid);
}

function last(current) {
  return standing(current).at(-1) ?? null;
}

// The weight before the last one, of the same animal, where it was taken a short while ago.
function previous(current) {
  const taken = standing(current), newest = taken.at(-1), { recent } = current?.card ?? {};
  const found = taken.at(-2) ?? (recent && { ...recent, key: "" });
  return newest && found && newest.at - found.at <= SOON_MS ? found : null;
}

function shown(state) {
  const { current, panel, tags, notice, heard } = state;
  const weight = last(current);
  const why = weight?.quality === "suspect" ? { code: "suspect", text: weight.reason } : null;
  return {
    ...wordOf(current), card: current?.card ?? null, name: current?.q ?? "", weight: weight?.weight ?? "",
    unit: weight?.unit ?? state.unit, panel, tags, notice: notice ?? why, heard,
    choices: current?.choices ?? [],
  };
}

// One word, and why; a weight of this pass does not make the animal one that comes again.
function wordOf(current) {
  if (!current) return { word: "scan" };
  const { card, found } = current;
  if (!card) return { word: { asked: "wait", none: "new", several: "which", kept: "kept" }[found] };
  if (card.hold) return { word: "hold", why: card.hold };
  if (card.goes_to) return { word: "pen", pen: card.goes_to };
  if (card.wrong_pen) return { word: "wrongPen", why: card.wrong_pen };
  if (card.again) return { word: "again", why: card.again };
  return { word: "ok" };
}

function asked(state) {
  const { current, panel, heard } = state;
  const radio = heard ? [{ name: "take", text: heard.name }] : [];
  if (!current) return radio;
  if (panel === "tags") return [{ name: "tags" }, { name: "cancel" }];
  if (panel) return [{ name: "cancel" }];
  if (current.found === "several") return [...choices(current), { name: "next" }];
  return [...radio, ...aboutWeights(current), ...aboutAnimal(current), { name: "next" }];
}

function choices({ choices: found }) {
  return found.map(({ id, name, told }) => ({ name: "choose", id, text: name, told }));
}

function aboutWeights(current) {
  const newest = last(current), old = current.isKept ? null : previous(current);
  if (!newest) return [];
  const two = old ? [{ name: "replace", old: old.weight, text: newest.weight }, { name: "keep" }] : [];
  return [...two, { name: "void", text: newest.weight }];
}

function aboutAnimal({ card, found }) {
  if (found === "none") return [{ name: "panel", panel: "put" }];
  return card ? [{ name: "panel", panel: "tags" }] : [];
}
