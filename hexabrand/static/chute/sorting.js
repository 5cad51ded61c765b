// Where the animal goes, by its session: the first rule that holds for it, of weight, gain or sex.

import { kilograms, last } from "./weights.js";

export function destination({ session, current }) {
  const rules = session?.sort?.rules ?? [];
  const { by } = session?.sort ?? {};
  if (!rules.length || current?.card?.hold) return null;
  const value = by === "sex" ? current?.card?.sex_word : numberOf(by, current);
  if (value === undefined || value === null || value === "") return null;
  return rules.find((rule) => holds(rule, value)) ?? null;
}

// A weight that the Pi doubts sorts all the same: somebody sees it beside the word.
function numberOf(by, current) {
  if (by === "gain") return current?.card?.gain_kg;
  return kilograms(last(current));
}

function holds({ below, is }, value) {
  if (is !== undefined) return is === String(value).toLowerCase();
  return below === undefined || value < below;
}

export function needsMove(state) {
  const goal = destination(state);
  return goal !== null && !state.current.isMoved && state.current.card?.pen_id !== goal.pen_id;
}
