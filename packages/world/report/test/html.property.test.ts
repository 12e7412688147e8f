import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, joined } from '../src/html.ts';
import { tagsOf, unescaped } from './markup.ts';

const numRuns = 200 * Number(process.env.BULKHEAD_EFFORT ?? 1);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'script', '/', ' ', '=', ';', 'amp', '\ud800', '\0') }),
);
/** Characters that may stand in a document: the others become U+FFFD. */
const kept = (text: string): string =>
  [...text]
    .map((character) => {
      const code = character.codePointAt(0)!;
      const isControl = (code < 0x20 && code !== 0x9 && code !== 0xa) || (code >= 0x7f && code < 0xa0);
      const isSurrogate = code >= 0xd800 && code < 0xe000;
      const isNoncharacter = (code & 0xfffe) === 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
      return isControl || isSurrogate || isNoncharacter ? '\ufffd' : character;
    })
    .join('');

describe('the html template', () => {
  it('makes no tag out of any text, and loses none of it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const page = html`<p>${text}</p>`.toString();
        expect(tagsOf(page).map(({ name }) => name)).toEqual(['p']);
        expect(unescaped(page.slice(3, -4))).toBe(kept(text));
      }),
      { numRuns },
    );
  });
  it('lets no text leave its attribute', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [tag] = tagsOf(html`<p title="${text}"></p>`.toString());
        expect(tag).toEqual({ name: 'p', attributes: { title: kept(text) } });
      }),
      { numRuns },
    );
  });
  it('leaves markup as it is, and writes lists one after the other', () => {
    const page = html`<ul>${joined([html`<li>a</li>`, '<b>', 3], ', ')}</ul>`;
    expect(page.toString()).toBe('<ul><li>a</li>, &lt;b&gt;, 3</ul>');
  });
});
