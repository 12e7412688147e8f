import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvOf, type DataTable, dataUri, jsonOf, tableOf } from '../src/data-table.ts';
import { fileOf, readCsv, tagsOf } from './markup.ts';

const numRuns = 100 * Number(process.env.BULKHEAD_EFFORT ?? 1);
const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a,b', '"', '\r\n', 'x"y'), fc.integer());
const tables: fc.Arbitrary<DataTable> = fc
  .tuple(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 }), fc.nat(5))
  .chain(([columns, rows]) =>
    fc.record({
      name: fc.constant('any'),
      columns: fc.constant(columns),
      rows: fc.array(fc.array(cell, { minLength: columns.length, maxLength: columns.length }), { maxLength: rows }),
    }),
  );

describe('data to take away', () => {
  it('is read back from CSV as it was (RFC 4180)', () => {
    fc.assert(
      fc.property(tables, (table) => {
        expect(readCsv(csvOf(table))).toEqual([table.columns, ...table.rows].map((row) => row.map(String)));
      }),
      { numRuns },
    );
  });
  it('is one object a row in JSON, its members named by the columns', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const rows = JSON.parse(jsonOf(table)) as Record<string, unknown>[];
        expect(rows.map((row) => table.columns.map((column) => row[column]))).toEqual(table.rows);
      }),
      { numRuns },
    );
  });
  it('has an address for any text (RFC 2397)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fileOf(dataUri('text/plain', text))).toBe(text);
      }),
      { numRuns },
    );
    expect(fileOf(dataUri('text/plain', 'half a pair: \ud800'))).toBe('half a pair: \ufffd');
  });
  it('names its columns and rows as a table: one header cell for each', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const headers = tagsOf(tableOf(table).toString()).filter(({ name }) => name === 'th');
        expect(headers.filter(({ attributes }) => attributes['scope'] === 'col')).toHaveLength(table.columns.length);
        expect(headers.filter(({ attributes }) => attributes['scope'] === 'row')).toHaveLength(table.rows.length);
      }),
      { numRuns },
    );
  });
});
