import { errors, objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { errors as schedulerErrors } from '@bulkhead/scheduler';
import { describe, expect, it } from 'vitest';
import { bootSlots, faults, labels, type Program } from '../src/index.ts';
import { World } from './support.ts';

const invocation = (label: number, words: number, extras: number): number =>
  message.messageTag(label, 0, extras, words);

describe('scheduling contexts and donation (seL4 reference manual 13.0.0 §6.1)', () => {
  it('a passive server runs on the time of its client, who pays for it', () => {
    let [ep, reply] = [0, 0];
    const server: Program = function* (t) {
      yield t.receive(ep, reply);
      for (;;) {
        yield t.spend(20);
        yield t.replyReceive(ep, 0, reply);
      }
    };
    const client: Program = function* (t) {
      for (;;) yield t.call(ep);
    };
    const w = new World({ programs: [undefined, server, client] });
    ep = w.make(objects.ENDPOINT);
    reply = w.make(objects.REPLY);
    const passive = w.makeThread({ program: 1, priority: 110 });
    w.rest();
    w.step(50);
    w.wake();
    w.makePassive(passive);
    const tcb = w.makeThread({ program: 2, priority: 100, budget: 100, period: 1000 });
    const { contexts, threads } = w.kernel.scheduler;
    const sc = threads.context[w.thread(tcb)]!;
    w.rest();
    const start = w.kernel.scheduler.now;
    w.step(10000);
    expect(contexts.consumedBy(sc)).toBeGreaterThan(900);
    expect(contexts.consumedBy(sc)).toBeLessThanOrEqual(1100);
    expect(threads.context[w.thread(passive)] === sc || threads.context[w.thread(tcb)] === sc).toBe(true);
    expect(w.kernel.scheduler.now - start).toBe(10000);
  });

  it('a timeout fault goes to the timeout handler, which gives more time and lets the thread go on', () => {
    let [ep, reply, sc] = [0, 0, 0];
    const told: number[][] = [];
    const worked: number[] = [];
    const handler: Program = function* (t) {
      yield t.receive(ep, reply);
      for (;;) {
        told.push([t.label, t.badge, t.word(0), t.word(1)]);
        for (const [i, word] of [300, 1000, 0, 7, 0].entries()) t.setWord(i, word);
        t.setCapability(0, sc);
        yield t.call(bootSlots.SCHED_CONTROL, invocation(labels.SCHED_CONTROL_CONFIGURE_FLAGS, 5, 1));
        yield t.replyReceive(ep, 0, reply);
      }
    };
    const worker: Program = function* (t) {
      for (let i = 0; i < 5; i++) {
        yield t.spend(60);
        worked.push(t.now);
      }
    };
    const w = new World({ programs: [undefined, handler, worker] });
    ep = w.make(objects.ENDPOINT);
    reply = w.make(objects.REPLY);
    w.makeThread({ program: 1, priority: 120 });
    const badged = w.mint(ep, objects.ALL_RIGHTS, 5);
    const tcb = w.makeThread({ priority: 100, budget: 100, period: 1000, badge: 7 });
    const context = w.kernel.scheduler.threads.context[w.thread(tcb)]!;
    for (let index = 64; index < 100; index++) if (w.kernel.capabilities.wordOf(w.slot(index)) === context) sc = index;
    w.must(tcb, labels.TCB_SET_TIMEOUT_ENDPOINT, [], [badged]);
    w.start(tcb, 2);
    w.rest();
    w.step(500);
    expect(told).toEqual([[faults.TIMEOUT, 5, 7, 100]]);
    expect(worked.length).toBe(5);
  });

  /** A worker without end, of 100 in 1000, whose timeouts go to a handler. */
  function timedOut(handlerBudget: number) {
    let [ep, reply] = [0, 0];
    const times: number[] = [];
    const handler: Program = function* (t) {
      yield t.receive(ep, reply);
      for (;;) {
        times.push(t.now);
        yield t.replyReceive(ep, 0, reply);
      }
    };
    const worker: Program = function* (t) {
      yield t.spend(100_000);
    };
    const w = new World({ programs: [undefined, handler, worker] });
    ep = w.make(objects.ENDPOINT);
    reply = w.make(objects.REPLY);
    const handling = w.makeThread({ program: 1, priority: 120 });
    w.rest();
    w.step(50);
    w.wake();
    if (handlerBudget === 0) w.makePassive(handling);
    const tcb = w.makeThread({ priority: 100, budget: 100, period: 1000 });
    w.must(tcb, labels.TCB_SET_TIMEOUT_ENDPOINT, [], [ep]);
    w.start(tcb, 2);
    w.rest();
    w.step(4500);
    return { w, times, worker: w.thread(tcb), handler: w.thread(handling) };
  }
  it('a timeout fault that is answered without more time is one a period', () => {
    expect(timedOut(100).times.length).toBe(5);
  });
  it('the handler of a timeout gets no time with it', () => {
    const { w, times, worker, handler } = timedOut(0);
    const { context } = w.kernel.scheduler.threads;
    expect([times.length, context[handler]]).toEqual([0, 0]);
    expect(context[worker]).not.toBe(0);
  });
  it('a caller that is suspended does not get its context back: its server goes on with it', () => {
    let [ep, reply] = [0, 0];
    const server: Program = function* (t) {
      yield t.receive(ep, reply);
      yield t.spend(100_000);
    };
    const client: Program = function* (t) {
      yield t.call(ep);
    };
    const w = new World({ programs: [undefined, server, client] });
    ep = w.make(objects.ENDPOINT);
    reply = w.make(objects.REPLY);
    const passive = w.makeThread({ program: 1, priority: 110 });
    w.rest();
    w.step(50);
    w.wake();
    w.makePassive(passive);
    const tcb = w.makeThread({ program: 2, priority: 100 });
    const { context } = w.kernel.scheduler.threads;
    const sc = context[w.thread(tcb)];
    w.rest();
    w.step(50);
    w.wake();
    w.must(tcb, labels.TCB_SUSPEND);
    expect([context[w.thread(passive)], context[w.thread(tcb)]]).toEqual([sc, 0]);
  });
  it('who is answered on a context that is used up faults, if it has a timeout handler', () => {
    let [ep, reply, faultsAt, spare] = [0, 0, 0, 0];
    const told: number[][] = [];
    const handler: Program = function* (t) {
      yield t.receive(faultsAt, spare);
      told.push([t.label, t.badge]);
      yield t.send(reply); // on behalf of the server, which is out of time
      yield t.receive(faultsAt, spare);
      told.push([t.label, t.badge]);
    };
    const server: Program = function* (t) {
      yield t.receive(ep, reply);
      yield t.spend(100_000);
    };
    const client: Program = function* (t) {
      yield t.call(ep);
      yield t.spend(10);
    };
    const w = new World({ programs: [undefined, handler, server, client] });
    ep = w.make(objects.ENDPOINT);
    reply = w.make(objects.REPLY);
    faultsAt = w.make(objects.ENDPOINT);
    spare = w.make(objects.REPLY);
    w.makeThread({ program: 1, priority: 120 });
    const passive = w.makeThread({ program: 2, priority: 110 });
    w.rest();
    w.step(50);
    w.wake();
    w.makePassive(passive);
    const tcb = w.makeThread({ priority: 100, budget: 100, period: 1000 });
    for (const [i, slot] of [passive, tcb].entries())
      w.must(slot, labels.TCB_SET_TIMEOUT_ENDPOINT, [], [w.mint(faultsAt, objects.ALL_RIGHTS, i + 1)]);
    w.start(tcb, 3);
    w.rest();
    w.step(500);
    expect(told).toEqual([
      [faults.TIMEOUT, 1],
      [faults.TIMEOUT, 2],
    ]);
  });

  it('without a handler, a thread without time waits for its next period', () => {
    const worked: number[] = [];
    const worker: Program = function* (t) {
      for (;;) {
        yield t.spend(50);
        worked.push(t.now);
      }
    };
    const w = new World({ programs: [undefined, worker] });
    w.makeThread({ program: 1, budget: 110, period: 1000 });
    w.rest();
    w.step(2500);
    expect(worked.length).toBe(6);
    expect(worked[2]! - worked[1]!).toBeGreaterThanOrEqual(900);
  });

  it('YieldTo answers when the caller runs again, with the time that the other used', () => {
    let [sc, other] = [0, 0];
    const answers: number[] = [];
    const worker: Program = function* (t) {
      yield t.spend(30);
      yield t.wait(other);
    };
    const yielder: Program = function* (t) {
      yield t.call(sc, invocation(labels.SCHED_CONTEXT_YIELD_TO, 0, 0));
      answers.push(t.label, t.length, t.word(0));
    };
    const w = new World({ programs: [undefined, worker, yielder] });
    other = w.make(objects.NOTIFICATION);
    const target = w.makeThread({ program: 1, priority: 50 });
    const context = w.kernel.scheduler.threads.context[w.thread(target)]!;
    for (let index = 64; index < 100; index++) if (w.kernel.capabilities.wordOf(w.slot(index)) === context) sc = index;
    w.makeThread({ program: 2, priority: 50 });
    w.rest();
    w.step(200);
    expect(answers).toEqual([0, 1, 31]);
  });
});

describe('SchedControl, SchedContext and Domain invocations: which error wins', () => {
  const TRUNCATED = -errors.TRUNCATED_MESSAGE;
  const RANGE = -errors.RANGE_ERROR;
  const ILLEGAL = -errors.ILLEGAL_OPERATION;
  const INVALID_CAPABILITY = -errors.INVALID_CAPABILITY;
  const w = new World({ kernel: { minBudget: 10, domainCount: 2, scheduleLength: 2 } });
  const sc = w.make(objects.SCHED_CONTEXT, 7);
  const ep = w.make(objects.ENDPOINT);
  const tcb = w.make(objects.TCB);
  const ntfn = w.make(objects.NOTIFICATION);
  const { SCHED_CONTROL, SCHED_CONTEXT, DOMAIN } = bootSlots;
  const CONFIGURE = labels.SCHED_CONTROL_CONFIGURE_FLAGS;
  const table: readonly [string, number, number, (number | readonly [number, number])[], number[], number][] = [
    ['ConfigureFlags on something else is illegal', sc, CONFIGURE, [], [], ILLEGAL],
    ['ConfigureFlags: truncated before the capability', SCHED_CONTROL, CONFIGURE, [1, 2, 3, 4], [ep], TRUNCATED],
    [
      'ConfigureFlags: no context, before the budget',
      SCHED_CONTROL,
      CONFIGURE,
      [1, 1, 0, 0, 0],
      [ep],
      INVALID_CAPABILITY,
    ],
    ['ConfigureFlags: a budget below the least', SCHED_CONTROL, CONFIGURE, [9, 9, 9, 0, 0], [sc], RANGE],
    ['ConfigureFlags: a budget above its period', SCHED_CONTROL, CONFIGURE, [20, 19, 9, 0, 0], [sc], RANGE],
    ['ConfigureFlags: a budget of 2^53', SCHED_CONTROL, CONFIGURE, [[0, 1 << 21], 19, 9, 0, 0], [sc], RANGE],
    ['ConfigureFlags: more refills than there is room for', SCHED_CONTROL, CONFIGURE, [20, 30, 3, 0, 0], [sc], RANGE],
    ['ConfigureFlags: a badge of more than 32 bits', SCHED_CONTROL, CONFIGURE, [20, 30, 2, [0, 1], 0], [sc], RANGE],
    ['ConfigureFlags', SCHED_CONTROL, CONFIGURE, [20, 30, 2, 1, 0], [sc], 0],
    ['Bind: truncated', sc, labels.SCHED_CONTEXT_BIND, [], [], TRUNCATED],
    ['Bind: neither thread nor notification', sc, labels.SCHED_CONTEXT_BIND, [], [ep], INVALID_CAPABILITY],
    ['Bind to a thread', sc, labels.SCHED_CONTEXT_BIND, [], [tcb], 0],
    ['Bind to a thread twice', sc, labels.SCHED_CONTEXT_BIND, [], [tcb], ILLEGAL],
    ['Bind to a notification', sc, labels.SCHED_CONTEXT_BIND, [], [ntfn], 0],
    [
      'UnbindObject: neither thread nor notification',
      sc,
      labels.SCHED_CONTEXT_UNBIND_OBJECT,
      [],
      [ep],
      INVALID_CAPABILITY,
    ],
    ['UnbindObject: another thread', sc, labels.SCHED_CONTEXT_UNBIND_OBJECT, [], [bootSlots.TCB], ILLEGAL],
    ['UnbindObject: its notification', sc, labels.SCHED_CONTEXT_UNBIND_OBJECT, [], [ntfn], 0],
    ['UnbindObject: its thread', sc, labels.SCHED_CONTEXT_UNBIND_OBJECT, [], [tcb], 0],
    ['Unbind of the caller itself', SCHED_CONTEXT, labels.SCHED_CONTEXT_UNBIND, [], [], ILLEGAL],
    ['YieldTo a context of nobody', sc, labels.SCHED_CONTEXT_YIELD_TO, [], [], ILLEGAL],
    ['YieldTo its own', SCHED_CONTEXT, labels.SCHED_CONTEXT_YIELD_TO, [], [], ILLEGAL],
    ['Consumed', sc, labels.SCHED_CONTEXT_CONSUMED, [], [], 0],
    ['Domain Set: no word', DOMAIN, labels.DOMAIN_SET, [], [tcb], TRUNCATED],
    ['Domain Set: no such domain, before no capability', DOMAIN, labels.DOMAIN_SET, [2], [], -errors.INVALID_ARGUMENT],
    ['Domain Set: no capability', DOMAIN, labels.DOMAIN_SET, [1], [], TRUNCATED],
    ['Domain Set: no such domain, before the thread', DOMAIN, labels.DOMAIN_SET, [2], [ep], -errors.INVALID_ARGUMENT],
    ['Domain Set: no thread', DOMAIN, labels.DOMAIN_SET, [1], [ep], -errors.INVALID_ARGUMENT],
    ['Domain Set', DOMAIN, labels.DOMAIN_SET, [1], [tcb], 0],
    ['ScheduleConfigure: truncated', DOMAIN, labels.DOMAIN_SCHEDULE_CONFIGURE, [0, 0], [], TRUNCATED],
    ['ScheduleConfigure: index, then domain', DOMAIN, labels.DOMAIN_SCHEDULE_CONFIGURE, [2, 5, 5], [], RANGE],
    ['ScheduleSetStart: out of range', DOMAIN, labels.DOMAIN_SCHEDULE_SET_START, [2], [], RANGE],
    ['ScheduleSetStart: an end', DOMAIN, labels.DOMAIN_SCHEDULE_SET_START, [1], [], -errors.INVALID_ARGUMENT],
  ];
  it.each(table)('%s', (_clause, pointer, label, words, extras, error) => {
    expect(w.invoke(pointer, label, words, extras)).toBe(error);
  });
});

describe('what errors say, by the scheduler and by capabilities, which do not know each other', () => {
  it('is the same: numbers, and the details of each', () => {
    const numbers = Object.entries(schedulerErrors).filter(([, value]) => typeof value === 'number');
    expect(numbers.length).toBeGreaterThan(3);
    expect(Object.fromEntries(numbers)).toEqual(
      Object.fromEntries(numbers.map(([name]) => [name, errors[name as 'RANGE_ERROR']])),
    );
    const [ours, theirs] = [new errors.ErrorDetails(), new schedulerErrors.ErrorDetails()];
    for (const details of [ours, theirs]) {
      details.invalidArgument(3);
      details.invalidCapability(2);
      details.range(5, 7);
    }
    expect(ours).toMatchObject({ ...theirs });
  });
});
