import { errors, objects } from '@bulkhead/capabilities';
import { blocking } from '@bulkhead/ipc';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootSlots, labels, systemCalls, tcbLayout } from '../src/index.ts';
import { stateOf } from './state.ts';
import { World } from './support.ts';

const [ILLEGAL, RANGE, TRUNCATED, INVALID_CAPABILITY] = [
  -errors.ILLEGAL_OPERATION,
  -errors.RANGE_ERROR,
  -errors.TRUNCATED_MESSAGE,
  -errors.INVALID_CAPABILITY,
];
const ALIGNMENT = -errors.ALIGNMENT_ERROR;
const GUARD = 24;
const SELF = bootSlots.TCB;

let w: World;
let [tcb, other, ep, ntfn, frame, weak, sc] = [0, 0, 0, 0, 0, 0, 0];
beforeEach(() => {
  w = new World({ boot: { devices: [{ page: 0x10000, sizeBits: 13 }] } });
  tcb = w.makeThread();
  other = w.make(objects.TCB);
  ep = w.make(objects.ENDPOINT);
  ntfn = w.make(objects.NOTIFICATION);
  frame = w.make(objects.FRAME, 12);
  weak = w.mint(ep, objects.READ | objects.WRITE, 1);
  sc = w.make(objects.SCHED_CONTEXT, 8);
});
const scheduler = () => w.kernel.scheduler;
const thread = () => w.thread(tcb);

