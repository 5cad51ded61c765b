// The weights of the animal that stands at the chute: which of them stand, and in which unit.

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
