import { errors, objects } from '@bulkhead/capabilities';
import { blocking, message } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import { bootSlots, faults, labels, type Program, tcbLayout } from '../src/index.ts';
import { World } from './support.ts';

interface Told {
  readonly label: number;
  readonly badge: number;
  readonly words: number[];
}
type Answer = (told: Told, t: Parameters<Program>[0]) => number;

/** A handler that writes down what it is told, and a program that faults. */
interface Supervised {
  readonly w: World;
  readonly told: Told[];
  readonly tcb: number;
  readonly thread: number;
  readonly ntfn: number;
}
function supervised(faulty: Program, answer: Answer = () => 0, faultRights: number = objects.ALL_RIGHTS): Supervised {
  const told: Told[] = [];
  let [ep, reply] = [0, 0];
  const handler: Program = function* (t) {
    yield t.receive(ep, reply);
    for (;;) {
      const entry = { label: t.label, badge: t.badge, words: Array.from({ length: t.length }, (_, i) => t.word(i)) };
      told.push(entry);
      yield t.replyReceive(ep, answer(entry, t), reply);
    }
  };
  const w = new World({ programs: [undefined, handler, faulty] });
  ep = w.make(objects.ENDPOINT);
  reply = w.make(objects.REPLY);
  w.makeThread({ program: 1, priority: 120 });
  const badged = w.mint(ep, faultRights, 5);
  let tcb = 0;
  tcb = w.makeThread({ program: 2, priority: 100, faultEndpoint: faultRights === objects.ALL_RIGHTS ? badged : 0 });
  const thread = w.thread(tcb);
  w.kernel.tcbs.set(thread, tcbLayout.SP, 0x7700, 0);
  return { w, told, tcb, thread, ntfn: w.make(objects.NOTIFICATION) };
}
const stateOf = ({ w, thread }: { w: World; thread: number }): number => w.kernel.threads.state[thread]!;

