/** What every chart has: a title, a sentence that says what to see, its data, and the command that makes it again. */
import { csvOf, type DataTable, download, jsonOf, tableOf } from './data-table.ts';
import { type Content, html, type Markup } from './html.ts';

export interface Chart {
  readonly id: string;
  readonly title: string;
  /** Computed from the data: what to see. */
  readonly caption: Content;
  readonly drawing: Content;
  /** How to read the drawing. */
  readonly key?: Content;
  readonly data: DataTable;
  readonly command: string;
}

export const figure = ({ id, title, caption, drawing, key = [], data, command }: Chart): Markup => html`
<figure id="${id}">
<h2>${title}</h2>
<figcaption>${caption}</figcaption>
${drawing}
${key}
<details><summary>Data and command</summary>
<p>Again: <code>${command}</code></p>
<p>${download(`${data.name}.csv`, 'text/csv', csvOf(data), 'CSV')} · ${download(`${data.name}.json`, 'application/json', jsonOf(data), 'JSON')}</p>
${tableOf(data)}
</details>
</figure>`;
