/** Interrupts of programs, by the book: control, handler and notification are what their domain's capability space holds. */
import { errors, objects } from '@bulkhead/capabilities';
import { labels } from '@bulkhead/interrupts';
import { message } from '@bulkhead/ipc';
import type { ThreadContext } from '@bulkhead/kernel-core';
import { component } from '@bulkhead/runtime';
import { describe, expect, it } from 'vitest';
import { assemble, type ProgramDescription, type System } from '../src/index.ts';

const IDENTITY = 77;
const BADGE = 0x50;
const DEPTH = 32;

const idle = component({
  name: 'idle',
  level: 20,
  uses: {},
  provides: {},
  footprint: { codePages: 1, dataPages: 1 },
  heapPages: 1,
  work: [],
  config: {},
  create: () => ({ handlers: {} }),
});

/** What the programs of a test hold, by its right. */
interface Held {
  control: number;
  root: number;
  handler: number;
  notification: number;
  original: number;
}
type Code = (held: Held) => ReturnType<ProgramDescription['code']>;

/** Programs in one domain, which holds the control of interrupts, a notification, and its own root. */
function system(programs: Readonly<Record<string, { readonly code: Code; readonly priority?: number }>>): System {
  const held: Held = { control: 0, root: 0, handler: 0, notification: 0, original: 0 };
  const made = assemble({
    name: 'program-interrupts',
    summary: 'programs that are interrupted',
    components: [idle],
    domains: { kernel: ['idle'], programs: [] },
    connections: [],
    authority: {},
    config: () => ({}),
    iommu: 'bare',
    supervised: [],
    programs: Object.fromEntries(
      Object.entries(programs).map(([name, { code, priority = 10 }]) => [
        name,
        { domain: 'programs', priority, budgetUs: 1000, periodUs: 1000, code: () => (t) => code(held)(t) },
      ]),
    ),
  });
  const { capabilities, domains, spaces } = made.kernel;
  const domain = domains.find(({ name }) => name === 'programs')!;
  held.control = spaces.freeSlots(domain, 1);
  capabilities.install(spaces.slotAt(domain, held.control), objects.IRQ_CONTROL, 0, 0);
  held.root = spaces.grant(domain.cnodeSlot, domain);
  held.original = spaces.make(domain, objects.NOTIFICATION, 0, 1);
  held.notification = spaces.grant(spaces.slotAt(domain, held.original), domain, 1, BADGE);
  held.handler = spaces.freeSlots(domain, 1);
  return made;
}
function raiseAt(made: System, ...us: number[]): void {
  const { clock, board } = made;
  for (const at of us)
    clock.set(
      clock.createAlarm(() => board.interruptFile.setPending(IDENTITY, true)),
      clock.cyclesOf(at * 1000),
    );
}
const runUntilUs = (made: System, us: number): void => void made.runUntil(made.clock.cyclesOf(us * 1000));

function get(t: ThreadContext, { control, handler, root }: Held): number {
  [IDENTITY, handler, DEPTH].forEach((word, index) => {
    t.setWord(index, word);
  });
  t.setCapability(0, root);
  return t.call(control, message.messageTag(labels.IRQ_CONTROL_GET, 0, 1, 3));
}
function setNotification(t: ThreadContext, { handler, notification }: Held): number {
  t.setCapability(0, notification);
  return t.call(handler, message.messageTag(labels.IRQ_HANDLER_SET_NOTIFICATION, 0, 1, 0));
}
const onHandler = (t: ThreadContext, { handler }: Held, label: number): number =>
  t.call(handler, message.messageTag(label, 0, 0, 0));

