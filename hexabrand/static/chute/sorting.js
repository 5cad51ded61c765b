// Where the animal goes, by its session: the first rule that holds for it, of weight, gain, sex, the day of
// its target weight, or a list.

import { kilograms, last } from "./weights.js";

const TARGET_DAYS = 730; // as herd/rules/growth.py has it
const DAY_MS = 86400000;

export function destination({ session, current }) {
  const { by, rules = [], names = [] } = session?.sort ?? {};
  if (!rules.length || !current || current.card?.hold) return null;
  const value = VALUES[by]?.(current, names);
  if (value === undefined || value === null || value === "") return null;
  return rules.find((rule) => holds(rule, value)) ?? null;
}

// A weight that the Pi doubts sorts all the same: somebody sees it beside the word.
const VALUES = {
  weight: (current) => kilograms(last(current)),
  gain: ({ card }) => card?.gain_kg,
  sex: ({ card }) => card?.sex_word?.toLowerCase(),
  target: targetDay,
  list: isListed,
};

// As docs/formulas.md has it: from the weight that was just taken, with the gain that is forecast.
function targetDay(current) {
  const kg = kilograms(last(current)), { target = null } = current.card ?? {};
  if (target === null || kg === null) return target?.on;
  const missing = target.kg - kg, { gain_kg: gain } = target;
  if (missing > 0 && (gain <= 0 || missing > gain * TARGET_DAYS)) return null;
  const days = missing > 0 ? Math.ceil(missing / gain) : 0;
  return new Date(Date.parse(target.today) + days * DAY_MS).toISOString().slice(0, 10);
}

// Of one that is not known (yet) only its tag: on the list it may be by another name.
function isListed({ card, q }, names) {
  const own = card?.names ?? [q.replace(/[\s.-]/g, "").toUpperCase()];
  if (own.some((name) => names.includes(name))) return "list";
  return card ? "other" : null;
}

function holds({ below, is }, value) {
  if (is !== undefined) return is === value;
  return below === undefined || value < below;
}

export function needsMove(state) {
  const goal = destination(state);
  return goal !== null && !state.current.isMoved && state.current.card?.pen_id !== goal.pen_id;
}
