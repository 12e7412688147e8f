/** What falls if X falls: the matrix of each system, in words first and in colours second. */
import type { Chart } from '../figure.ts';
import { type Content, html, type Markup } from '../html.ts';
import type { Containment } from '../input.ts';
import { counted, listed, named } from '../words.ts';

const SHADES = 5;

const wordsOf = ({ meaning }: Containment): string[] => Object.keys(meaning);

/** @returns the words that count as harm. */
const harmsOf = (containment: Containment): readonly string[] => containment.harm ?? wordsOf(containment).slice(1);

const isHarm = (containment: Containment, word: string): boolean => harmsOf(containment).includes(word);

/** @returns the shade of a word: 0 for the mildest, and up to 5 by where it stands among the others. */
function shadeOf(containment: Containment, word: string): number {
  const words = wordsOf(containment);
  const place = words.indexOf(word);
  return place <= 0 ? 0 : Math.ceil((place / (words.length - 1)) * SHADES);
}

/** @returns the others that are harmed when the component at `index` fails. */
const harmedBy = (containment: Containment, index: number): string[] =>
  containment.components.filter(
    (_, other) => other !== index && isHarm(containment, containment.cells[index]?.[other] ?? ''),
  );

export interface Fall {
  /** Whose failure. */
  readonly component: string;
  /** Who else is harmed. */
  readonly harmed: readonly string[];
  /** How many others there are. */
  readonly others: number;
}

/** Of the components that are called so, the one whose failure harms most; `undefined` when there is none. */
export function worstFall(containment: Containment, isMeant: (component: string) => boolean): Fall | undefined {
  return containment.components
    .flatMap((component, index) =>
      isMeant(component)
        ? [{ component, harmed: harmedBy(containment, index), others: containment.components.length - 1 }]
        : [],
    )
    .sort((a, b) => b.harmed.length - a.harmed.length)[0];
}

/** The NIC driver is the component that everybody asks about: it, or an instance of it. */
export const isNicDriver = (component: string): boolean => /^nic-driver/.test(component);

/** @returns the same with its components in the given order; those that are not in it come last. */
export function inOrder(containment: Containment, names: readonly string[]): Containment {
  const placeOf = (component: string): number => (names.includes(component) ? names.indexOf(component) : names.length);
  const order = containment.components
    .map((component, index) => ({ index, place: placeOf(component) }))
    .sort((a, b) => a.place - b.place || a.index - b.index)
    .map(({ index }) => index);
  return {
    ...containment,
    components: order.map((index) => containment.components[index]!),
    cells: order.map((row) => order.map((column) => containment.cells[row]?.[column] ?? '')),
  };
}

function matrix(containment: Containment): Markup {
  const { system, components, cells, meaning } = containment;
  const cell = (word: string, row: number, column: number): Markup => {
    const sentence = Object.hasOwn(meaning, word) ? meaning[word]! : '';
    const isCalm = word === wordsOf(containment)[0];
    const shade = row === column ? 'own' : `h${shadeOf(containment, word)}${isCalm ? ' calm' : ''}`;
    return html`<td role="cell" class="${shade}" data-of="${components[column] ?? ''}" title="${sentence}">${word}</td>`;
  };
  const line = (component: string, row: number): Markup =>
    html`<tr role="row"><th scope="row" role="rowheader">${component}</th>${components.map((_, column) =>
      cell(cells[row]?.[column] ?? '', row, column),
    )}</tr>\n`;
  return html`<div class="panel"><h3>${system}</h3>
<table class="matrix" role="table" aria-label="What falls in ${system}">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">when this fails</th>${components.map(
    (component) => html`<th scope="col" role="columnheader">${component}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${components.map(line)}</tbody></table>
<p class="note on-narrow">Who is not named: ${wordsOf(containment)[0] ?? ''}.</p></div>`;
}

const pairsHarmed = (containment: Containment): number =>
  containment.components.reduce((sum, _, index) => sum + harmedBy(containment, index).length, 0);

const harmWords = (containments: readonly Containment[]): string =>
  [...new Set(containments.flatMap(harmsOf))].join(', ');

function captionOf(containments: readonly Containment[]): Content {
  const counts = containments.map((containment) => {
    const pairs = containment.components.length * (containment.components.length - 1);
    return html`${named(containment.system)} ${pairsHarmed(containment)} of ${pairs}`;
  });
  return html`Read a row: what becomes of the others when this one fails, at worst. Beside the diagonal, cells that count as harm (${harmWords(containments)}): ${listed(counts)}.`;
}

function keyOf(containments: readonly Containment[]): Markup {
  const seen = new Map<string, Markup>();
  for (const containment of containments)
    for (const [word, sentence] of Object.entries(containment.meaning))
      if (!seen.has(word))
        seen.set(
          word,
          html`<li><span class="swatch h${shadeOf(containment, word)}"></span><b>${word}</b> ${sentence}</li>`,
        );
  return html`<div class="key"><ul>${[...seen.values()]}</ul></div>`;
}

export function containmentMatrices(containments: readonly Containment[]): Chart {
  return {
    id: 'containment',
    title: 'What falls if one falls',
    caption: captionOf(containments),
    drawing: html`<div class="panels wide">${containments.map(matrix)}</div>`,
    key: keyOf(containments),
    data: {
      name: 'containment',
      columns: ['system', 'when this fails', 'this one', 'becomes'],
      rows: containments.flatMap(({ system, components, cells }) =>
        components.flatMap((component, row) =>
          components.map((other, column) => [system, component, other, cells[row]?.[column] ?? '']),
        ),
      ),
    },
    command: containments
      .map(({ system, command = `bulkhead audit ${system}` }) => command)
      .filter((command, index, all) => all.indexOf(command) === index)
      .join(' ; '),
  };
}

/** @returns who falls with the NIC driver, for a table's cell. */
export const fallText = ({ harmed, others }: Fall): string =>
  harmed.length === 0
    ? 'nobody else'
    : harmed.length === others
      ? `all ${counted(others, 'other')}`
      : `${harmed.length} of ${others}: ${harmed.join(', ')}`;
