// What a line from the chute's box is: a weight of the animal that stands there, or a name to look up.

// A scale that types sends "0352.50", "ST,GS,+  352.5kg" or "352,5 kg G"; US is a load that still moves.
const STEADY = /^(ST|US|OL)\s*[,;]\s*/i;
const AROUND = /^(GS|NT|GROSS|NET|[GN])?\s*[,;:]?\s*/i;
const WEIGHT = /^\+?\s*(\d{1,4})(?:([.,])(\d{0,3}))?\s*(kgs?|lbs?)?\s*(?:G|N|GS|NT|GROSS|NET)?$/i;
// 1,250 is a bull to one clerk and a kilogram and a quarter to another, as remote/office/forms/form.py has it.
const TWO_WAYS = /^\+?\s*(\d{1,3}(?:[.,]\d{3})*,\d{3}|[\d.,]*[.,]\d*[.,][\d.,]*)\s*(kgs?|lbs?)?$/i;
const NEGATIVE = /^-\s*\d{1,4}(?:[.,]\d*)?\s*(kgs?|lbs?)?$/i;
const NAME_MARK = "#"; // "#755" is the animal of that number, whoever stands on the scale

// `isChosen`: an animal stands there. Without one a plain number is a name: an ear tag's.
export function readLine(text, isChosen) {
  const line = text.trim();
  if (!line) return { kind: "empty" };
  if (line.startsWith(NAME_MARK)) return named(line.slice(1).trim());
  const steady = line.match(STEADY);
  const rest = steady ? line.slice(steady[0].length).replace(AROUND, "") : line;
  if (!isNumber(rest)) return { kind: "name", text: line };
  if (steady && steady[1].toUpperCase() !== "ST") return { kind: "unclear", why: "unsteady", text: line };
  if (TWO_WAYS.test(rest)) return { kind: "unclear", why: "twoWays", text: line };
  if (NEGATIVE.test(rest) || Number(rest.replace(/\D/g, "")) === 0) {
    return { kind: "unclear", why: "noWeight", text: line };
  }
  return isChosen ? weightOf(rest) : withoutAnimal(rest, line);
}

function named(text) {
  return text ? { kind: "name", text } : { kind: "empty" };
}

function isNumber(text) {
  return WEIGHT.test(text) || NEGATIVE.test(text) || (TWO_WAYS.test(text) && !/^\d{5,}/.test(text));
}

function weightOf(text) {
  const [, whole, , decimals = "", unit = ""] = text.match(WEIGHT);
  const digits = whole.replace(/^0+(?=\d)/, "");
  const given = unit.slice(0, 2).toLowerCase();
  return { kind: "weight", weight: decimals ? `${digits}.${decimals}` : digits, unit: given };
}

function withoutAnimal(text, line) {
  return /^\d{1,4}$/.test(text) ? { kind: "name", text } : { kind: "unclear", why: "noAnimal", text: line };
}
