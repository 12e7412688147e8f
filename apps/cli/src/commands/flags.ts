/** Options that several commands have, and how their values are read. */

/** @returns a parser of whole numbers in a range; its message names the range. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || text.trim() === '' || value < least || value > most)
      throw new RangeError(`'${text}' is not a whole number from ${least} to ${most}`);
    return value;
  };

export const profileFlag = {
  kind: 'parsed',
  parse: String,
  brief: 'Cost profile: lecture or haswell',
  default: 'haswell',
} as const;
export const jsonFlag = { kind: 'boolean', brief: 'One JSON object on standard output', default: false } as const;
export const seedFlag = {
  kind: 'parsed',
  parse: wholeNumber(0, 0x7fffffff),
  brief: 'What everything by chance comes from',
  default: '1',
} as const;