describe('TCB invocations (seL4 reference manual 13.0.0 §10.3): which error wins, and that nothing changes', () => {
  const table: readonly [
    string,
    () => [number, number, (number | readonly [number, number])[], number[]],
    number,
    (number | null)?,
  ][] = [
    [
      'a label of another object is an illegal operation, before its length is looked at',
      () => [tcb, 1, [], []],
      ILLEGAL,
    ],
    ['a label that nobody has is an illegal operation', () => [tcb, labels.TCB_LAST, [], []], ILLEGAL],
    ['ReadRegisters: truncated before out of range', () => [tcb, labels.TCB_READ_REGISTERS, [0], []], TRUNCATED],
    [
      'ReadRegisters: the count is out of range before the thread is the caller',
      () => [SELF, labels.TCB_READ_REGISTERS, [0, 33], []],
      RANGE,
      32,
    ],
    ['ReadRegisters: a count of 0 is out of range', () => [tcb, labels.TCB_READ_REGISTERS, [0, 0], []], RANGE, 32],
    [
      'ReadRegisters: a count with a high lane is out of range',
      () => [tcb, labels.TCB_READ_REGISTERS, [0, [1, 1]], []],
      RANGE,
      32,
    ],
    ['ReadRegisters: not of the caller itself', () => [SELF, labels.TCB_READ_REGISTERS, [0, 1], []], ILLEGAL],
    [
      'WriteRegisters: fewer registers than it says are truncated, before the caller itself',
      () => [SELF, labels.TCB_WRITE_REGISTERS, [0, 2, 5], []],
      TRUNCATED,
    ],
    ['WriteRegisters: not of the caller itself', () => [SELF, labels.TCB_WRITE_REGISTERS, [0, 1, 5], []], ILLEGAL],
    ['CopyRegisters: truncated without a source', () => [tcb, labels.TCB_COPY_REGISTERS, [0], []], TRUNCATED],
    [
      'CopyRegisters: the source is no thread',
      () => [tcb, labels.TCB_COPY_REGISTERS, [0], [ep]],
      INVALID_CAPABILITY,
      1,
    ],
    [
      'Configure: truncated without three capabilities',
      () => [tcb, labels.TCB_CONFIGURE, [GUARD, 0, 0], [2, 3]],
      TRUNCATED,
    ],
    [
      'Configure: a buffer that is no frame, before it is misaligned',
      () => [tcb, labels.TCB_CONFIGURE, [GUARD, 0, 0x10], [2, 3, ep]],
      ILLEGAL,
    ],
    [
      'Configure: a misaligned buffer, before a CSpace that is none',
      () => [tcb, labels.TCB_CONFIGURE, [GUARD, 0, 0x10], [ep, 3, frame]],
      ALIGNMENT,
    ],
    ['Configure: a CSpace that is no CNode', () => [tcb, labels.TCB_CONFIGURE, [GUARD, 0, 0], [ep, 3, frame]], ILLEGAL],
    ['Configure: a guard that does not fit', () => [tcb, labels.TCB_CONFIGURE, [31, 0, 0], [2, 3, frame]], ILLEGAL],
    [
      'Configure: an address space that is none',
      () => [tcb, labels.TCB_CONFIGURE, [GUARD, 0, 0], [2, 2, frame]],
      ILLEGAL,
    ],
    ['SetIPCBuffer: nothing is no frame', () => [tcb, labels.TCB_SET_IPC_BUFFER, [0x4000_0000], [0]], ILLEGAL],
    ['SetIPCBuffer: misaligned', () => [tcb, labels.TCB_SET_IPC_BUFFER, [0x4000_0200], [frame]], ALIGNMENT],
    [
      'SetSpace: a CSpace that is none, before a fault endpoint that is none',
      () => [tcb, labels.TCB_SET_SPACE, [0, 0], [frame, ep, 3]],
      ILLEGAL,
    ],
    [
      'SetSpace: a fault endpoint without a right to call',
      () => [tcb, labels.TCB_SET_SPACE, [GUARD, 0], [weak, 2, 3]],
      INVALID_CAPABILITY,
      1,
    ],
    [
      'SetPriority: the authority is no thread, before its maximum',
      () => [tcb, labels.TCB_SET_PRIORITY, [1000], [ep]],
      INVALID_CAPABILITY,
      1,
    ],
    ['SetPriority: above the maximum of the authority', () => [tcb, labels.TCB_SET_PRIORITY, [101], [tcb]], RANGE, 100],
    [
      'SetPriority: a priority with a high lane is above all',
      () => [tcb, labels.TCB_SET_PRIORITY, [[1, 1]], [SELF]],
      RANGE,
      255,
    ],
    [
      'SetMCPriority: above the maximum of the authority',
      () => [tcb, labels.TCB_SET_MC_PRIORITY, [101], [tcb]],
      RANGE,
      100,
    ],
    [
      'SetSchedParams: the maximum is looked at before the context',
      () => [tcb, labels.TCB_SET_SCHED_PARAMS, [101, 0], [tcb, ep, weak]],
      RANGE,
      100,
    ],
    [
      'SetSchedParams: what is no context, before the fault endpoint',
      () => [tcb, labels.TCB_SET_SCHED_PARAMS, [1, 1], [SELF, ep, weak]],
      INVALID_CAPABILITY,
      2,
    ],
    [
      'SetSchedParams: the thread has a context already',
      () => [tcb, labels.TCB_SET_SCHED_PARAMS, [1, 1], [SELF, sc, weak]],
      ILLEGAL,
    ],
    [
      'SetSchedParams: the caller cannot give up its own',
      () => [SELF, labels.TCB_SET_SCHED_PARAMS, [1, 1], [SELF, 0, weak]],
      ILLEGAL,
    ],
    [
      'SetSchedParams: the fault endpoint last',
      () => [other, labels.TCB_SET_SCHED_PARAMS, [1, 1], [SELF, sc, weak]],
      INVALID_CAPABILITY,
      3,
    ],
    [
      'SetTimeoutEndpoint: no right to call',
      () => [tcb, labels.TCB_SET_TIMEOUT_ENDPOINT, [], [weak]],
      INVALID_CAPABILITY,
      1,
    ],
    ['SetTimeoutEndpoint: truncated', () => [tcb, labels.TCB_SET_TIMEOUT_ENDPOINT, [], []], TRUNCATED],
    ['BindNotification: what is no notification', () => [tcb, labels.TCB_BIND_NOTIFICATION, [], [ep]], ILLEGAL],
    ['UnbindNotification: not bound', () => [tcb, labels.TCB_UNBIND_NOTIFICATION, [], []], ILLEGAL],
    ['SetTLSBase: truncated', () => [tcb, labels.TCB_SET_TLS_BASE, [], []], TRUNCATED],
    ['SetFlags: truncated', () => [tcb, labels.TCB_SET_FLAGS, [0], []], TRUNCATED],
    [
      'SetBreakpoint: the number is out of range first',
      () => [tcb, labels.TCB_SET_BREAKPOINT, [4, 1, 9, 9, 9], []],
      RANGE,
      3,
    ],
    [
      'SetBreakpoint: type, then size, then access',
      () => [tcb, labels.TCB_SET_BREAKPOINT, [0, 1, 9, 9, 9], []],
      -errors.INVALID_ARGUMENT,
      null,
    ],
    ['SetBreakpoint: misaligned last', () => [tcb, labels.TCB_SET_BREAKPOINT, [0, 1, 1, 4, 1], []], ALIGNMENT],
    ['GetBreakpoint: out of range', () => [tcb, labels.TCB_GET_BREAKPOINT, [4], []], RANGE, 3],
  ];
  it.each(table)('%s', (_clause, message, error, detail) => {
    const [pointer, label, words, extras] = message();
    const before = stateOf(w);
    expect(w.invoke(pointer, label, words, extras)).toBe(error);
    expect(stateOf(w)).toEqual(before);
    if (error === RANGE) expect(w.answer(1)).toBe(detail);
    if (error === INVALID_CAPABILITY) expect(w.answer(0)).toBe(detail);
  });
});

