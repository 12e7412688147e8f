import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assumptionsOf, constantOf, entriesOf, PRIMITIVES, pricesOf, profileNames, scaled } from '../src/index.ts';
import { profileOf } from './profiles.ts';

const RUNS = { numRuns: 100 * Number(process.env.BULKHEAD_EFFORT ?? 1) };
const haswell = profileOf('haswell');
const NAMES = entriesOf(haswell)
  .filter(({ kind, name }) => kind !== 'reference' && name !== 'idle')
  .map(({ name }) => name);
const EVERY = [...NAMES, 'idle', 'nic-driver.anything', 'somebody.piece'];

describe('a scaled profile', () => {
  it('has the scaled prices, whole, and every other price as it was', () => {
    const names = fc.uniqueArray(fc.constantFrom(...NAMES, 'somebody.piece'));
    fc.assert(
      fc.property(names, fc.constantFrom(0, 0.5, 0.7, 1.4, 2, 10), (chosen, factor) => {
        const other = scaled(haswell, Object.fromEntries(chosen.map((name) => [name, factor])));
        for (const name of EVERY) {
          const { cycles } = constantOf(haswell, name);
          expect(constantOf(other, name).cycles).toBe(chosen.includes(name) ? Math.round(cycles * factor) : cycles);
        }
      }),
      RUNS,
    );
  });
  it('says so in the source of the price, and in its factors', () => {
    const other = scaled(scaled(haswell, { 'mmio-read': 2 }), { 'mmio-read': 0.25, 'net-stack.ip': 2 });
    expect(constantOf(scaled(haswell, { 'mmio-read': 2 }), 'mmio-read').source).toMatch(/^2 × 2600: 1000 ns at/);
    expect(other.factors).toEqual({ 'mmio-read': 0.5, 'net-stack.ip': 2 });
    expect(constantOf(other, 'mmio-read')).toMatchObject({
      certainty: 'assumed',
      unit: haswell.constants['mmio-read'].unit,
    });
  });
  it('leaves the published profile alone', () => {
    const before = JSON.stringify(haswell);
    scaled(haswell, { 'copy-line': 2, 'net-stack.ip': 2 });
    expect(JSON.stringify(haswell)).toBe(before);
    expect(haswell.factors).toEqual({});
  });
  it('can be sent to a worker', () => {
    const other = scaled(haswell, { 'copy-line': 2, 'net-stack.ip': 2 });
    expect(structuredClone(other)).toEqual(other);
  });
  it('is never one in which time itself has another price', () => {
    expect(() => scaled(haswell, { idle: 2 })).toThrow(/idle/);
  });
  it('is refused for a price that is not there, and for a factor that is none', () => {
    expect(() => scaled(haswell, { 'mmio-raed': 2 })).toThrow(/mmio-raed/);
    for (const factor of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => scaled(haswell, { 'mmio-read': factor })).toThrow(/mmio-read/);
    }
  });
});

describe('the assumptions', () => {
  it('are the prices that are marked as assumed, each once, in the order of the names', () => {
    const names = [
      'net-stack.ip',
      'mmio-read',
      'kernel-entry-exit',
      'page-map',
      'mmio-read',
      'supervisor.restart',
      'idle',
    ];
    expect(assumptionsOf(haswell, names).map(({ name }) => name)).toEqual([
      'net-stack.ip',
      'mmio-read',
      'supervisor.restart',
    ]);
  });
  it('include what is derived for whoever asks', () => {
    const names = ['kernel-entry-exit', 'page-map', 'idle', 'mmio-read'];
    expect(assumptionsOf(haswell, names, ['assumed', 'derived']).map(({ name }) => name)).toEqual([
      'page-map',
      'mmio-read',
    ]);
  });
  it('carry the label of their machine', () => {
    expect(assumptionsOf(haswell, ['tlb-invalidate-page'])[0]).toMatchObject({
      label: 'invlpg',
      constant: { cycles: 120 },
    });
  });
  it.each(profileNames)('of %s are some, and not all', (name) => {
    const primitives = PRIMITIVES.map((primitive) => primitive.name);
    const count = assumptionsOf(profileOf(name), primitives).length;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(primitives.length);
  });
});

it('a changed price is what a ledger is given', () => {
  const other = scaled(haswell, { 'copy-line': 2 });
  const at = PRIMITIVES.findIndex(({ name }) => name === 'copy-line');
  expect(pricesOf(other, PRIMITIVES)[at]).toBe(24);
});
