/** The data behind a chart: as a table to read, and as files to take away, inside the page itself. */
import { type Content, html, type Markup } from './html.ts';
import { amount } from './numbers.ts';

export type Cell = string | number;

export interface DataTable {
  /** The files' name, without its ending. */
  readonly name: string;
  readonly columns: readonly string[];
  /** The first cell names the row. */
  readonly rows: readonly (readonly Cell[])[];
}

/** RFC 4180 §2: quotes around what holds a comma, a quote or a line break; quotes doubled; lines end in CRLF. */
const csvCell = (cell: Cell): string => {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csvOf = ({ columns, rows }: DataTable): string =>
  [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');

/** One object a row, its members named by the columns. */
export const jsonOf = ({ columns, rows }: DataTable): string =>
  JSON.stringify(rows.map((row) => Object.fromEntries(row.map((cell, index) => [columns[index] ?? '', cell]))));

/** RFC 2397. Half a surrogate pair has no UTF-8. */
export const dataUri = (type: string, text: string): string =>
  `data:${type};charset=utf-8,${encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))}`;

export const download = (file: string, type: string, text: string, label: Content): Markup =>
  html`<a download="${file}" href="${dataUri(type, text)}">${label}</a>`;

const cellText = (cell: Cell): string =>
  typeof cell === 'string' ? cell : amount(cell, cell % 1 === 0 ? 0 : Math.abs(cell) < 10 ? 3 : 1);

const cellOf = (cell: Cell, index: number): Markup =>
  index === 0
    ? html`<th scope="row">${cellText(cell)}</th>`
    : html`<td class="${typeof cell === 'number' ? 'n' : 't'}">${cellText(cell)}</td>`;

export const tableOf = ({
  columns,
  rows,
}: DataTable): Markup => html`<div class="scroll" tabindex="0" role="region" aria-label="Data"><table>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cellOf)}</tr>\n`)}</tbody></table></div>`;
