/**
 * A description in which anything stands in the place of anything: it is refused in lines that can be read, or it is a
 * system. Descriptions of users come without a compiler, so every value may stand anywhere.
 */
import { assemble, checkDescription, type Description } from '@bulkhead/assembler';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkOutline } from '../src/description-outline.ts';
import { loadSystem, SYSTEM_NAMES } from '../src/systems.ts';

const EFFORT = Number(process.env['BULKHEAD_EFFORT'] ?? 1);
const RUN_NS = 25_000_000;
/** Deep enough for parameters, frames of regions and members of domains. */
const DEPTH = 5;

type Place = readonly string[];
type Container = Record<string, unknown>;

const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    0,
    -1,
    1.5,
    Number.NaN,
    Infinity,
    2 ** 31,
    2 ** 53,
    true,
    10n,
    Symbol.iterator,
  ),
  fc.constantFrom<unknown>(
    '',
    'x',
    'nic-driver',
    'kernel',
    '10.0.2.15',
    'a -> b',
    'domain:net-stack',
    'ecam',
    'two\nlines',
  ),
  fc.constantFrom<unknown>([], {}, ['nic-driver'], [null], [[]], { a: 1 }, new Map(), () => ({}), Promise.resolve({})),
  fc.anything(),
);

const isPlain = (value: unknown): value is Container =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype);
function copied(value: unknown, depth = DEPTH): unknown {
  if (!isPlain(value) || depth === 0) return value;
  if (Array.isArray(value)) return value.map((one) => copied(one, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copied(one, depth - 1)]));
}
/** All but a component's own code, and the contracts in which it speaks. */
function placesIn(value: unknown, at: Place = []): Place[] {
  if (!isPlain(value) || at.length === DEPTH) return [];
  const ofComponent = at[0] === 'components' && at.length === 2;
  const keys = Object.keys(value).filter(
    (key) => !ofComponent || !['create', 'uses', 'provides', 'work', 'accepts'].includes(key),
  );
  return keys.flatMap((key) => [[...at, key], ...placesIn(value[key], [...at, key])]);
}
/** @returns a copy with something else in one place, or nothing there. */
function changed<T>(whole: T, pick: number, value: unknown, isGone: boolean): T {
  const copy = copied(whole);
  const places = placesIn(copy);
  const place = places[pick % places.length]!;
  const holder = place.slice(0, -1).reduce<Container>((at, key) => at[key] as Container, copy as Container);
  if (isGone) delete holder[place.at(-1)!];
  else holder[place.at(-1)!] = value;
  return copy as T;
}

/** @returns whether it is a system, which then runs. */
function judged(description: Description): boolean {
  const shape = checkOutline(description);
  const lines = shape.length > 0 ? shape : checkDescription(description);
  for (const line of lines) {
    expect(line).not.toMatch(/\n|\[object/);
    expect(line).toMatch(/: /); // what is wrong, and then the mend
  }
  if (lines.length > 0) return false;
  const system = assemble(description);
  system.runUntil(system.clock.cyclesOf(RUN_NS));
  return true;
}

describe('a description with anything in the place of anything', () => {
  const descriptions: Description[] = [];
  beforeAll(async () => {
    for (const name of SYSTEM_NAMES) descriptions.push(await loadSystem(name));
  });
  const which = fc.nat({ max: SYSTEM_NAMES.length - 1 });
  const place = fc.nat({ max: 100_000 });

  it('is refused in lines with a mend, or is a system', () => {
    let [refused, run] = [0, 0];
    fc.assert(
      fc.property(which, place, anything, fc.boolean(), (index, at, value, isGone) => {
        if (judged(changed(descriptions[index]!, at, value, isGone))) run++;
        else refused++;
      }),
      { numRuns: 200 * EFFORT },
    );
    expect(Math.min(refused, run)).toBeGreaterThan(0);
  });

  it('nor does a parameter do anything else', () => {
    fc.assert(
      fc.property(which, place, anything, fc.boolean(), (index, at, value, isGone) => {
        const { config, ...rest } = descriptions[index]!;
        judged({ ...rest, config: (facts) => changed(config(facts), at, value, isGone) });
      }),
      { numRuns: 200 * EFFORT },
    );
  });
});
