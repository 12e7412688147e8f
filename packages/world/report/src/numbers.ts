/** Numbers as people read them. What is not a number reads as a dash: a report is no place to fail. */

const DASH = '–';
/** NO-BREAK SPACE, between a number and its unit. */
const SPACE = '\u00a0';

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** @returns 12,345 or, below ten, 3.1; always with as many decimals as asked for when they are. */
export function amount(value: number, decimals: number = Math.abs(value) < 10 && value % 1 !== 0 ? 1 : 0): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e21) return DASH;
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.');
  const sign = value < 0 && Number(value.toFixed(decimals)) !== 0 ? '−' : '';
  return sign + grouped(whole!) + (fraction === undefined ? '' : `.${fraction}`);
}

export const percent = (share: number): string => {
  const value = share * 100;
  if (value > 0 && value < 1) return `<1${SPACE}%`;
  return `${amount(value, 0)}${SPACE}%`;
};

/** @returns 2.15: a ratio with three digits that count. */
export const ratioText = (ratio: number): string => amount(ratio, ratio < 10 ? 2 : ratio < 100 ? 1 : 0);

const UNITS: readonly (readonly [number, string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
];

/** @returns nanoseconds in the largest unit that leaves something before the point. */
export function duration(ns: number): string {
  const [size, unit] = UNITS.find(([size]) => ns >= size) ?? UNITS[UNITS.length - 1]!;
  const value = ns / size;
  const decimals = unit === 'ns' || value >= 100 || value % 1 === 0 ? 0 : value < 10 ? 2 : 1;
  return `${amount(value, decimals)}${SPACE}${unit}`;
}

export const orderOfMagnitude = (value: number): string => value.toPrecision(2);
