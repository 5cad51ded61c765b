// The weights of the animal that stands at the chute: which of them stand, in which unit, and how they are
// corrected.

const KG_PER_LB = 0.45359237;

export function standing(current) {
  return (current?.weights ?? []).filter((one) => !one.isVoid);
}

export function last(current) {
  return standing(current).at(-1) ?? null;
}

export function kilograms(weight) {
  return weight && Number(weight.weight) * (weight.unit === "lb" ? KG_PER_LB : 1);
}

// -- corrections: each is sent at once ---------------------------------------------------------------

export function voidOne(state, one, { key, at }, instead = null) {
  if (!one) return { state };
  const { card } = state.current;
  const sent = { kind: "void", key, at, of: one.key, weight_id: one.id, instead: instead?.weight ?? "" };
  const isOfBefore = card && one.key === ""; // of an earlier pass
  const current = { ...withVoid(state.current, one, true), card: isOfBefore ? { ...card, recent: null } : card, voided: one };
  return { state: { ...state, current }, send: [sent] };
}

function withVoid(current, one, isVoid) {
  return { ...current, weights: current.weights.map((other) => (other.key === one.key ? { ...other, isVoid } : other)) };
}

// The one that was voided last, also by "Replace", and also where it is of an earlier pass.
export function takeVoidBack(state, { key, at }) {
  const one = state.current?.voided;
  if (!one) return { state };
  const sent = { kind: "unvoid", key, at, of: one.key, weight_id: one.id ?? idOf(state.current, one) };
  const { card } = state.current, recent = one.key === "" ? one : card?.recent;
  const current = { ...withVoid(state.current, one, false), card: card && { ...card, recent }, voided: null, isKept: true };
  return { state: { ...state, current }, send: [sent] };
}

function idOf({ weights }, { key }) {
  return weights.find((one) => one.key === key)?.id ?? null;
}

export function acceptLast(state, { key, at }) {
  const one = last(state.current);
  if (one?.quality !== "suspect") return { state };
  const weights = state.current.weights.map((other) => (other === one ? { ...one, quality: "ok" } : other));
  const sent = { kind: "accept", key, at, of: one.key, weight_id: one.id };
  return { state: { ...state, current: { ...state.current, weights } }, send: [sent] };
}
