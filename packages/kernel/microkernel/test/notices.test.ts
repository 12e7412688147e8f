/** Faults that nobody dies of, and who is told of them. */
import type { Right } from '@bulkhead/abi';
import { NEVER } from '@bulkhead/clock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Budgets } from '../src/budgets.ts';
import { Exhaustion } from '../src/exhaustion.ts';
import { Domain, Seat } from '../src/index.ts';
import type { Invocations } from '../src/invocations.ts';
import { abi, CHILD, Fixture, NATIVE, USER } from './fixture.ts';

const IDENTITY = 9;
const OTHER = 10;
const TOKEN = 3;
const FAULTS = 5;
/** The clock has a cycle a nanosecond. */
const US = 1000;
const PATIENCE_US = 10_000;
/** What the kernel itself does takes some cycles, too. */
const SLACK = 100;

let f: Fixture;
let on: Invocations;
let child: Right;
let handler: Right;
beforeEach(() => {
  f = new Fixture();
  prepare();
});
/** USER is told of the faults of CHILD, which has two interrupts. */
function prepare(): void {
  on = f.kernel.invocations;
  child = f.thread(USER, CHILD);
  on.startDomain(USER, child);
  on.bindFaults(USER, FAULTS);
  handler = bound(IDENTITY);
  bound(OTHER);
  for (const who of [USER, NATIVE, CHILD]) {
    f.told(who);
    f.kernel.meeting.sleep(f.kernel.seats[who]!);
    f.kernel.executive.withdraw(f.kernel.seats[who]!);
  }
}
function bound(identity: number): Right {
  const issued = on.issueInterrupt(USER, f.irqControl(USER), identity) as Right;
  const theirs = f.kernel.spaces.grant(f.slot(USER, issued), f.domainOf(CHILD)) as Right;
  expect(on.bindInterrupt(CHILD, theirs, TOKEN)).toBe(0);
  return theirs;
}
/** It came, and came again. */
function twice(identity: number): void {
  f.interrupt(identity);
  f.interrupt(identity);
}
const fault = (): number[] => [on.faultOf(USER, child), ...f.kernel.answer.subarray(1, 4)];