describe('TCB invocations: what they do', () => {
  it('WriteRegisters writes in the order of the user context, and ReadRegisters reads it back', () => {
    w.must(tcb, labels.TCB_WRITE_REGISTERS, [0, 4, [7, 1], 8, [9, -1], 10]);
    w.must(tcb, labels.TCB_READ_REGISTERS, [0, 32]);
    expect([0, 1, 2, 3, 4, 31].map((i) => w.answer(i))).toEqual([7, 8, 9, 10, 0, 0]);
    expect(w.kernel.tcbs.high(thread(), tcbLayout.SP)).toBe(-1);
  });
  it('ReadRegisters suspends the thread when it is asked to', () => {
    w.must(tcb, labels.TCB_RESUME);
    expect(w.kernel.threads.state[thread()]).toBe(blocking.RUNNING);
    w.must(tcb, labels.TCB_READ_REGISTERS, [1, 1]);
    expect(w.kernel.threads.state[thread()]).toBe(blocking.INACTIVE);
  });
  it('CopyRegisters copies the frame, or the others', () => {
    w.must(tcb, labels.TCB_WRITE_REGISTERS, [0, 18, ...Array.from({ length: 18 }, (_, i) => i + 1)]);
    w.must(other, labels.TCB_COPY_REGISTERS, [4], [tcb]);
    expect([tcbLayout.PC, tcbLayout.A0].map((r) => w.kernel.tcbs.low(w.thread(other), r))).toEqual([1, 0]);
    w.must(other, labels.TCB_COPY_REGISTERS, [8], [tcb]);
    expect([tcbLayout.PC, tcbLayout.A0].map((r) => w.kernel.tcbs.low(w.thread(other), r))).toEqual([1, 17]);
  });
  it('a buffer that goes is the buffer of nobody', () => {
    const word = w.kernel.threads.buffer[thread()]!;
    expect(word).toBeGreaterThan(0);
    w.must(tcb, labels.TCB_SET_IPC_BUFFER, [0x4000_0400], [frame]);
    expect(w.kernel.threads.buffer[thread()]).toBe(w.kernel.capabilities.wordOf(w.slot(frame)) + 256);
    w.must(bootSlots.CNODE, 2, [frame, 32]);
    expect(w.kernel.threads.buffer[thread()]).toBe(0);
  });
  it('a frame that can be read is a buffer to send from; one that can be written, too, to receive in; address 0 is none', () => {
    const { threads, capabilities } = w.kernel;
    const word = capabilities.wordOf(w.slot(frame));
    for (const [rights, sends, receives] of [
      [objects.READ, word, 0],
      [objects.READ | objects.WRITE, word, word],
      [objects.WRITE, 0, 0],
    ] as const) {
      w.must(tcb, labels.TCB_SET_IPC_BUFFER, [0x4000_0000], [w.mint(frame, rights, 0)]);
      expect([threads.buffer[thread()], threads.inboxOf(thread())]).toEqual([sends, receives]);
    }
    w.must(tcb, labels.TCB_SET_IPC_BUFFER, [0], [ep]);
    expect(w.kernel.capabilities.typeOf(w.kernel.tcbs.wordOf(thread()) + tcbLayout.BUFFER_SLOT)).toBe(objects.NULL);
  });
  it('SetSchedParams sets maximum, priority, context and fault endpoint at once', () => {
    w.must(bootSlots.SCHED_CONTROL, labels.SCHED_CONTROL_CONFIGURE_FLAGS, [10, 20, 0, 0, 0], [sc]);
    w.must(other, labels.TCB_SET_SCHED_PARAMS, [50, 40], [SELF, sc, ep]);
    const number = w.thread(other);
    expect(scheduler().threads.priority[number]).toBe(40);
    expect(scheduler().threads.maximumControlled[number]).toBe(50);
    expect(scheduler().threads.context[number]).toBe(w.kernel.capabilities.wordOf(w.slot(sc)));
    const handler = w.kernel.tcbs.wordOf(number) + tcbLayout.FAULT_HANDLER_SLOT;
    expect(w.kernel.capabilities.isDerived(w.slot(ep), handler)).toBe(true);
  });
  it('a second BindNotification is illegal, and a new one after UnbindNotification is not', () => {
    w.must(tcb, labels.TCB_BIND_NOTIFICATION, [], [ntfn]);
    expect(w.invoke(tcb, labels.TCB_BIND_NOTIFICATION, [], [ntfn])).toBe(ILLEGAL);
    expect(w.invoke(other, labels.TCB_BIND_NOTIFICATION, [], [ntfn])).toBe(ILLEGAL);
    w.must(tcb, labels.TCB_UNBIND_NOTIFICATION);
    w.must(other, labels.TCB_BIND_NOTIFICATION, [], [ntfn]);
  });
  it('SetFlags answers with the flags, SetTLSBase writes tp', () => {
    w.must(tcb, labels.TCB_SET_FLAGS, [0, 0xff]);
    expect(w.answer(0)).toBe(1);
    w.must(tcb, labels.TCB_SET_FLAGS, [1, 0]);
    expect(w.answer(0)).toBe(0);
    w.must(tcb, labels.TCB_SET_TLS_BASE, [[0x1000, 2]]);
    expect(w.kernel.tcbs.low(thread(), tcbLayout.TP)).toBe(0x1000);
  });
  it('GetBreakpoint tells what SetBreakpoint set, and UnsetBreakpoint that it is off', () => {
    w.must(tcb, labels.TCB_SET_BREAKPOINT, [2, 0x1238, 1, 8, 2]);
    w.must(tcb, labels.TCB_GET_BREAKPOINT, [2]);
    expect([0, 1, 2, 3, 4].map((i) => w.answer(i))).toEqual([0x1238, 1, 8, 2, 1]);
    w.must(tcb, labels.TCB_UNSET_BREAKPOINT, [2]);
    w.must(tcb, labels.TCB_GET_BREAKPOINT, [2]);
    expect(w.answer(4)).toBe(0);
  });
  it('a thread that suspends itself goes on behind the call when it is resumed', () => {
    w.rest();
    expect(w.kernel.current).toBe(-1);
    w.wake();
    expect(w.kernel.current).toBe(w.info.thread);
    expect(w.kernel.tcbs.high(w.info.thread, tcbLayout.PC)).toBeGreaterThan(0);
    expect(w.kernel.tcbs.trapped[w.info.thread]).toBe(0);
  });
  it('a TCB that is deleted leaves nothing to the next thread in its place', () => {
    w.must(tcb, labels.TCB_BIND_NOTIFICATION, [], [ntfn]);
    w.must(tcb, labels.TCB_RESUME);
    const number = thread();
    w.must(bootSlots.CNODE, 3, [tcb, 32]);
    const { threads } = w.kernel;
    const t = scheduler().threads;
    expect([threads.state[number], threads.bound[number], threads.buffer[number], threads.priority[number]]).toEqual([
      blocking.INACTIVE,
      0,
      0,
      0,
    ]);
    expect([t.state[number], t.context[number], t.priority[number], t.maximumControlled[number]]).toEqual([0, 0, 0, 0]);
    expect(w.invoke(other, labels.TCB_BIND_NOTIFICATION, [], [ntfn])).toBe(0);
  });
  it('a CSpace whose root is held by the TCB alone is not replaced', () => {
    const cnode = w.make(objects.CNODE, 4);
    w.must(other, labels.TCB_CONFIGURE, [0, 0, 0], [cnode, 3, 0]);
    w.must(other, labels.TCB_CONFIGURE, [0, 0, 0], [cnode, 3, 0]);
    w.must(bootSlots.CNODE, 3, [cnode, 32]);
    expect(w.invoke(other, labels.TCB_CONFIGURE, [GUARD, 0, 0], [2, 3, 0])).toBe(ILLEGAL);
  });
  it('an empty slot is a capability that was not given: an extra one is none, an invoked one is invalid', () => {
    w.must(tcb, labels.TCB_SET_TIMEOUT_ENDPOINT, [], [0]);
    expect(w.invoke(200, labels.TCB_RESUME)).toBe(INVALID_CAPABILITY);
    expect(w.answer(0)).toBe(0);
    w.kernel.systemCall(systemCalls.SEND, 200, 0, 0);
    expect(w.kernel.current).toBe(w.info.thread);
  });
});
