import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock, NEVER } from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

describe('time', () => {
  it('moves only by advance, and stays exact to 2^53', () => {
    const clock = new Clock(1e9);
    clock.advance(2 ** 40);
    clock.advance(1);
    expect(clock.now).toBe(2 ** 40 + 1);
  });
  it('in nanoseconds is rounded down, exactly', () => {
    const frequencies = fc.constantFrom(1e9, 2.4e9, 2.6e9, 1e7, 3_579_545);
    fc.assert(
      fc.property(frequencies, fc.nat(2 ** 50), (cyclesPerSecond, now) => {
        const clock = new Clock(cyclesPerSecond);
        clock.advance(now);
        const expected = (BigInt(now) * 1_000_000_000n) / BigInt(cyclesPerSecond);
        if (expected < 2n ** 53n) expect(BigInt(clock.nowNs)).toBe(expected);
      }),
      { numRuns: 300 * EFFORT },
    );
  });
  it('cyclesOf covers a duration: rounded up', () => {
    expect(new Clock(2.6e9).cyclesOf(100)).toBe(260);
    expect(new Clock(2.4e9).cyclesOf(0.1)).toBe(1);
    fc.assert(
      fc.property(fc.nat(1_000_000), (ns) => {
        const expected = (BigInt(ns) * 2_600_000_000n + 999_999_999n) / 1_000_000_000n;
        expect(BigInt(new Clock(2.6e9).cyclesOf(ns))).toBe(expected);
      }),
    );
  });
  it('needs a frequency', () => {
    expect(() => new Clock(0)).toThrow(/frequency/);
  });
});

describe('alarms', () => {
  it('fire from runDue, never from advance', () => {
    const clock = new Clock(1e9);
    let fired = 0;
    clock.set(
      clock.createAlarm(() => {
        fired++;
      }),
      10,
    );
    expect(clock.advance(9)).toBe(false);
    expect(clock.advance(1)).toBe(true);
    expect(fired).toBe(0);
    clock.runDue();
    expect(fired).toBe(1);
    expect(clock.due).toBe(NEVER);
  });
  it('of one deadline fire in the order of their creation, whatever that of their setting', () => {
    const clock = new Clock(1e9);
    const order: string[] = [];
    const alarms = ['a', 'b', 'c'].map((name) => clock.createAlarm(() => order.push(name)));
    for (const alarm of alarms.toReversed()) clock.set(alarm, 5);
    clock.advance(5);
    clock.runDue();
    expect(order).toEqual(['a', 'b', 'c']);
  });
  it('that a firing alarm arms for a time that has come fire in the same run', () => {
    const clock = new Clock(1e9);
    const order: string[] = [];
    const second = clock.createAlarm(() => order.push('second'));
    const first = clock.createAlarm(() => {
      order.push('first');
      clock.set(second, 5);
    });
    clock.set(first, 5);
    clock.advance(5);
    clock.runDue();
    expect(order).toEqual(['first', 'second']);
  });
  it('setAfter counts from now, and takes the place of an earlier deadline', () => {
    const clock = new Clock(1e9);
    const alarm = clock.createAlarm(() => {});
    clock.advance(2 ** 42);
    clock.setAfter(alarm, 100);
    expect(clock.due).toBe(2 ** 42 + 100);
    clock.setAfter(alarm, 200);
    expect(clock.due).toBe(2 ** 42 + 200);
    clock.set(alarm, 2 ** 42);
    expect(clock.advance(0)).toBe(true);
  });
  it('poke makes the next advance report, once', () => {
    const clock = new Clock(1e9);
    const alarm = clock.createAlarm(() => {});
    clock.poke();
    clock.set(alarm, 100);
    expect(clock.advance(0)).toBe(true);
    clock.runDue();
    expect(clock.advance(1)).toBe(false);
    expect(clock.due).toBe(100);
  });
});

/** A slow reference: a list, sorted anew for every firing. */
class Reference {
  now = 0;
  readonly fired: number[] = [];
  readonly #armed = new Map<number, number>();
  #poked = false;

