/** Threads of machine code have the same calls, faults, time and priorities as programs: the kernel sees registers only. */
import { objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import { faults, labels, systemCalls, tcbLayout } from '../src/index.ts';
import { add, addi, bne, ECALL, LittleHart, X } from './little-hart.ts';
import { World } from './support.ts';

const BASE_PAGE = 0x80000;
const ONE_WORD = message.messageTag(0, 0, 0, 1);

/** Kernel, memory, and code that threads begin at. */
class Machine {
  readonly world: World = new World({ kernel: { instruction: [4, 0] } });
  readonly hart: LittleHart = new LittleHart(this.world.kernel, BASE_PAGE);

  /** A thread that runs instructions. @returns the slot of its TCB */
  start(code: readonly number[], options: Parameters<World['makeThread']>[0] = {}): number {
    const { world } = this;
    const frame = world.make(objects.FRAME, 12);
    const word = world.kernel.capabilities.wordOf(world.slot(frame));
    world.words.set(code, word);
    const tcb = world.makeThread(options);
    const address = BASE_PAGE * 4096 + word * 4;
    world.must(tcb, labels.TCB_WRITE_REGISTERS, [1, 1, [address | 0, 0]]);
    return tcb;
  }
  register(tcb: number, register: number): number {
    const { kernel } = this.world;
    return kernel.tcbs.low(this.world.thread(tcb), register);
  }
}
/** A system call: number, capability, reply object, tag. */
const call = (number: number, pointer: number, reply: number, tag: number): number[] => [
  addi(X.a7, X.zero, number),
  addi(X.a0, X.zero, pointer),
  addi(X.a6, X.zero, reply),
  addi(X.a1, X.zero, tag),
  ECALL,
];
const S0 = 4;
const S1 = 5;
const spin = (): number[] => [addi(X.s1, X.s1, 1), bne(X.s1, X.zero, -1)];

describe('threads of machine code', () => {
  it('call and answer through registers, and a call that waited goes on behind its instruction', () => {
    const m = new Machine();
    const endpoint = m.world.make(objects.ENDPOINT);
    const reply = m.world.make(objects.REPLY);
    const client = m.start([
      addi(X.s0, X.zero, 5),
      add(X.a2, X.s0, X.zero),
      ...call(systemCalls.CALL, endpoint, 0, ONE_WORD),
      add(X.s0, X.a2, X.zero),
      ...spin(),
    ]);
    m.start(
      [
        ...call(systemCalls.RECEIVE, endpoint, reply, 0),
        add(X.a2, X.a2, X.a2),
        ...call(systemCalls.REPLY_RECEIVE, endpoint, reply, ONE_WORD),
        bne(X.a7, X.zero, -6),
      ],
      { priority: 90 },
    );
    m.world.rest();
    m.hart.run(60);
    expect(m.register(client, S0)).toBe(10);
    expect(m.register(client, S1)).toBeGreaterThan(0);
  });
  it('an instruction that there is not is a user exception, told to the handler with its pc', () => {
    const m = new Machine();
    const endpoint = m.world.make(objects.ENDPOINT);
    const reply = m.world.make(objects.REPLY);
    const handler = m.start(
      [
        ...call(systemCalls.RECEIVE, endpoint, reply, 0),
        add(X.s0, X.a1, X.zero),
        add(X.s1, X.a2, X.zero),
        bne(X.a7, X.zero, 0),
      ],
      { priority: 110 },
    );
    const broken = m.start([addi(X.s0, X.zero, 1), 0], { faultEndpoint: endpoint });
    m.world.rest();
    m.hart.run(40);
    expect(message.labelOf(m.register(handler, S0))).toBe(faults.USER_EXCEPTION);
    expect(m.register(handler, S1)).toBe(m.register(broken, tcbLayout.PC));
  });
  it('have their budget and no more, whatever they do; the rest is for others', () => {
    const m = new Machine();
    const greedy = m.start(spin(), { priority: 120, budget: 100, period: 1000 });
    const other = m.start(spin(), { priority: 50 });
    m.world.rest();
    m.hart.run(10_000);
    const cyclesOf = (tcb: number): number => m.register(tcb, S1) * 2;
    expect(cyclesOf(greedy)).toBeGreaterThan(950);
    expect(cyclesOf(greedy)).toBeLessThanOrEqual(1100);
    expect(cyclesOf(other)).toBeGreaterThan(8800);
  });
  it('of a higher priority go first, as long as they run', () => {
    const m = new Machine();
    const high = m.start(spin(), { priority: 60 });
    const low = m.start(spin(), { priority: 50 });
    m.world.rest();
    m.hart.run(300);
    expect(m.register(high, S1)).toBeGreaterThan(140);
    expect(m.register(low, S1)).toBe(0);
  });
});
