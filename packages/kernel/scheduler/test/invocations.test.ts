import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { errors, FOREVER, MAX_PERIOD, records } from '../src/index.ts';
import { World } from './support/world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { ILLEGAL_OPERATION, INVALID_ARGUMENT, INVALID_CAPABILITY, RANGE_ERROR } = errors;
const MINIMUM = 10;
/** No object has such a name: it stands for a capability of another type. */
const OTHER = -1;

let world: World;
/** Thread 0 runs; 1 is ready, on context 1; 2 is blocked and passive; contexts 3 to 5 are free. */
beforeEach(() => {
  world = new World({ minBudget: MINIMUM, domainCount: 3, scheduleLength: 4 });
  world.start(0, 100, 50, 50);
  world.start(1, 90, 20, 100);
  world.scheduler.threads.maximumControlled[0] = 100;
  world.scheduler.block(2);
  world.configure(3, 30, 60);
  world.scheduler.choose();
});

const range = (answer: number): number[] => [
  answer,
  world.invocations.details.rangeMin,
  world.invocations.details.rangeMax,
];
const named = (answer: number): number[] => [answer, world.invocations.details.capability];
const argument = (answer: number): number[] => [answer, world.invocations.details.argument];

describe('SchedControl_ConfigureFlags (§10.3): the first error in this order wins', () => {
  const configure = (sc: number, budget: number, period: number, extra: number): number =>
    world.invocations.configure(sc, world.sizeBits, budget, period, extra, 0, 0);

  it('1: not a scheduling context is InvalidCapability(1), whatever else is wrong', () =>
    expect(named(configure(OTHER, 0, 0, 99))).toEqual([INVALID_CAPABILITY, 1]));
  it('2: a budget out of range is RangeError(MIN_BUDGET, MAX_PERIOD)', () => {
    expect(range(configure(world.context(3), MINIMUM - 1, 0, 99))).toEqual([RANGE_ERROR, MINIMUM, MAX_PERIOD]);
    expect(range(configure(world.context(3), MAX_PERIOD + 1, 0, 99))).toEqual([RANGE_ERROR, MINIMUM, MAX_PERIOD]);
  });
  it('3: a period out of range is RangeError(MIN_BUDGET, MAX_PERIOD)', () => {
    expect(range(configure(world.context(3), 20, MINIMUM - 1, 99))).toEqual([RANGE_ERROR, MINIMUM, MAX_PERIOD]);
    expect(range(configure(world.context(3), 20, MAX_PERIOD + 1, 99))).toEqual([RANGE_ERROR, MINIMUM, MAX_PERIOD]);
  });
  it('4: a budget above the period is RangeError(MIN_BUDGET, period)', () =>
    expect(range(configure(world.context(3), 21, 20, 99))).toEqual([RANGE_ERROR, MINIMUM, 20]));
  it('5: more extra refills than the object holds is RangeError(0, room)', () => {
    const room = records.refillsWithin(world.sizeBits) - records.MIN_REFILLS;
    expect(range(configure(world.context(3), 20, 40, room + 1))).toEqual([RANGE_ERROR, 0, room]);
    expect(configure(world.context(3), 20, 40, room)).toBe(0);
  });
  it('the smallest object holds the two refills that every context needs', () =>
    expect(records.refillsWithin(records.MIN_SIZE_BITS)).toBeGreaterThanOrEqual(records.MIN_REFILLS));
});

