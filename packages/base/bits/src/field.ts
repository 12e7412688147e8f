/** A bit field of a 32-bit word, declared once as the specification prints it. */
export interface Field {
  readonly shift: number;
  readonly mask: number;
}

/** `bits(15, 12)` is the field the specification writes as [15:12]. */
export const bits = (high: number, low: number): Field => ({
  shift: low,
  mask: (0xffffffff >>> (31 - (high - low))) << low,
});

/** `bit(3)` is the single-bit field at bit 3. */
export const bit = (position: number): Field => bits(position, position);

/** @returns the field's value, unsigned. */
export const get = (word: number, field: Field): number => (word & field.mask) >>> field.shift;

/** @returns `word` with the field replaced by the low bits of `value`. */
export const set = (word: number, field: Field, value: number): number =>
  (word & ~field.mask) | ((value << field.shift) & field.mask);

/** @returns true when any bit of the field is set. */
export const has = (word: number, field: Field): boolean => (word & field.mask) !== 0;
