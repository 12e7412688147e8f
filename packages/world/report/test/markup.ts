/** Readers of pages that share nothing with what writes them. */

export interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const VOID = new Set(['meta', 'br', 'hr', 'img', 'input', 'link']);
const ATTRIBUTE = /\s+([a-zA-Z0-9:-]+)="([^"<>]*)"|\s+([a-zA-Z0-9:-]+)/gy;

/**
 * Every start tag in order.
 * @throws when tags do not nest, an attribute is malformed, or a bare `<` or an unknown entity stands in text
 */
export function tagsOf(page: string): Tag[] {
  const tags: Tag[] = [];
  const open: string[] = [];
  const text = page.replace(/^<!doctype html>\n/, '').replace(/<style>[^<]*<\/style>/, '');
  const token = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^"<>]|"[^"<>]*")*?)(\/?)>|([^<]+)|(<)/gy;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, end, name, rest, isEmpty, words, stray] = match;
    if (stray !== undefined) throw new Error(`a bare < before ${text.slice(token.lastIndex, token.lastIndex + 40)}`);
    if (words !== undefined) checkText(words);
    if (name === undefined) continue;
    if (end === '/') {
      const opened = open.pop();
      if (opened !== name) throw new Error(`</${name}> closes <${opened}>`);
      continue;
    }
    tags.push({ name, attributes: attributesOf(rest ?? '') });
    if (isEmpty !== '/' && !VOID.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(' ')}`);
  return tags;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  ATTRIBUTE.lastIndex = 0;
  let seen = 0;
  for (let match = ATTRIBUTE.exec(text); match !== null; match = ATTRIBUTE.exec(text)) {
    const name = match[1] ?? match[3]!;
    if (name in attributes) throw new Error(`two attributes ${name}`);
    attributes[name] = unescaped(match[2] ?? '');
    seen = ATTRIBUTE.lastIndex;
  }
  if (text.slice(seen).trim() !== '') throw new Error(`not an attribute: ${text.slice(seen)}`);
  return attributes;
}

function checkText(words: string): void {
  if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(words)) throw new Error(`an entity nobody knows in ${words}`);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
export const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ENTITIES[name]!);

/** What a `data:` address holds. */
export const fileOf = (href: string): string => decodeURIComponent(href.slice(href.indexOf(',') + 1));

/** RFC 4180, read letter by letter. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index]!;
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[index + 1] === '"') cell += text[++index];
      else isQuoted = false;
    } else if (letter === '"') isQuoted = true;
    else if (letter === ',') {
      row.push(cell);
      cell = '';
    } else if (letter === '\r' && text[index + 1] === '\n') {
      index++;
      rows.push([...row, cell]);
      row = [];
      cell = '';
    } else cell += letter;
  }
  return rows;
}
