/** Sentences out of lists and counts. */
import type { Content } from './html.ts';
import { html } from './html.ts';

const NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

export const countWord = (count: number): string => NUMBERS[count] ?? String(count);

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** @returns 1 component, 2 components. */
export const counted = (count: number, noun: string, plural: string = `${noun}s`): string =>
  `${countWord(count)} ${count === 1 ? noun : plural}`;

/** @returns a, b and c. */
export const listed = (items: readonly Content[]): Content[] =>
  items.flatMap((item, index) => (index === 0 ? [item] : index === items.length - 1 ? [' and ', item] : [', ', item]));

/** The name of a system or a component, in running text. */
export const named = (name: string): Content => html`<b>${name}</b>`;