  advance(cycles: number): void {
    this.now += cycles;
  }
  set = (alarm: number, at: number): unknown => this.#armed.set(alarm, at);
  cancel = (alarm: number): unknown => this.#armed.delete(alarm);
  isArmed = (alarm: number): boolean => this.#armed.has(alarm);
  poke(): void {
    this.#poked = true;
  }
  get due(): number {
    return this.#poked ? 0 : Math.min(NEVER, ...this.#armed.values());
  }
  runDue(): void {
    this.#poked = false;
    const due = [...this.#armed].filter(([, at]) => at <= this.now).sort(([a, x], [b, y]) => x - y || a - b);
    for (const [alarm] of due) {
      this.#armed.delete(alarm);
      this.fired.push(alarm);
    }
  }
}

describe('the clock agrees with a sorted list', () => {
  const alarm = fc.nat(4);
  const step = fc.oneof(
    fc.tuple(fc.constant('set' as const), alarm, fc.nat(50)),
    fc.tuple(fc.constant('set-after' as const), alarm, fc.nat(50)),
    fc.tuple(fc.constant('cancel' as const), alarm, fc.constant(0)),
    fc.tuple(fc.constant('advance' as const), fc.constant(0), fc.nat(20)),
    fc.tuple(fc.constant('runDue' as const), fc.constant(0), fc.constant(0)),
    fc.tuple(fc.constant('poke' as const), fc.constant(0), fc.constant(0)),
  );
  it('in what is due, what is armed and what fired, after any steps', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 2 ** 31 - 100, 2 ** 42), fc.array(step, { maxLength: 60 }), (start, steps) => {
        const clock = new Clock(1e9);
        const reference = new Reference();
        for (const one of [clock, reference]) one.advance(start);
        const fired: number[] = [];
        for (let i = 0; i < 5; i++) clock.createAlarm(() => fired.push(i));
        for (const [what, which, amount] of steps) {
          if (what === 'set') [clock, reference].map((one) => one.set(which, clock.now + amount));
          if (what === 'set-after') {
            clock.setAfter(which, amount);
            reference.set(which, clock.now + amount);
          }
          if (what === 'cancel') [clock, reference].map((one) => one.cancel(which));
          if (what === 'poke') [clock, reference].map((one) => one.poke());
          if (what === 'runDue') [clock, reference].map((one) => one.runDue());
          if (what === 'advance') {
            reference.advance(amount);
            expect(clock.advance(amount)).toBe(reference.now >= reference.due);
          }
          expect(clock.due).toBe(reference.due);
          expect([0, 1, 2, 3, 4].map((i) => clock.isArmed(i))).toEqual([0, 1, 2, 3, 4].map(reference.isArmed));
        }
        expect(fired).toEqual(reference.fired);
      }),
      { numRuns: 300 * EFFORT },
    );
  });
});

describe('a limit', () => {
  const clockWithAlarm = (at: number): { clock: Clock; fired: number[] } => {
    const clock = new Clock(1e9);
    const fired: number[] = [];
    clock.set(
      clock.createAlarm(() => fired.push(clock.now)),
      at,
    );
    return { clock, fired };
  };
  it('is due like an alarm, fires nothing, and stays until it is set anew', () => {
    const { clock, fired } = clockWithAlarm(50);
    clock.setLimit(10);
    expect([clock.due, clock.isOverLimit, clock.advance(9), clock.advance(1), clock.isOverLimit]).toEqual([
      10,
      false,
      false,
      true,
      true,
    ]);
    clock.runDue();
    expect([clock.advance(1), fired]).toEqual([true, []]);
    clock.setLimit(NEVER);
    expect([clock.due, clock.advance(1), clock.isOverLimit]).toEqual([50, false, false]);
  });
  it('hides no alarm, and no alarm hides it', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.nat(100), (alarmAt, limitAt, until) => {
        const { clock, fired } = clockWithAlarm(alarmAt);
        clock.setLimit(limitAt);
        expect(clock.due).toBe(Math.min(alarmAt, limitAt));
        expect(clock.advance(until)).toBe(until >= Math.min(alarmAt, limitAt));
        clock.runDue();
        expect(fired).toEqual(until >= alarmAt ? [until] : []);
        expect(clock.due).toBe(until >= alarmAt ? limitAt : Math.min(alarmAt, limitAt));
      }),
      { numRuns: 200 * EFFORT },
    );
  });
  it('does not undo a poke', () => {
    const { clock } = clockWithAlarm(50);
    clock.poke();
    clock.setLimit(10);
    expect(clock.due).toBe(0);
    clock.runDue();
    expect(clock.due).toBe(10);
  });
});
