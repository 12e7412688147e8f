import { errors, objects, labels as slotLabels } from '@bulkhead/capabilities';
import { blocking } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import { bootSlots, type Decoder, labels, type Program, systemCalls, tcbLayout } from '../src/index.ts';
import { World } from './support.ts';

describe('objects of other packages', () => {
  it('are invoked and finalised by the decoder of their type and label', () => {
    const seen: unknown[] = [];
    const decoder = (name: string, first: number): Decoder => ({
      types: [objects.FRAME],
      labels: [first, first + 3],
      invoke: (slot, label, { low, extraCount, answer }) => {
        seen.push([name, slot, label, low[0], extraCount]);
        answer.low[0] = 77;
        answer.high[0] = 0;
        answer.length = 1;
        return label === first ? 0 : errors.REVOKE_FIRST;
      },
      finalise: (type, _object, slot, final) => seen.push([name, 'finalise', type, slot, final]),
    });
    const w = new World({ kernel: { decoders: [decoder('a', 56), decoder('b', 88)] } });
    const frame = w.make(objects.FRAME, 12);
    expect(w.invoke(frame, 88, [5], [bootSlots.VSPACE])).toBe(0);
    expect(w.answer(0)).toBe(77);
    expect(w.invoke(frame, 57, [6])).toBe(-errors.REVOKE_FIRST);
    expect(w.invoke(frame, 60, [6])).toBe(-errors.ILLEGAL_OPERATION);
    expect(w.invoke(bootSlots.IRQ_CONTROL, 48)).toBe(-errors.ILLEGAL_OPERATION);
    w.must(bootSlots.CNODE, slotLabels.CNODE_DELETE, [frame, 32]);
    const slot = w.slot(frame);
    expect(seen).toEqual([
      ['b', slot, 88, 5, 1],
      ['a', slot, 57, 6, 0],
      ['a', 'finalise', objects.FRAME, slot, true],
      ['b', 'finalise', objects.FRAME, slot, true],
    ]);
  });
});

describe('invocations of slots', () => {
  it('a badge, a guard and a depth of more than 32 bits are out of range; an index is cut to its depth', () => {
    const w = new World();
    const ep = w.make(objects.ENDPOINT);
    const mint = (words: (number | readonly [number, number])[]) =>
      w.invoke(bootSlots.CNODE, slotLabels.CNODE_MINT, words, [bootSlots.CNODE]);
    expect(mint([90, 32, ep, 32, 15, [1, 1]])).toBe(-errors.RANGE_ERROR);
    expect(mint([90, [32, 1], ep, 32, 15, 1])).toBe(-errors.RANGE_ERROR);
    expect(w.answer(1)).toBe(32);
    expect(mint([[90, 1], 32, ep, 32, [15, 1], 1])).toBe(0);
  });

  it('a revocation that is preempted stays at its trap, lets others run, and is made again until it is done', () => {
    let preempting = false;
    let [parent, progress] = [0, 0];
    const order: string[] = [];
    const revoker: Program = function* (t) {
      t.setWord(0, parent);
      t.setWord(1, 32);
      yield t.call(bootSlots.CNODE, (slotLabels.CNODE_REVOKE << 12) | 2);
      order.push(`revoked ${t.label}`);
    };
    const other: Program = function* (t) {
      for (let i = 0; i < 3; i++) {
        order.push('other');
        yield t.spend(1);
      }
      preempting = false;
      progress = w.kernel.capabilities.nextOf(w.slot(parent));
    };
    const w = new World({
      kernel: { workUnits: 1, preempt: () => preempting },
      programs: [undefined, revoker, other],
    });
    parent = w.make(objects.ENDPOINT);
    for (let i = 0; i < 20; i++) w.mint(parent, objects.ALL_RIGHTS, i + 1);
    w.makeThread({ program: 1, priority: 50, budget: 2 });
    w.makeThread({ program: 2, priority: 50, budget: 2 });
    preempting = true;
    w.rest();
    w.step(200);
    expect(order.at(-1)).toBe('revoked 0');
    expect(order.slice(0, 3)).toContain('other');
    expect(progress).not.toBe(0);
    expect(w.kernel.capabilities.isDerived(w.slot(parent), w.kernel.capabilities.nextOf(w.slot(parent)))).toBe(false);
  });

  it('a thread that deletes its own TCB is gone, and its place is free', () => {
    let tcb = 0;
    const suicide: Program = function* (t) {
      t.setWord(0, tcb);
      t.setWord(1, 32);
      yield t.call(bootSlots.CNODE, (slotLabels.CNODE_DELETE << 12) | 2);
      throw new Error('it runs on');
    };
    const w = new World({ programs: [undefined, suicide] });
    tcb = w.makeThread({ program: 1 });
    const thread = w.thread(tcb);
    w.rest();
    w.step(20);
    expect(w.kernel.capabilities.typeOf(w.slot(tcb))).toBe(objects.NULL);
    expect(w.kernel.current).toBe(-1);
    expect(w.kernel.scheduler.threads.context[thread]).toBe(0);
  });

  it('a queue that goes restarts its waiters, who find that out', () => {
    let ep = 0;
    const labelsSeen: number[] = [];
    const caller: Program = function* (t) {
      yield t.call(ep, 1 << 12);
      labelsSeen.push(t.label);
    };
    const w = new World({ programs: [undefined, caller] });
    ep = w.make(objects.ENDPOINT);
    w.makeThread({ program: 1 });
    w.rest();
    w.step(20);
    w.wake();
    w.must(bootSlots.CNODE, slotLabels.CNODE_DELETE, [ep, 32]);
    w.rest();
    w.step(20);
    expect(labelsSeen).toEqual([-errors.INVALID_CAPABILITY]);
  });

  it('CancelBadgedSends restarts the senders of one badge', () => {
    let badged = 0;
    const caller: Program = function* (t) {
      yield t.send(badged);
    };
    const w = new World({ programs: [undefined, caller] });
    const ep = w.make(objects.ENDPOINT);
    badged = w.mint(ep, objects.ALL_RIGHTS, 3);
    const tcb = w.makeThread({ program: 1 });
    w.rest();
    w.step(20);
    w.wake();
    w.must(bootSlots.CNODE, slotLabels.CNODE_CANCEL_BADGED_SENDS, [badged, 32]);
    expect(w.kernel.tcbs.trapped[w.thread(tcb)]).toBe(1);
    expect(w.kernel.scheduler.isQueued(w.thread(tcb))).toBe(true);
    w.must(bootSlots.CNODE, slotLabels.CNODE_DELETE, [badged, 32]);
    w.rest();
    w.step(20);
    expect(w.kernel.tcbs.high(w.thread(tcb), tcbLayout.PC)).toBe(1); // an error of Send is told to nobody
  });

  it('the first phase of ReplyRecv does not invoke threads', () => {
    const w = new World();
    const ep = w.make(objects.ENDPOINT);
    const reply = w.make(objects.REPLY);
    w.kernel.threads.tag[w.info.thread] = labels.TCB_SUSPEND << 12;
    w.kernel.systemCall(systemCalls.NB_SEND_RECEIVE, ep, reply, bootSlots.TCB);
    expect(w.kernel.threads.state[w.info.thread]).toBe(blocking.BLOCKED_ON_RECEIVE);
  });
});