describe('an interrupt that came again while it was not acknowledged', () => {
  it('is told, when patience is over, to who holds a right to the domain: which, since when, whose', () => {
    f.pass(500 * US);
    twice(IDENTITY);
    f.pass(PATIENCE_US * US - SLACK);
    expect([f.told(USER), f.told(NATIVE), on.faultOf(USER, child)]).toEqual([0, 0, 0]);
    f.pass(SLACK);
    expect([f.told(USER), f.told(NATIVE)]).toEqual([1 << FAULTS, 0]);
    expect(fault()).toEqual([abi.FAULT_UNACKNOWLEDGED, IDENTITY, 500, CHILD]);
    expect(f.domainOf(CHILD).alive).toBe(true);
  });
  it('is told once, however long it lasts; and again only after it was acknowledged and delivered anew', () => {
    twice(IDENTITY);
    f.pass(10 * PATIENCE_US * US);
    expect(f.told(USER)).toBe(1 << FAULTS);
    expect([fault()[0], fault()[0]]).toEqual([abi.FAULT_UNACKNOWLEDGED, 0]);
    f.pass(10 * PATIENCE_US * US);
    expect([f.told(USER), f.hart.timerAt]).toEqual([0, NEVER]);
    on.acknowledge(CHILD, handler);
    f.interrupt(IDENTITY); // takes what waited
    f.interrupt(IDENTITY);
    f.pass(PATIENCE_US * US);
    expect([f.told(USER), fault()[0]]).toEqual([1 << FAULTS, abi.FAULT_UNACKNOWLEDGED]);
  });
  it('is not told when it is acknowledged in time: the timer is not even set', () => {
    twice(IDENTITY);
    f.pass(PATIENCE_US * US - SLACK);
    on.acknowledge(CHILD, handler);
    expect(f.hart.timerAt).toBe(NEVER);
    f.pass(PATIENCE_US * US);
    expect([f.told(USER), fault()[0]]).toEqual([0, 0]);
  });
  it('is nothing to tell any more when it is acknowledged before anybody asks', () => {
    twice(IDENTITY);
    f.pass(PATIENCE_US * US);
    on.acknowledge(CHILD, handler);
    expect(fault()[0]).toBe(0);
  });
  it('is told also when it comes again late', () => {
    f.interrupt(IDENTITY);
    f.pass(5 * PATIENCE_US * US);
    expect(f.told(USER)).toBe(0);
    f.interrupt(IDENTITY);
    f.pass(4 * PATIENCE_US * US);
    expect(f.told(USER)).toBe(1 << FAULTS);
    expect(fault()).toEqual([abi.FAULT_UNACKNOWLEDGED, IDENTITY, 0, CHILD]);
  });
  it('that never comes again is looked for after twice as long each time: the machine comes to rest', () => {
    f.interrupt(IDENTITY);
    const looks = [1, 2, 4, 8].map(() => {
      const waitCycles = f.hart.timerAt - f.clock.now;
      f.pass(waitCycles);
      return waitCycles / (PATIENCE_US * US);
    });
    expect(looks.map(Math.round)).toEqual([1, 2, 4, 8]);
  });
  it('is one of several, each of which is told', () => {
    twice(OTHER);
    f.pass(100 * US);
    twice(IDENTITY);
    f.pass(PATIENCE_US * US);
    expect([fault()[1], fault()[1], fault()[0]]).toEqual([IDENTITY, OTHER, 0]);
  });
  it('is nobody’s when its domain has ended', () => {
    twice(IDENTITY);
    on.endDomain(USER, child);
    f.told(USER);
    f.pass(PATIENCE_US * US);
    expect([f.told(USER), fault()[0], f.hart.timerAt]).toEqual([0, abi.FAULT_ENDED, NEVER]);
  });
  it('waits as long as the kernel is told to', () => {
    f = new Fixture({ patience: { interruptUs: 7 } });
    prepare();
    twice(IDENTITY);
    f.pass(7 * US - SLACK);
    expect(f.told(USER)).toBe(0);
    f.pass(SLACK);
    expect(f.told(USER)).toBe(1 << FAULTS);
  });
  it('costs the interrupt of the timer and the signal, and nothing where patience holds', () => {
    const spent = (name: string): number =>
      f.ledger.countOf(f.ledger.primitives.findIndex((primitive) => primitive.name === name));
    twice(IDENTITY);
    const [entries, signals] = [spent('interruptEntry'), spent('notificationSignal')];
    f.pass(PATIENCE_US * US - SLACK);
    expect([spent('interruptEntry'), spent('notificationSignal')]).toEqual([entries, signals]);
    f.pass(10 * PATIENCE_US * US);
    expect([spent('interruptEntry'), spent('notificationSignal')]).toEqual([entries + 1, signals + 1]);
  });
});

describe('a budget that is used up', () => {
  const PERIOD = 100;
  const PATIENCE_PERIODS = 3;
  let now: number;
  let consumed: number;
  let exhaustion: Exhaustion;
  const seat = new Seat(0, 'driver', 10, new Domain(1, 'driver', false), { budgetCycles: 50, periodCycles: PERIOD });
  beforeEach(() => {
    now = 1000;
    consumed = 0;
    const budgets = {
      consumedBy: () => consumed,
      takeConsumed: () => {
        consumed = 0;
      },
    };
    exhaustion = new Exhaustion(budgets as unknown as Budgets, 1, PATIENCE_PERIODS, () => now);
  });
  /** @returns after how many periods of exhaustion, one in each, it is told. */
  const told = (periods: number): number[] => {
    const when: number[] = [];
    for (let i = 0; i < periods; i++, now += PERIOD) {
      if (exhaustion.note(seat)) when.push(i);
      consumed += 50;
    }
    return when;
  };

  it('is told when it was in every period for as long as patience lasts, and then ever more rarely', () => {
    expect(told(60)).toEqual([3, 6, 12, 24, 48]);
  });
  it('is not told when it happens now and then: a whole period without one ends the row', () => {
    for (let i = 0; i < 20; i++) {
      expect(told(3)).toEqual([]);
      now += PERIOD;
    }
  });
  it('is told with what was consumed since the row began, and once', () => {
    consumed = 999;
    told(4);
    expect([exhaustion.takeUntold(seat.domain), exhaustion.takeUntold(seat.domain)]).toEqual([0, -1]);
    expect([exhaustion.sinceCycles(0), exhaustion.consumedCycles(0)]).toEqual([1000, 200]);
  });
});