describe('SchedContext_Bind (§10.3)', () => {
  it('neither a context nor a thread is InvalidCapability', () => {
    expect(named(world.invocations.bind(OTHER, OTHER))).toEqual([INVALID_CAPABILITY, 0]);
    expect(named(world.invocations.bind(world.context(1), OTHER))).toEqual([INVALID_CAPABILITY, 1]);
  });
  it('a context that has a thread is IllegalOperation', () =>
    expect(world.invocations.bind(world.context(1), 4)).toBe(ILLEGAL_OPERATION));
  it('a thread that has a context is IllegalOperation', () =>
    expect(world.invocations.bind(world.context(3), 1)).toBe(ILLEGAL_OPERATION));
  it('a blocked thread and a context without time is IllegalOperation', () => {
    expect(world.invocations.bind(world.context(4), 2)).toBe(ILLEGAL_OPERATION);
    expect(world.invocations.bind(world.context(3), 2)).toBe(0);
  });
  it('a notification: either with a partner is IllegalOperation', () => {
    const { invocations } = world;
    expect(invocations.bindNotification(world.context(3), world.notification(0))).toBe(0);
    expect(invocations.bindNotification(world.context(3), world.notification(1))).toBe(ILLEGAL_OPERATION);
    expect(invocations.bindNotification(world.context(4), world.notification(0))).toBe(ILLEGAL_OPERATION);
    expect(named(invocations.bindNotification(world.context(4), OTHER))).toEqual([INVALID_CAPABILITY, 1]);
  });
});

describe('SchedContext_Unbind and UnbindObject (§10.3)', () => {
  it('the current thread cannot lose its context so: IllegalOperation', () => {
    expect(world.invocations.unbind(world.context(0))).toBe(ILLEGAL_OPERATION);
    expect(world.invocations.unbindObject(world.context(0), 0)).toBe(ILLEGAL_OPERATION);
  });
  it('an object that is not bound to the context is IllegalOperation', () => {
    expect(world.invocations.unbindObject(world.context(1), 2)).toBe(ILLEGAL_OPERATION);
    expect(world.invocations.unbindNotification(world.context(1), world.notification(0))).toBe(ILLEGAL_OPERATION);
  });
  it('Unbind takes the context from all: the thread is passive, the notification free', () => {
    world.invocations.bindNotification(world.context(1), world.notification(0));
    expect(world.invocations.unbind(world.context(1))).toBe(0);
    expect(world.scheduler.holderOf(world.context(1))).toBe(-1);
    expect(world.scheduler.isQueued(1)).toBe(false);
    expect(world.calls.contextOf(world.notification(0))).toBe(0);
  });
  it('Unbind of a context without objects is no error', () =>
    expect(world.invocations.unbind(world.context(5))).toBe(0));
});

describe('SchedContext_YieldTo (§10.3)', () => {
  it('no thread, the own context, a priority above the maximum, a second one: IllegalOperation', () => {
    const { invocations, scheduler } = world;
    expect(invocations.yieldTo(world.context(3))).toBe(ILLEGAL_OPERATION);
    expect(invocations.yieldTo(world.context(0))).toBe(ILLEGAL_OPERATION);
    scheduler.threads.maximumControlled[0] = 89;
    expect(invocations.yieldTo(world.context(1))).toBe(ILLEGAL_OPERATION);
    scheduler.threads.maximumControlled[0] = 100;
    scheduler.setPriority(1, 100);
    expect(invocations.yieldTo(world.context(1))).toBe(0);
    expect(invocations.yieldTo(world.context(1))).toBe(ILLEGAL_OPERATION);
  });
});

describe('TCB_SetPriority, SetMCPriority, SetSchedParams (§6.1 "Scheduling": maximum controlled priority)', () => {
  it('an authority that is no thread is InvalidCapability(1), before the range', () => {
    expect(named(world.invocations.setPriority(OTHER, 1, 999))).toEqual([INVALID_CAPABILITY, 1]);
    expect(named(world.invocations.setMaximumControlled(OTHER, 1, 999))).toEqual([INVALID_CAPABILITY, 1]);
    expect(named(world.invocations.setSchedParams(OTHER, 1, 999, 0, OTHER))).toEqual([INVALID_CAPABILITY, 1]);
  });
  it('above the maximum of the authority, whoever is set, is RangeError(0, maximum)', () => {
    expect(range(world.invocations.setPriority(0, 1, 101))).toEqual([RANGE_ERROR, 0, 100]);
    expect(range(world.invocations.setMaximumControlled(0, 0, 101))).toEqual([RANGE_ERROR, 0, 100]);
    expect(range(world.invocations.setPriority(1, 1, 1))).toEqual([RANGE_ERROR, 0, 0]);
    expect(world.invocations.setPriority(0, 1, 100)).toBe(0);
  });
  it('SetSchedParams: the maximum, then the priority, then the context', () => {
    const { invocations } = world;
    expect(range(invocations.setSchedParams(0, 4, 101, 0, world.context(1)))).toEqual([RANGE_ERROR, 0, 100]);
    expect(range(invocations.setSchedParams(0, 4, 0, 101, world.context(1)))).toEqual([RANGE_ERROR, 0, 100]);
    expect(invocations.setSchedParams(0, 4, 50, 60, world.context(1))).toBe(ILLEGAL_OPERATION);
    expect(named(invocations.setSchedParams(0, 4, 50, 60, OTHER))).toEqual([INVALID_CAPABILITY, 2]);
    expect(invocations.setSchedParams(0, 0, 50, 60, 0)).toBe(ILLEGAL_OPERATION);
    expect(invocations.setSchedParams(0, 4, 50, 60, world.context(3))).toBe(0);
    expect(world.scheduler.holderOf(world.context(3))).toBe(4);
    expect(invocations.setSchedParams(0, 4, 50, 60, 0)).toBe(0);
    expect(world.scheduler.threads.context[4]).toBe(0);
  });
});