describe('faults (seL4 reference manual 13.0.0 §6.2)', () => {
  it('CapFault: to receive from an empty slot; IP, pointer, phase, and what is missing', () => {
    const s = supervised(function* (t) {
      yield t.receive(201);
    });
    s.w.rest();
    s.w.step(50);
    expect(s.told[0]).toEqual({
      label: faults.CAP_FAULT,
      badge: 5,
      words: [2, 201, 1, errors.MISSING_CAPABILITY, 0],
    });
  });
  it('CapFault: to send where no path leads; a guard in the way is told with its bits', () => {
    const s = supervised(function* (t) {
      yield t.send(0x4000_0001);
    });
    s.w.rest();
    s.w.step(50);
    expect(s.told[0]!.words).toEqual([2, 0x4000_0001, 0, errors.GUARD_MISMATCH, 32, 0, 24]);
  });
  it('a thread whose CapFault is answered makes its system call again', () => {
    const s = supervised(
      function* (t) {
        yield t.wait(201);
        expect(t.badge).toBe(8);
        yield t.wait(s.ntfn);
      },
      () => {
        if (s.told.length === 3) s.w.kernel.capabilities.copy(s.w.slot(201), s.w.slot(s.ntfn), objects.ALL_RIGHTS);
        return 0;
      },
    );
    s.w.rest();
    s.w.step(100);
    expect(s.told.length).toBe(3);
    expect(stateOf(s)).toBe(blocking.BLOCKED_ON_NOTIFICATION);
    s.w.kernel.signal(s.w.kernel.capabilities.wordOf(s.w.slot(s.ntfn)), 8);
    s.w.step(10);
    expect(s.w.kernel.tcbs.high(s.thread, tcbLayout.PC)).toBe(1);
  });
  it('UnknownSyscall: the registers, and those of the answer are written back; the next step goes on', () => {
    let after = 0;
    const s = supervised(
      function* (t) {
        yield t.systemCall(77, 31, 32, 33);
        after = t.word(1);
        yield t.wait(0);
      },
      (told, t) => {
        if (told.label !== faults.UNKNOWN_SYSCALL) return 0;
        t.setWord(0, told.words[0]!, 1);
        t.setWord(6, 4242);
        return message.messageTag(0, 0, 0, 10);
      },
    );
    s.w.rest();
    s.w.step(50);
    expect(s.told[0]!.label).toBe(faults.UNKNOWN_SYSCALL);
    expect(s.told[0]!.words).toEqual([2, 0x7700, 0, 31, 0, 0, 0, 0, 0, 32, 77]);
    expect(after).toBe(4242);
  });
  it('UserException: IP, SP, number, code; the answer may move IP and SP', () => {
    const s = supervised(
      function* (t) {
        yield t.fault(13, 9);
      },
      (_told, t) => {
        t.setWord(0, 2, 1);
        t.setWord(1, 0x8800);
        return message.messageTag(0, 0, 0, 2);
      },
    );
    s.w.rest();
    s.w.step(50);
    expect(s.told).toEqual([{ label: faults.USER_EXCEPTION, badge: 5, words: [2, 0x7700, 13, 9] }]);
    expect(s.w.kernel.tcbs.low(s.thread, tcbLayout.SP)).toBe(0x8800);
  });
  it('an answer with another label than 0 ends the thread', () => {
    const s = supervised(
      function* (t) {
        yield t.fault(13, 9);
      },
      () => message.messageTag(1, 0, 0, 0),
    );
    s.w.rest();
    s.w.step(50);
    expect(stateOf(s)).toBe(blocking.INACTIVE);
    expect(s.w.kernel.scheduler.threads.state[s.thread]).toBe(0);
  });
  it('VMFault: IP, address, whether it was a fetch, FSR; DebugException: IP, reason, address, breakpoint', () => {
    const s = supervised(function* (t) {
      yield t.spend(1000);
    });
    s.w.rest();
    s.w.step(20);
    expect(s.w.kernel.current).toBe(s.thread);
    s.w.kernel.vmFault(0x5000, 1, true, 12);
    s.w.step(20);
    s.w.kernel.debugException(3, 0x600, 0, 2);
    s.w.step(20);
    expect(s.told.map(({ label, words }) => [label, words])).toEqual([
      [faults.VM_FAULT, [2, 0x5000, 1, 12]],
      [faults.DEBUG_EXCEPTION, [2, 3, 0x600, 2]],
    ]);
  });
  it('without a handler, a thread that faults is inactive for ever', () => {
    const s = supervised(
      function* (t) {
        yield t.fault(2);
      },
      () => 0,
      objects.WRITE,
    );
    s.w.rest();
    s.w.step(50);
    expect(stateOf(s)).toBe(blocking.INACTIVE);
    expect(s.told).toEqual([]);
  });
  it('a handler that is deleted while the thread waits for it leaves it inactive', () => {
    const w = new World({ programs: [undefined, undefined] });
    const ep = w.make(objects.ENDPOINT);
    const tcb = w.makeThread({ program: 1, faultEndpoint: ep });
    w.rest();
    w.step(20);
    expect(w.kernel.threads.state[w.thread(tcb)]).toBe(blocking.BLOCKED_ON_SEND);
    w.wake();
    w.must(bootSlots.CNODE, 2, [ep, 32]);
    w.must(bootSlots.CNODE, 3, [ep, 32]);
    expect(w.kernel.threads.state[w.thread(tcb)]).toBe(blocking.INACTIVE);
    w.must(tcb, labels.TCB_RESUME);
    expect(w.kernel.threads.state[w.thread(tcb)]).toBe(blocking.RUNNING);
  });
  it('a program that throws is a user exception of its thread', () => {
    const s = supervised(function* (t) {
      yield t.spend(3);
      throw new Error('a mistake');
    });
    s.w.rest();
    s.w.step(50);
    expect(s.told[0]).toEqual({
      label: faults.USER_EXCEPTION,
      badge: 5,
      words: [2, 0x7700, faults.ILLEGAL_INSTRUCTION, 0],
    });
    expect(s.w.kernel.corrupted).toBe(false);
  });
});
