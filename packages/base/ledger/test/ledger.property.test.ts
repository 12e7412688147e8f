import { Clock } from '@bulkhead/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAUSES, Charge, Ledger, type Primitive, TracedCharge, type TraceSink } from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const PRIMITIVES: readonly Primitive[] = [
  { name: 'entry', cause: 'trap' },
  { name: 'line', cause: 'copy' },
  { name: 'work', cause: 'compute' },
  { name: 'more work', cause: 'compute' },
  { name: 'idle', cause: 'idle' },
];
const PRICES = [106, 12, 100, 7, 1];
const COMPONENTS = ['kernel', 'driver', 'server'];

interface Made {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly charges: readonly Charge[];
}
function make(attend: () => void = () => {}, trace?: TraceSink): Made {
  const clock = new Clock(1e9);
  const options = { clock, primitives: PRIMITIVES, prices: PRICES, components: COMPONENTS };
  const ledger = new Ledger(trace === undefined ? options : { ...options, trace });
  return { clock, ledger, charges: COMPONENTS.map((_, component) => ledger.charge(component, attend)) };
}

describe('the ledger', () => {
  const spending = fc.tuple(fc.nat(2), fc.nat(4), fc.nat(1000), fc.constantFrom('one', 'both', 'many', 'cycles'));

  const LAST = PRIMITIVES.length - 1;

  it('adds up to the time, in every partition of it', () => {
    fc.assert(
      fc.property(fc.array(spending), (spendings) => {
        const { clock, ledger, charges } = make();
        const counts = PRIMITIVES.map(() => 0);
        for (const [component, primitive, amount, how] of spendings) {
          const charge = charges[component]!;
          if (how === 'one') charge.spend(primitive);
          if (how === 'both') charge.spendBoth(primitive, LAST);
          if (how === 'many') charge.spendMany(primitive, amount);
          if (how === 'cycles') charge.spendCycles(primitive, amount);
          counts[primitive]! += how === 'one' || how === 'both' ? 1 : how === 'many' ? amount : 0;
          if (how === 'both') counts[LAST]!++;
        }
        expect(ledger.totalCycles()).toBe(clock.now);
        expect(ledger.byCause().reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0)).toBe(clock.now);
        expect(PRIMITIVES.map((_, primitive) => ledger.countOf(primitive))).toEqual(counts);
      }),
      { numRuns: 100 * EFFORT },
    );
  });
  it('puts cycles where they were spent, and each primitive under its cause', () => {
    const { ledger, charges } = make();
    charges[1]!.spend(0);
    charges[2]!.spendMany(2, 3);
    charges[2]!.spend(3);
    expect(ledger.cyclesOf(1, 0)).toBe(106);
    expect(ledger.cyclesOf(0, 0)).toBe(0);
    expect(ledger.byCause()[2]![CAUSES.indexOf('compute')]).toBe(307);
  });
  it('refuses prices that are not whole, negative or missing', () => {
    const options = { clock: new Clock(1), primitives: PRIMITIVES.slice(0, 1), components: ['one'] };
    for (const prices of [[0.5], [-1], [], [1, 2]]) expect(() => new Ledger({ ...options, prices })).toThrow(/price/);
  });
});

describe('a charge', () => {
  /** @returns when a charge attended, with an alarm at that time. */
  function attendedAt(atCycles: number, spend: (charge: Charge) => void): number[] {
    const seen: number[] = [];
    const { clock, charges } = make(() => {
      seen.push(clock.now);
      clock.runDue();
    });
    clock.set(
      clock.createAlarm(() => {}),
      atCycles,
    );
    spend(charges[1]!);
    return seen;
  }
  it('attends when something is due, after the time was booked', () => {
    const thrice = (charge: Charge): void => {
      for (let i = 0; i < 3; i++) charge.spend(0);
    };
    expect(attendedAt(150, thrice)).toEqual([212]);
  });
  it('of two attends once, when both are booked', () => {
    expect(attendedAt(50, (charge) => charge.spendBoth(0, 0))).toEqual([212]);
  });
  it('of cycles without a price attends to nothing', () => {
    let attended = 0;
    const { clock, charges } = make(() => attended++);
    clock.poke();
    charges[0]!.spendCycles(4, 10);
    expect(attended).toBe(0);
  });
});

describe('a trace', () => {
  it('is told every charge, idle time included, in order of their ends', () => {
    const told: number[][] = [];
    const { charges } = make(
      () => {},
      (...event) => told.push(event),
    );
    charges[0]!.spend(0);
    charges[1]!.spendMany(1, 5);
    charges[2]!.spendCycles(4, 1000);
    charges[1]!.spendBoth(0, 1);
    expect(told).toEqual([
      [0, 0, 1, 106],
      [1, 1, 5, 166],
      [2, 4, 0, 1166],
      [1, 0, 1, 1272],
      [1, 1, 1, 1284],
    ]);
  });
  it('is told of a charge before what that charge made due', () => {
    const ends: number[] = [];
    const made: Made = make(
      () => {
        made.clock.runDue();
        made.charges[0]!.spend(0);
      },
      (_component, _primitive, _count, end) => ends.push(end),
    );
    made.clock.set(
      made.clock.createAlarm(() => {}),
      1,
    );
    made.charges[1]!.spend(2);
    expect(ends).toEqual([100, 206]);
  });
  it('costs an untraced run nothing: it has a class of its own', () => {
    expect(make().charges[0]).not.toBeInstanceOf(TracedCharge);
    expect(make(undefined, () => {}).charges[0]).toBeInstanceOf(TracedCharge);
    expect(make().charges[0]).toBeInstanceOf(Charge);
  });
});
