import { objects } from '@bulkhead/capabilities';
import { blocking, message } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import { bootSlots, labels, type Program, type ThreadContext, tcbLayout } from '../src/index.ts';
import { World } from './support.ts';

describe('programs as threads', () => {
  it('a client and a passive server exchange messages, by the fast path and without it alike', () => {
    const traces = [true, false].map((fastPath) => {
      const trace: unknown[] = [];
      let [ep, badged, reply] = [0, 0, 0];
      const server: Program = function* (t) {
        yield t.receive(ep, reply);
        for (;;) {
          trace.push(['server', t.badge, t.word(0), t.now]);
          t.setWord(0, t.word(0) * 2);
          yield t.spend(5);
          yield t.replyReceive(ep, message.messageTag(0, 0, 0, 1), reply);
        }
      };
      const client: Program = function* (t) {
        for (let i = 1; i <= 3; i++) {
          t.setWord(0, i);
          yield t.call(badged, message.messageTag(7, 0, 0, 1));
          trace.push(['client', t.word(0), t.now]);
        }
      };
      const w = new World({ programs: [undefined, server, client], kernel: { fastPath } });
      ep = w.make(objects.ENDPOINT);
      reply = w.make(objects.REPLY);
      badged = w.mint(ep, objects.ALL_RIGHTS, 42);
      const passive = w.makeThread({ program: 1, priority: 110, budget: 10 });
      w.rest();
      w.step(100);
      w.wake();
      w.makePassive(passive);
      w.makeThread({ program: 2, priority: 100 });
      w.rest();
      w.step(1000);
      expect(w.kernel.calls.misses.of('taken') > 0).toBe(fastPath);
      return trace;
    });
    expect(traces[0]).toEqual(traces[1]);
    expect(traces[0]!.length).toBe(6);
    expect(traces[0]![1]).toEqual(['client', 2, expect.any(Number)]);
  });

  it('a long message, an unwrapped capability and one for the receive slot arrive', () => {
    let [ep, badged, reply, ntfn] = [0, 0, 0, 0];
    const seen: unknown[] = [];
    const receiver: Program = function* (t) {
      t.receiveSlot(bootSlots.CNODE, 200, 32);
      yield t.receive(ep, reply);
      seen.push(
        t.label,
        t.length,
        t.word(0),
        t.word(119),
        t.wordHigh(119),
        message.extraCapsOf(t.tag),
        t.unwrappedBadge(0),
      );
      yield t.send(200);
      yield t.replyReceive(ep, message.messageTag(9, 0, 0, 0), reply);
    };
    const sender: Program = function* (t) {
      t.setWord(0, 1);
      t.setWord(119, 120, -1);
      t.setWord(500, 1);
      t.setCapability(0, badged);
      t.setCapability(1, ntfn);
      yield t.call(ep, message.messageTag(3, 0, 2, 120));
      seen.push(t.label);
    };
    const w = new World({ programs: [undefined, receiver, sender] });
    ep = w.make(objects.ENDPOINT);
    reply = w.make(objects.REPLY);
    ntfn = w.make(objects.NOTIFICATION);
    badged = w.mint(ep, objects.ALL_RIGHTS, 77);
    w.makeThread({ program: 1, priority: 110 });
    w.makeThread({ program: 2 });
    w.rest();
    w.step(100);
    expect(seen).toEqual([3, 120, 1, 120, -1, 2, 77, 9]);
    expect(w.kernel.capabilities.isDerived(w.slot(ntfn), w.slot(200))).toBe(true);
  });

  it('a thread goes on where it was when it is resumed, and begins a program when its pc names it', () => {
    const log: string[] = [];
    const counter = (name: string): Program =>
      function* (t) {
        for (let i = 0; ; i++) {
          log.push(`${name}${i}`);
          yield t.spend(10);
        }
      };
    const w = new World({ programs: [undefined, counter('a'), counter('b')] });
    const tcb = w.makeThread({ program: 1 });
    w.rest();
    w.step(25);
    w.wake();
    w.must(tcb, labels.TCB_SUSPEND);
    w.must(tcb, labels.TCB_RESUME);
    w.rest();
    w.step(10);
    expect(log).toEqual(['a0', 'a1', 'a2', 'a3']);
    w.wake();
    w.must(tcb, labels.TCB_WRITE_REGISTERS, [0, 1, [2, 0]]);
    w.rest();
    w.step(15);
    expect(log.slice(4)).toEqual(['b0', 'b1']);
  });

  it('a pc that is nowhere is a fault, and a program that ends stops its thread', () => {
    const done: Program = function* (t) {
      yield t.spend(1);
    };
    const w = new World({ programs: [undefined, done] });
    const first = w.makeThread({ program: 1 });
    const second = w.makeThread();
    const third = w.makeThread();
    w.start(second, 7);
    w.must(third, labels.TCB_WRITE_REGISTERS, [1, 1, [1, 5]]);
    w.rest();
    w.step(50);
    for (const tcb of [first, second, third]) expect(w.kernel.threads.state[w.thread(tcb)]).toBe(blocking.INACTIVE);
    expect(w.kernel.current).toBe(-1);
  });

  it('a call that is restarted is made with what the registers hold then', () => {
    let [first, second] = [0, 0];
    const badges: number[] = [];
    const waiter: Program = function* (t) {
      yield t.wait(first);
      badges.push(t.badge);
    };
    const w = new World({ programs: [undefined, waiter] });
    first = w.make(objects.NOTIFICATION);
    second = w.make(objects.NOTIFICATION);
    const tcb = w.makeThread({ program: 1 });
    w.rest();
    w.step(10);
    w.wake();
    w.must(tcb, labels.TCB_SUSPEND);
    w.kernel.tcbs.set(w.thread(tcb), tcbLayout.A0, second, 0);
    w.must(tcb, labels.TCB_RESUME);
    w.rest();
    w.step(10);
    w.kernel.signal(w.kernel.capabilities.wordOf(w.slot(first)), 1);
    w.kernel.signal(w.kernel.capabilities.wordOf(w.slot(second)), 2);
    w.step(10);
    expect(badges).toEqual([2]);
  });

  it('whatever a program asks with, the kernel does not throw: what is no number is a fault of its own', () => {
    const throwing = {
      valueOf: (): number => {
        throw new Error('no number');
      },
    };
    const odd = [
      1n,
      2n ** 70n,
      Symbol('x'),
      throwing,
      {},
      null,
      undefined,
      '7',
      NaN,
      Infinity,
      -Infinity,
      -1,
      1.5,
      2 ** 40,
    ];
    const anything: readonly ((t: ThreadContext, a: number, b: number) => number)[] = [
      (t, a) => t.spend(a),
      (t, a, b) => t.call(a, b),
      (t, a, b) => t.nbSendReceive(a, 0, b, a),
      (t, a, b) => t.systemCall(a, b, a, b),
      (t, a, b) => t.fault(a, b),
      (_t, a) => a,
      (t, a) => {
        let reads = 0;
        Object.defineProperty(t, 'pointer', { get: () => (reads++ === 0 ? 1 : a), set: () => {} });
        return t.call(1);
      },
    ];
    for (const [i, ask] of anything.entries())
      for (const a of odd as number[])
        for (const b of odd as number[]) {
          let others = 0;
          const asking: Program = function* (t) {
            yield ask(t, a, b);
          };
          const other: Program = function* (t) {
            for (;;) {
              others++;
              yield t.spend(10);
            }
          };
          const w = new World({ programs: [undefined, asking, other] });
          const tcb = w.makeThread({ program: 1, priority: 110, budget: 50, period: 100 });
          w.makeThread({ program: 2 });
          w.rest();
          expect(() => w.step(300), `${i} with ${String(a)}, ${String(b)}`).not.toThrow();
          expect(others).toBeGreaterThan(5);
          if (i === 0 && a === odd[2]) expect(w.kernel.threads.state[w.thread(tcb)]).toBe(blocking.INACTIVE);
        }
  });
});
