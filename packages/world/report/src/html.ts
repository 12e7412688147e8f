/**
 * HTML and SVG as text, safe by construction: what is put into a template is escaped unless it is markup already, so
 * that no name out of the data becomes a tag or leaves its attribute.
 */

/** Text that was escaped, or written by us. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Content = Markup | string | number | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** HTML Living Standard §13.2.3.5 "Preprocessing the input stream": these are parse errors. Tab and line feed stay. */
const UNPRINTABLE = /(?![\t\n])[\p{Surrogate}\p{Noncharacter_Code_Point}\p{Cc}]/gu;

const printable = (text: string): string => text.replace(UNPRINTABLE, '\ufffd');

export const escaped = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);

function textOf(content: Content): string {
  if (content instanceof Markup) return content.toString();
  if (typeof content === 'object') return content.map(textOf).join('');
  return escaped(String(content));
}

export const html = (strings: TemplateStringsArray, ...contents: readonly Content[]): Markup =>
  new Markup(String.raw({ raw: strings }, ...contents.map(textOf)));

export const NOTHING: Markup = new Markup('');

/** Puts a separator between contents. */
export const joined = (contents: readonly Content[], separator: Content): Content[] =>
  contents.flatMap((content, index) => (index === 0 ? [content] : [separator, content]));
