import { NO_SUCH_RIGHT, type Right } from '@bulkhead/abi';
import { objects } from '@bulkhead/capabilities';
import { Chance } from '@bulkhead/clock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Panic } from '../src/index.ts';
import type { Invocations } from '../src/invocations.ts';
import { abi, CHILD, Fixture, IDENTITIES, NATIVE, USER } from './fixture.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const RUNS = 30;
const IDENTITY = 9;
const TOKEN = 3;

let f: Fixture;
let on: Invocations;
beforeEach(() => {
  f = new Fixture();
  on = f.kernel.invocations;
  // Both have started, and sleep.
  for (const who of [USER, NATIVE]) {
    f.told(who);
    f.kernel.meeting.sleep(f.kernel.seats[who]!);
    f.kernel.executive.withdraw(f.kernel.seats[who]!);
  }
});
function handlerOf(who: number): Right {
  const handler = on.issueInterrupt(who, f.irqControl(who), IDENTITY) as Right;
  expect(on.bindInterrupt(who, handler, TOKEN)).toBe(0);
  return handler;
}

describe.each([
  ['in a domain of its own', USER],
  ['in the kernel’s domain', NATIVE],
])('a component %s', (_where, who) => {
  it('is told of its interrupt by the bit of its token, and nobody else is', () => {
    handlerOf(who);
    expect(f.kernel.executive.hasReady).toBe(false);
    f.interrupt(IDENTITY);
    expect(f.kernel.executive.hasReady).toBe(true);
    expect([f.told(who), f.told(who), f.told(USER + NATIVE - who)]).toEqual([1 << TOKEN, 0, 0]);
  });
  it('is not told again before it acknowledges, and nothing is lost', () => {
    const handler = handlerOf(who);
    f.interrupt(IDENTITY);
    expect(f.enabled.has(IDENTITY)).toBe(false);
    f.told(who);
    f.interrupt(IDENTITY);
    expect(f.told(who)).toBe(0);
    expect(on.acknowledge(who, handler)).toBe(0);
    expect(f.enabled.has(IDENTITY)).toBe(true);
    f.interrupt(IDENTITY);
    expect(f.told(who)).toBe(1 << TOKEN);
  });
  it('binds anew under another token, and acknowledges by that', () => {
    const handler = handlerOf(who);
    f.interrupt(IDENTITY);
    f.told(who);
    expect(on.bindInterrupt(who, handler, 14)).toBe(0);
    f.interrupt(IDENTITY);
    expect(f.told(who)).toBe(1 << 14);
  });
  it('is told no more when its notification is revoked, and has nothing to acknowledge', () => {
    const handler = handlerOf(who);
    expect(f.kernel.capabilities.revoke(f.kernel.seats[who]!.notificationSlot)).toBe(0);
    f.interrupt(IDENTITY);
    expect([f.told(who), f.enabled.has(IDENTITY)]).toEqual([0, false]);
    expect(on.acknowledge(who, handler)).toBe(abi.ILLEGAL_OPERATION);
    expect(on.bindInterrupt(who, handler, TOKEN)).toBe(0);
    f.interrupt(IDENTITY);
    expect(f.told(who)).toBe(1 << TOKEN);
  });
  it('is not told of what came for the holder before', () => {
    const handler = handlerOf(USER + NATIVE - who);
    f.interrupt(IDENTITY);
    f.interrupt(IDENTITY); // masked: it is pending
    expect(on.delete(USER + NATIVE - who, handler)).toBe(0);
    expect(f.pending.has(IDENTITY)).toBe(true);
    handlerOf(who);
    expect(f.pending.has(IDENTITY)).toBe(false);
    expect(f.told(who)).toBe(0);
    f.interrupt(IDENTITY);
    expect(f.told(who)).toBe(1 << TOKEN);
  });
  it('that has no notification binds nothing', () => {
    const handler = handlerOf(who);
    f.kernel.capabilities.delete(f.kernel.seats[who]!.notificationSlot);
    expect(on.bindInterrupt(who, handler, TOKEN)).toBe(NO_SUCH_RIGHT);
  });
});

