import { describe, expect, it } from 'vitest';
import { assumed, calibrated } from '../src/constant.ts';
import { entriesOf, PRIMITIVES, profileNames } from '../src/index.ts';
import { andNs, columnOf, DITTO, type ReferenceRow, upTo } from '../src/reference/row.ts';
import { profileOf } from './profiles.ts';

describe.each(profileNames)('the entries of %s', (name) => {
  const entries = entriesOf(profileOf(name));

  it('are all its primitives, its pieces of work and its references, each once', () => {
    const primitives = entries.filter(({ kind }) => kind === 'primitive');
    expect(primitives.map((entry) => entry.name)).toEqual(PRIMITIVES.map((primitive) => primitive.name));
    expect(new Set(entries.map((entry) => entry.name)).size).toBe(entries.length);
    for (const kind of ['work', 'reference']) expect(entries.filter((entry) => entry.kind === kind)).not.toEqual([]);
  });
  it('have a source each, and no claim beyond it', () => {
    for (const { name: entry, cycles, toCycles = cycles, source, certainty, evidence } of entries) {
      expect(source.trim(), entry).not.toBe('');
      expect(Number.isSafeInteger(cycles) && cycles >= 0 && toCycles >= cycles, entry).toBe(true);
      if (certainty === 'calibrated') expect(evidence, entry).not.toBe('none');
      if (certainty === 'assumed') expect(source, entry).not.toContain('calibrated');
    }
  });
});

describe('a column of the reference table', () => {
  const row = (cells: Omit<ReferenceRow, 'label'>): ReferenceRow => ({ label: 'a thing', ...cells });

  it('leaves out the rows that say nothing of its machine', () => {
    expect(columnOf([row({ haswell: calibrated(1, 's', 'read') })], 'skylake', 1e9)).toEqual([]);
  });
  it('takes a ditto mark from the left: what was calibrated there is derived here', () => {
    const rows = [row({ haswell: calibrated(7, 's', 'read'), skylake: DITTO, icelake: DITTO })];
    expect(columnOf(rows, 'icelake', 1e9)).toEqual([
      { label: 'a thing', cycles: 7, source: 'as on haswell: s', certainty: 'derived', evidence: 'read' },
    ]);
  });
  it('leaves an assumption an assumption', () => {
    const [reference] = columnOf([row({ haswell: assumed(7, 's'), skylake: DITTO })], 'skylake', 1e9);
    expect(reference!.certainty).toBe('assumed');
  });
  it('refuses a ditto mark with nothing to its left', () => {
    expect(() => columnOf([row({ lecture: DITTO })], 'lecture', 1e9)).toThrow(/a thing/);
    expect(() => columnOf([row({ lecture: assumed(1, 's'), skylake: DITTO })], 'skylake', 1e9)).toThrow(/a thing/);
  });
  it('scales nanoseconds by the clock of the machine that reads it, and cycles never', () => {
    const rows = [row({ haswell: andNs(10, calibrated(40, 's', 'read')), skylake: DITTO })];
    expect(columnOf(rows, 'haswell', 2e9)[0]).toMatchObject({ cycles: 60, source: '40 cycles and 10 ns at 2 GHz: s' });
    expect(columnOf(rows, 'skylake', 4e9)[0]!.cycles).toBe(80);
  });
  it('keeps both ends of a range', () => {
    expect(columnOf([row({ u54: upTo(9, calibrated(7, 's', 'read')) })], 'u54', 1e9)[0]).toMatchObject({
      cycles: 7,
      toCycles: 9,
    });
  });
});
