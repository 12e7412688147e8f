/** Options and arguments that several commands have, and how their values are read. */
import { profileNames } from '@bulkhead/costs';
import { NICS, type Nic } from '@bulkhead/parts';
import { whole } from '../output/table.ts';

/** @returns a parser of whole numbers in a range; its message names the range. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new RangeError(`'${text}' is not a whole number from ${whole(least)} to ${whole(most)}`);
    return value;
  };

/** @returns a parser of a time in milliseconds, to the nanosecond: a start is over in less than one. */
export const momentMs =
  (most: number) =>
  (text: string): number => {
    if (!/^\d+(\.\d{1,6})?$/.test(text) || Number(text) > most)
      throw new RangeError(`'${text}' is not a number from 0 to ${whole(most)}, with six decimals at the most`);
    return Number(text);
  };

/** @returns a parser of one of a few words. `planned` are those that will be there one day. */
export const oneOf =
  <const Word extends string>(words: readonly Word[], planned: readonly string[] = []) =>
  (text: string): Word => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    const mend = words.length === 1 ? words[0] : `one of ${words.join(', ')}`;
    throw new RangeError(
      planned.includes(text) ? `'${text}' is not built yet: use ${mend}` : `'${text}' is unknown: use ${mend}`,
    );
  };

/** @throws RangeError unless it begins with a slash and holds no blank. */
export function requestPath(text: string): string {
  if (!/^\/[!-~]*$/.test(text)) throw new RangeError(`'${text}' is no path: begin it with '/', and escape blanks`);
  return text;
}

/** @throws RangeError when it is empty. */
export function fileName(text: string): string {
  if (text === '') throw new RangeError('a file needs a name');
  return text;
}

export const profileFlag = {
  kind: 'parsed',
  parse: oneOf(profileNames),
  brief: `Cost profile: ${profileNames.join(' or ')}`,
  placeholder: 'name',
  default: 'haswell',
} as const;
const NIC_NAMES = Object.keys(NICS) as Nic[];
export const nicFlag = {
  kind: 'parsed',
  parse: oneOf(NIC_NAMES),
  brief: `Another network card in every slot, with its driver: ${NIC_NAMES.join(' or ')}`,
  placeholder: 'name',
  optional: true,
} as const;
export const jsonFlag = {
  kind: 'boolean',
  brief: 'One JSON object on standard output, and nothing else',
  default: false,
  withNegated: false,
} as const;
export const seedFlag = {
  kind: 'parsed',
  parse: wholeNumber(0, 0x7fffffff),
  brief: 'What everything by chance comes from',
  placeholder: 'number',
  default: '1',
} as const;
export const systemArgument = {
  brief: 'A name from apps/, or the path of a module whose default export is a description',
  placeholder: 'system',
  parse: String,
} as const;
