// Who stands at the chute is kept in this tab: a look at another page, or a page that is loaded again, lets
// nobody go who was weighed and not confirmed.

import { needsMove } from "./sorting.js";
import { isOf, planned } from "./treating.js";
import { last } from "./weights.js";

const AWHILE_MS = 600000; // a look at the animal's page, not a day later: its number would weigh who stood here

// What comes back of a state: the animal, what it was given, and what can still be taken back.
export function toKeep({ current, moved, treated, given }, at) {
  return current && { at, current, moved, treated, given: given.filter((one) => isOf(one, current)) };
}

// One that is confirmed comes back for a while, another one whenever the page is opened.
export function comeBack(state, { left = null, at }) {
  if (!left) return { state };
  const isNew = ({ key }) => !state.given.some((one) => one.key === key);
  const { at: leftAt, ...kept } = left;
  const after = { ...state, ...kept, given: [...left.given.filter(isNew), ...state.given] };
  const { q, id, card } = left.current, isOpen = isUnconfirmed(after);
  if (!isOpen && at - leftAt > AWHILE_MS) return { state };
  const notice = isOpen ? { code: "left", name: card?.name ?? q } : null;
  return { state: { ...after, notice }, send: [{ kind: "card", q, id }] };
}

function isUnconfirmed(state) {
  return needsMove(state) || (last(state.current) !== null && planned(state).length > 0);
}

// By the person and the session; each tab has an animal of its own.
export function openPlace(storage, person, session) {
  const name = `chute.here.${person}.${session?.id ?? ""}`;
  return {
    read: () => JSON.parse(storage.getItem(name)),
    write(state, at) {
      const kept = toKeep(state, at);
      try {
        if (kept) storage.setItem(name, JSON.stringify(kept));
        else storage.removeItem(name);
      } catch {
        // No room: what was weighed is in the queue, and this page has it while it is open.
      }
    },
  };
}