describe('DomainSet (§6.3 "Domains")', () => {
  it('Set: no such domain is InvalidArgument(0), then no thread InvalidArgument(1)', () => {
    expect(argument(world.invocations.setDomain(3, OTHER))).toEqual([INVALID_ARGUMENT, 0]);
    expect(argument(world.invocations.setDomain(2, OTHER))).toEqual([INVALID_ARGUMENT, 1]);
  });
  it('ScheduleConfigure: index, domain, duration too long, no time for a domain, no time at the start', () => {
    const { invocations } = world;
    expect(range(invocations.configureSchedule(4, 3, FOREVER * 2))).toEqual([RANGE_ERROR, 0, 3]);
    expect(range(invocations.configureSchedule(1, 3, FOREVER * 2))).toEqual([RANGE_ERROR, 0, 2]);
    expect(argument(invocations.configureSchedule(1, 2, FOREVER * 2))).toEqual([INVALID_ARGUMENT, 2]);
    expect(argument(invocations.configureSchedule(0, 2, 0))).toEqual([INVALID_ARGUMENT, 1]);
    expect(argument(invocations.configureSchedule(0, 0, 0))).toEqual([INVALID_ARGUMENT, 2]);
  });
  it('ScheduleSetStart: index out of range, then an end marker', () => {
    expect(range(world.invocations.setScheduleStart(4))).toEqual([RANGE_ERROR, 0, 3]);
    expect(argument(world.invocations.setScheduleStart(1))).toEqual([INVALID_ARGUMENT, 0]);
  });
});

describe('any invocation with any arguments', () => {
  const odd = fc.oneof(
    fc.constantFrom(
      -1,
      0,
      1,
      2,
      8,
      100,
      255,
      256,
      2 ** 31,
      -(2 ** 31),
      2 ** 53,
      Number.NaN,
      0.5,
      Number.POSITIVE_INFINITY,
    ),
    fc.nat(700),
    fc.integer(),
  );
  const names = [
    ...(['configure', 'bind', 'bindNotification', 'unbind', 'unbindObject', 'unbindNotification', 'yieldTo'] as const),
    ...(['setPriority', 'setMaximumControlled', 'setSchedParams', 'setDomain', 'configureSchedule'] as const),
    'setScheduleStart' as const,
  ];

  it('answers with a number, throws nothing, and changes nothing when it refuses', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.tuple(odd, odd, odd, odd, odd, odd, odd), (name, args) => {
        const { threads, domains } = world.scheduler;
        const state = (): string =>
          JSON.stringify([
            Array.from(world.words),
            Object.values(threads).map(String),
            domains.end,
            world.scheduler.until(),
          ]);
        const before = state();
        const answer = (world.invocations[name] as (...numbers: number[]) => number)(...args);
        expect(answer).toBeLessThanOrEqual(0);
        if (answer === 0) return;
        refused++;
        expect(state()).toBe(before);
      }),
      { numRuns: 400 * EFFORT, seed: 47 },
    );
    expect(refused).toBeGreaterThan(200);
  });
});
