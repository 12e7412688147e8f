/** The model's scheduling contexts: plain lists of refills, the oldest first, and what time does to them. */
export interface ModelRefill {
  time: number;
  amount: number;
}
/** What a context was configured with. */
export interface ModelParameters {
  budget: number;
  period: number;
  max: number;
}

const end = ({ time, amount }: ModelRefill): number => time + amount;
const sum = (refills: readonly ModelRefill[]): number => refills.reduce((total, { amount }) => total + amount, 0);

/** Refills after `used` more of the period: the manual's sporadic server with a bounded list. */
function appended(refills: readonly ModelRefill[], used: ModelRefill, max: number): ModelRefill[] {
  const last = refills.at(-1);
  if (last === undefined) return [used];
  const others = refills.slice(0, -1);
  if (end(last) >= used.time) return [...others, { time: last.time, amount: last.amount + used.amount }];
  if (refills.length < max) return [...refills, used];
  return [...others, { time: used.time - last.amount, amount: last.amount + used.amount }];
}
function withMinimum(refills: readonly ModelRefill[], minimum: number): ModelRefill[] {
  const [head, next, ...rest] = refills;
  if (head === undefined || next === undefined || head.amount >= minimum) return [...refills];
  return withMinimum([{ time: next.time - head.amount, amount: head.amount + next.amount }, ...rest], minimum);
}
/** What lies in the past is one head that begins now. */
export function begun(refills: readonly ModelRefill[], now: number): ModelRefill[] {
  const [head, next, ...rest] = refills;
  if (head === undefined || head.time > now) return [...refills];
  if (next !== undefined && next.time <= now + head.amount)
    return begun([{ time: now, amount: head.amount + next.amount }, ...rest], now);
  return [{ time: now, amount: head.amount }, ...refills.slice(1)];
}

/** Both refills of a time slice of which `used` is over. */
function slicedBy(refills: readonly ModelRefill[], used: number): ModelRefill[] {
  const [head, tail] = refills as [ModelRefill, ModelRefill];
  const moved = Math.min(used, head.amount);
  return [
    { time: head.time, amount: head.amount - moved },
    { time: tail.time, amount: tail.amount + moved },
  ];
}
/** Refills after somebody used that much. */
export function charged(
  before: readonly ModelRefill[],
  used: number,
  { budget, period, max }: ModelParameters,
  minimum: number,
): ModelRefill[] {
  if (budget === period) return slicedBy(before, used);
  let left = used;
  let refills = [...before];
  while (left >= budget) {
    refills = refills.map(({ time, amount }) => ({ time: time + period, amount }));
    left -= budget;
  }
  while (left > 0 && left >= refills[0]!.amount) {
    const [head, ...rest] = refills as [ModelRefill, ...ModelRefill[]];
    refills = appended(rest, { time: head.time + period, amount: head.amount }, max);
    left -= head.amount;
  }
  if (left > 0) {
    const [{ time, amount }, ...rest] = refills as [ModelRefill, ...ModelRefill[]];
    const split = [{ time: time + left, amount: amount - left }, ...rest];
    refills = appended(split, { time: time + period, amount: left }, max);
  }
  return withMinimum(refills, minimum);
}
/** The whole slice again. */
export const renewed = (refills: readonly ModelRefill[], budget: number): ModelRefill[] => [
  { time: refills[0]!.time, amount: budget },
  { time: refills[1]!.time, amount: 0 },
];
/** Refills of new parameters, of which only the head's `left` can be used at `time`. */
export function configured(
  time: number,
  left: number,
  { budget, period, max }: ModelParameters,
  minimum: number,
): ModelRefill[] {
  const head = { time, amount: left };
  if (budget === period) return [head, { time, amount: 0 }];
  if (left === budget) return [head];
  return withMinimum(appended([head], { time: time + period - (budget - left), amount: budget - left }, max), minimum);
}

/** What must always hold of a context's refills; what does not, or nothing. */
export function brokenRefills(
  refills: readonly ModelRefill[],
  { budget, period, max }: ModelParameters,
  minimum: number,
): string | undefined {
  if (sum(refills) !== budget) return 'do not add up';
  if (refills.length > max) return 'are too many';
  if (budget === period) return undefined;
  const [head, last] = [refills[0]!, refills.at(-1)!];
  if (refills.some((refill, i) => i > 0 && refill.time < end(refills[i - 1]!))) return 'overlap';
  if (end(last) > head.time + period) return 'take more than the period';
  if (head.amount < minimum) return 'begin with too small a head';
  return undefined;
}
