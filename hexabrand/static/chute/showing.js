// What the chute shows and asks, of the state that machine.js keeps.

import { destination, needsMove } from "./sorting.js";
import { doses, isOf, planned } from "./treating.js";
import { last, standing } from "./weights.js";

const SOON_MS = 600000; // a second weight within so long may correct the first

// The weight before the last one, of the same animal, where it was taken a short while ago.
export function previous(current) {
  const taken = standing(current), newest = taken.at(-1), { recent } = current?.card ?? {};
  const found = taken.at(-2) ?? (recent && { ...recent, key: "" });
  return newest && found && newest.at - found.at <= SOON_MS ? found : null;
}

export function shown(state) {
  const { current, panel, tags, notice, heard } = state;
  const weight = last(current);
  const why = weight?.quality === "suspect" ? { code: "suspect", text: weight.reason } : null;
  return {
    ...wordOf(state), card: current?.card ?? null, name: current?.q ?? "", weight: weight?.weight ?? "",
    unit: weight?.unit ?? state.unit, panel, tags, notice: notice ?? why, heard,
    choices: current?.choices ?? [], doses: doses(state),
  };
}

// One word, and why; a weight of this pass does not make the animal one that comes again.
function wordOf(state) {
  const { current, session } = state;
  if (!current) return { word: "scan" };
  const { card, found, pair } = current;
  if (card?.hold) return { word: "hold", why: card.hold };
  if (card?.again && !last(current)) return { word: "again", why: card.again.text };
  const goal = destination(state);
  if (goal) return { word: "pen", pen: goal.pen };
  if (!card && pair) return { word: "pair", why: pair.card.name };
  if (!card) return { word: { asked: "wait", none: "new", several: "which", kept: "kept" }[found] };
  const isElsewhere = session?.pen_id && card.pen_id && card.pen_id !== session.pen_id;
  return isElsewhere ? { word: "wrongPen", why: card.pen } : { word: "ok" };
}

export function asked(state) {
  const { current, panel, heard } = state;
  const radio = heard ? [{ name: "take", text: heard.name }] : [];
  const back = aboutBefore(state);
  if (!current) return [...radio, ...back];
  if (panel === "tags") return [{ name: "tags" }, { name: "cancel" }];
  if (panel) return [{ name: "cancel" }];
  if (current.found === "several") return [...choices(current), { name: "next" }];
  const give = planned(state).length ? [{ name: "give" }] : [];
  const about = [...aboutWeights(current), ...aboutMove(state), ...give, ...aboutAnimal(current)];
  return [...radio, ...about, ...back, { name: "next" }];
}

// What this animal itself was given stands with its products.
function aboutBefore({ moved, treated, current }) {
  const isBefore = treated && !(current && isOf(treated, current));
  const untreat = isBefore ? [{ name: "treat_back", text: short(treated.name) }] : [];
  return moved ? [{ name: "move_back", text: short(moved.name) }, ...untreat] : untreat;
}

// A tag by its last digits, as on the card: a button fits a thumb, and a phone.
function short(name) {
  return name.length > 12 ? `…${name.slice(-6)}` : name;
}

function choices({ choices: found }) {
  return found.map(({ id, name, told }) => ({ name: "choose", id, text: name, told }));
}

function aboutWeights(current) {
  const newest = last(current), old = current.isKept ? null : previous(current);
  const unvoid = current.voided ? [{ name: "unvoid", text: current.voided.weight }] : [];
  if (!newest) return unvoid;
  const right = newest.quality === "suspect" ? [{ name: "accept", text: newest.weight }] : [];
  const two = old ? [{ name: "replace", old: old.weight, text: newest.weight }, { name: "keep" }] : [];
  return [...two, ...right, { name: "void", text: newest.weight }, ...unvoid];
}

function aboutMove(state) {
  if (needsMove(state)) return [{ name: "move", text: destination(state).pen }, { name: "not_moved" }];
  const { session, current } = state;
  const isOther = session?.pen_id && !session.sort && current.card && current.card.pen_id !== session.pen_id;
  return isOther && !current.card.hold ? [{ name: "move", text: session.pen }] : [];
}

function aboutAnimal({ card, found, pair }) {
  const put = pair ? [{ name: "pair", text: short(pair.card.name), fields: { animal_id: pair.card.id } }] : [];
  if (found === "none") return [...put, { name: "panel", panel: "new" }, { name: "panel", panel: "put" }];
  return card ? [{ name: "panel", panel: "tags" }] : [];
}
