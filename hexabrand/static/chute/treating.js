// What the animal at the chute is given by its session, how much of it, and what was given already.
// `state.given`: { tag, animal_id, product_id, key, id, amount, isVoid } of each, the oldest first.

import { kilograms, last } from "./weights.js";

const LEAST_ML = 0.1; // as herd/rules/withdrawal.py has it

// A touch says otherwise in `plan`. Nothing is planned for one that is held, or had it taken back.
export function doses({ session, current, given }) {
  return !current ? [] : (session?.treat ?? []).map((product) => {
    const before = given.findLast((one) => one.product_id === product.id && isOf(one, current));
    const about = { product_id: product.id, product: product.name, expired: product.expired ?? "" };
    if (before && !before.isVoid) return { ...about, amount: before.amount, told: "given" };
    const isPlanned = current.plan[product.id] ?? !(before || current.card?.hold);
    const told = last(current) ? "next" : "planned";
    return { ...about, amount: doseOf(product, current), told: isPlanned ? told : "left" };
  });
}

export function planned(state) {
  return doses(state).filter(({ told }) => told === "next" || told === "planned");
}

export function isOf({ animal_id: id, tag }, { card, q }) {
  return tag === q || (card !== null && id === card.id);
}

// By the weight that was just taken, else the last good one; exact to the tenth, half of one up.
function doseOf({ ml_per_100kg: ml }, current) {
  const kg = kilograms(last(current)) ?? current.card?.last_kg;
  if (!ml || !kg) return "";
  const tenths = Math.floor((Math.round(kg * 1000) * Math.round(ml * 100)) / 1e6 + 0.5);
  return Math.max(LEAST_ML, tenths / 10).toFixed(1);
}

export function give(state, { key, at }) {
  const { q, card } = state.current;
  const made = planned(state).map(({ product_id, product, amount }) => ({
    kind: "treat", key: `${key}-${product_id}`, at, tag: q, animal_id: card?.id ?? null, product_id, product, amount,
  }));
  if (!made.length) return { state };
  const treated = { name: card?.name ?? q, tag: q, animal_id: card?.id ?? null, keys: made.map((one) => one.key) };
  return { state: { ...state, given: [...state.given, ...made.map(asGiven)], treated }, send: made };
}

export function asGiven({ tag, animal_id = null, product_id, key = "", id = null, amount = "", isVoid = false }) {
  return { tag, animal_id, product_id, key, id, amount, isVoid };
}

// One that is given is taken back; of another it is said whether it will be.
export function touchDose(state, { product_id: product, key, at }) {
  const dose = doses(state).find((one) => one.product_id === product);
  if (!dose) return { state };
  const isGiven = (one) => one.product_id === product && !one.isVoid && isOf(one, state.current);
  if (dose.told === "given") return takeBack(state, isGiven, key, at);
  const plan = { ...state.current.plan, [product]: dose.told === "left" };
  return { state: { ...state, current: { ...state.current, plan } } };
}

export function takeTreatmentBack(state, { key, at }) {
  const { keys = [] } = state.treated ?? {};
  return takeBack({ ...state, treated: null }, (one) => keys.includes(one.key) && !one.isVoid, key, at);
}

function takeBack(state, isMeant, key, at) {
  const send = state.given.filter(isMeant).map((one, place) =>
    ({ kind: "untreat", key: `${key}-${place}`, at, of: one.key, treatment_id: one.id }));
  const given = state.given.map((one) => (isMeant(one) ? { ...one, isVoid: true } : one));
  return { state: { ...state, given }, send };
}

// What the office has in this session of the animal, as it knows it now; what was done here is newer.
export function withCardsTreatments(state, { id, treated = [] }, q) {
  const isDoneHere = (one) => one.key || one.animal_id !== id;
  const given = state.given.filter(isDoneHere).map((one) => (one.tag === q ? { ...one, animal_id: id } : one));
  const isKnown = ({ product_id: product }) =>
    given.some((one) => one.animal_id === id && one.product_id === product);
  const takenBack = new Set(state.given.filter((one) => one.isVoid).map((one) => one.id));
  const added = treated.filter((one) => !isKnown(one)).map((one) =>
    asGiven({ ...one, tag: q, animal_id: id, isVoid: one.isVoid || takenBack.has(one.id) }));
  return { ...state, given: [...added, ...given] };
}

// The Pi's number of it; one that it refuses was not given, unless it waits for its animal.
export function settleGiven(state, { key, outcome, code, treatment_id: id }) {
  if (!state.given.some((one) => one.key === key)) return state;
  const isRefused = outcome === "refused" && code !== "unknown_animal";
  return { ...state, given: state.given.map((one) =>
    (one.key === key ? { ...one, id: id ?? null, isVoid: one.isVoid || isRefused } : one)) };
}