describe('a program that holds the control of interrupts (manual §8.1, §10 IRQControl, IRQHandler)', () => {
  it('gets a handler, once, and is told by its own notification’s badge', () => {
    const heard: number[] = [];
    const made = system({
      p: {
        code: (held) =>
          function* (t: ThreadContext) {
            yield get(t, held);
            heard.push(t.label);
            yield get(t, held);
            heard.push(t.label);
            yield setNotification(t, held);
            heard.push(t.label);
            yield t.wait(held.original);
            heard.push(t.badge);
          },
      },
    });
    raiseAt(made, 500);
    runUntilUs(made, 400);
    expect(heard).toEqual([0, -errors.REVOKE_FIRST, 0]);
    runUntilUs(made, 600);
    expect(heard.slice(3)).toEqual([BADGE]);
    expect(made.kernel.interrupts.componentOf(IDENTITY)).toBe(-1);
    expect([made.panic, made.ledger.totalCycles()]).toEqual([null, made.clock.now]);
  });
  it('is not told again before it acknowledges, and the message that came meanwhile is not lost', () => {
    const atUs: number[] = [];
    const unserved: boolean[][] = [];
    const made: System = system({
      p: {
        code: (held) =>
          function* (t: ThreadContext) {
            yield get(t, held);
            yield setNotification(t, held);
            for (;;) {
              yield t.wait(held.original);
              atUs.push(Math.floor(made.clock.nowNs / 1000));
              yield t.spend(made.clock.cyclesOf(300_000));
              unserved.push([interruptFile.isEnabled(IDENTITY), interruptFile.isPending(IDENTITY)]);
              yield onHandler(t, held, labels.IRQ_HANDLER_ACK);
            }
          },
      },
    });
    const { interruptFile } = made.board;
    raiseAt(made, 500, 600, 700);
    runUntilUs(made, 5000);
    expect(unserved).toEqual([
      [false, true],
      [false, false],
    ]);
    expect(atUs.length).toBe(2);
    expect(atUs[0]).toBeGreaterThanOrEqual(500);
    expect(atUs[0]).toBeLessThan(520);
    expect(atUs[1]).toBeGreaterThanOrEqual(atUs[0]! + 300);
    expect(interruptFile.isEnabled(IDENTITY)).toBe(true);
  });
  it('is told no more once it cleared the handler, or its notification is revoked', () => {
    const told = (end: (made: System, held: Held, t: ThreadContext) => number): number => {
      let count = 0;
      const made: System = system({
        p: {
          code: (held) =>
            function* (t: ThreadContext) {
              yield get(t, held);
              yield setNotification(t, held);
              for (;;) {
                yield t.wait(held.original);
                count++;
                yield onHandler(t, held, labels.IRQ_HANDLER_ACK);
                if (count === 2) yield end(made, held, t);
              }
            },
        },
      });
      raiseAt(made, 500, 1000, 1500, 2000);
      runUntilUs(made, 5000);
      expect(made.board.interruptFile.isEnabled(IDENTITY)).toBe(count > 2);
      return count;
    };
    const revoke = ({ kernel }: System, { original }: Held, t: ThreadContext): number => {
      const domain = kernel.domains.find(({ name }) => name === 'programs')!;
      kernel.capabilities.revoke(kernel.spaces.slotAt(domain, original));
      return t.yield();
    };
    expect(told((_made, _held, t) => t.yield())).toBe(4);
    expect(told((_made, held, t) => onHandler(t, held, labels.IRQ_HANDLER_CLEAR))).toBe(2);
    expect(told(revoke)).toBe(2);
  });
  it('is woken at once, though one of a lower priority never waits', () => {
    let woken = 0;
    const made = system({
      loops: {
        priority: 5,
        code: () =>
          function* (t: ThreadContext) {
            for (;;) yield t.spend(1_000_000);
          },
      },
      p: {
        code: (held) =>
          function* (t: ThreadContext) {
            yield get(t, held);
            yield setNotification(t, held);
            yield t.wait(held.original);
            woken = made.clock.nowNs;
          },
      },
    });
    raiseAt(made, 700);
    runUntilUs(made, 1000);
    expect(woken).toBeGreaterThan(700_000);
    expect(woken).toBeLessThan(720_000);
  });
});