describe('who is told', () => {
  it('is what whoever looks on is shown', () => {
    const { interrupts } = f.kernel;
    expect([interrupts.isIssued(IDENTITY), interrupts.componentOf(IDENTITY)]).toEqual([false, -1]);
    const handler = on.issueInterrupt(USER, f.irqControl(USER), IDENTITY) as Right;
    expect([interrupts.isIssued(IDENTITY), interrupts.componentOf(IDENTITY)]).toEqual([true, -1]);
    on.bindInterrupt(USER, handler, TOKEN);
    expect([interrupts.componentOf(IDENTITY), interrupts.tokenOf(IDENTITY)]).toEqual([USER, TOKEN]);
  });
  it('is the last that was bound, whoever holds the handler', () => {
    const handler = handlerOf(USER);
    const theirs = f.kernel.spaces.grant(f.slot(USER, handler), f.domainOf(NATIVE)) as Right;
    expect(on.bindInterrupt(NATIVE, theirs, TOKEN)).toBe(0);
    f.interrupt(IDENTITY);
    expect([f.told(USER), f.told(NATIVE)]).toEqual([0, 1 << TOKEN]);
  });
  it('is nobody once the component has ended; what it held goes when it is started again', () => {
    const child = f.thread(USER, CHILD);
    on.startDomain(USER, child);
    const control = f.irqControl(USER);
    const handler = on.issueInterrupt(USER, control, IDENTITY) as Right;
    const theirs = f.kernel.spaces.grant(f.slot(USER, handler), f.domainOf(CHILD)) as Right;
    expect(on.bindInterrupt(CHILD, theirs, TOKEN)).toBe(0);
    on.endDomain(USER, child);
    f.interrupt(IDENTITY);
    expect([f.kernel.panic, f.enabled.has(IDENTITY)]).toEqual([null, false]);
    on.startDomain(USER, child);
    f.told(CHILD);
    expect(f.kernel.interrupts.componentOf(IDENTITY)).toBe(-1);
    on.delete(USER, handler);
    expect(f.kernel.interrupts.isIssued(IDENTITY)).toBe(false);
    expect(on.issueInterrupt(USER, control, IDENTITY)).toBeGreaterThan(0);
  });
  it('is a notification that no component has, when the handler’s capability names one: its word waits there', () => {
    handlerOf(USER);
    const { capabilities, spaces, kernelMemory } = f.kernel;
    const own = spaces.slotAt(f.domainOf(USER), spaces.make(f.domainOf(USER), objects.NOTIFICATION, 0, 1));
    const record = kernelMemory.interruptTableWord + IDENTITY * 16;
    capabilities.delete(record);
    expect(capabilities.mint(record, own, objects.WRITE, 0x50)).toBe(0);
    f.interrupt(IDENTITY);
    expect(f.told(USER)).toBe(0);
    const { notifications } = f.kernel.core.calls;
    notifications.wait(capabilities.wordOf(own), f.kernel.seats[CHILD]!.thread, false);
    expect(notifications.word).toBe(0x50);
  });
});

describe('the records', () => {
  it('may hold anything: the kernel goes on, or panics as for all broken memory', () => {
    let panics = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chance = new Chance(seed);
        const broken = new Fixture();
        const { kernelMemory, interrupts, memory, invocations } = broken.kernel;
        const from = kernelMemory.interruptTableWord;
        const control = broken.irqControl(USER);
        for (let identity = 1; identity <= IDENTITIES; identity++) {
          const handler = invocations.issueInterrupt(USER, control, identity) as Right;
          invocations.bindInterrupt(USER, handler, identity % 15);
        }
        const at = from + (1 + chance.below(IDENTITIES)) * 16 + chance.below(10);
        memory.words[at] = chance.below(2) === 0 ? chance.next() : memory.words[at]! ^ (1 << chance.below(32));
        try {
          for (let identity = 1; identity <= IDENTITIES; identity++) {
            broken.interrupt(identity);
            expect(interrupts.componentOf(identity)).toBeLessThan(3);
            expect(interrupts.tokenOf(identity)).toBeLessThan(32);
          }
        } catch (error) {
          if (!(error instanceof Panic)) throw error;
          panics++;
        }
      }),
      { numRuns: RUNS * EFFORT },
    );
    expect(panics).toBeLessThan((RUNS * EFFORT) / 2);
  });
});
