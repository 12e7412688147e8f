/**
 * Ann, Bob and Cid, each with a capability space, an untyped and a message buffer of their own, a few objects that they
 * share with different rights, and Root, who made them. What they do is told to a kernel and to the model.
 */
import { labels as spaceLabels } from '@bulkhead/address-space';
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import { labels as ioLabels } from '@bulkhead/io-spaces';
import { message } from '@bulkhead/ipc';
import { bootSlots, labels, systemCalls } from '../../src/index.ts';
import type { World } from '../support.ts';
import { Machine } from './machine.ts';
import type { SystemCall } from './model/things.ts';

export const NODE_RADIX = 5;
export const NAMES: readonly string[] = ['Root', 'Ann', 'Bob', 'Cid'];
/** Where an actor's first capabilities are. */
export const [SELF, TCB, MEMORY, DESK, HATCH, REPLY, BELL, PAPER, SPACE, PUPIL] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
] as const;
/** And with hardware: an address space, an ASID pool, an interrupt's handler, an IO space, a control, a device's memory. */
export const [ROOM, POOL, HANDLER, PORT, CONTROL, DEVICE, FIRST_FREE] = [11, 12, 13, 14, 15, 16, 17] as const;
/** Of the handler and of the IO space. */
export const [IDENTITY, DEVICE_NUMBER, DOMAIN] = [3, 7, 1] as const;
const { WRITE, READ, GRANT, GRANT_REPLY, ALL_RIGHTS } = objects;
const GUARD = 32 - NODE_RADIX;

/** Rights and badges of what the three share: at the desk, at the hatch, of the bell. */
const SHARES = [
  [
    [ALL_RIGHTS, 0],
    [WRITE, 3],
    [READ | WRITE, 0],
  ],
  [
    [WRITE | GRANT, 7],
    [READ | WRITE | GRANT, 0],
    [WRITE, 1],
  ],
  [
    [READ | WRITE | GRANT_REPLY, 9],
    [ALL_RIGHTS, 5],
    [READ, 0],
  ],
] as const;

export interface CastOptions {
  /** How many of the three there are. */
  readonly count?: number;
  readonly pages?: number;
  readonly untypedBits?: number;
  /** Whether they have something to do with it. */
  readonly hardware?: boolean;
  /** Slots that a deletion looks at before it asks whether it must stop. */
  readonly workUnits?: number;
}

/** The kernel's side. */
export class Cast {
  readonly machine: Machine;
  readonly w: World;
  /** Threads by name. */
  readonly threads: number[];
  /** Where Root keeps the first capability to what others have copies of. */
  readonly originals = { frame: 0, room: 0, handler: 0, port: 0 };

  constructor({ count = 3, pages = 64, untypedBits = 13, hardware = false, workUnits = 100 }: CastOptions = {}) {
    this.machine = new Machine({ pages, boot: { cnodeRadix: 7, priority: 100 }, kernel: { workUnits } });
    const { w } = this.machine;
    this.w = w;
    const shared = [objects.ENDPOINT, objects.ENDPOINT, objects.NOTIFICATION].map((type) => w.make(type));
    const nodes: number[] = [];
    const tcbs: number[] = [];
    for (let i = 0; i < count; i++) nodes.push(w.make(objects.CNODE, NODE_RADIX));
    for (let i = 0; i < count; i++) tcbs.push(this.#furnish(nodes[i]!, shared, SHARES[i]!, untypedBits));
    if (hardware) this.#giveHardware(nodes);
    tcbs.forEach((tcb, i) => {
      this.#give(nodes[i]!, PUPIL, tcbs[(i + 1) % count]!, ALL_RIGHTS, 0);
      w.must(tcb, labels.TCB_RESUME);
    });
    w.must(tcbs.at(-1)!, labels.TCB_SET_SPACE, [GUARD, 0], [shared[0]!, nodes.at(-1)!, bootSlots.VSPACE]);
    this.threads = [w.info.thread, ...tcbs.map((tcb) => w.thread(tcb))];
  }
  #furnish(
    node: number,
    shared: readonly number[],
    shares: readonly (readonly [number, number])[],
    bits: number,
  ): number {
    const { w } = this;
    const tcb = w.make(objects.TCB);
    const frame = w.make(objects.FRAME, 12);
    this.originals.frame = frame;
    const sc = w.make(objects.SCHED_CONTEXT, 8);
    w.must(tcb, labels.TCB_CONFIGURE, [GUARD, 0, 0x4000_0000], [node, bootSlots.VSPACE, frame]);
    w.must(bootSlots.SCHED_CONTROL, labels.SCHED_CONTROL_CONFIGURE_FLAGS, [1000, 1000, 0, 0, 0], [sc]);
    w.must(tcb, labels.TCB_SET_SCHED_PARAMS, [100, 100], [bootSlots.TCB, sc, 0]);
    this.#give(node, SELF, node, ALL_RIGHTS, GUARD);
    this.#give(node, TCB, tcb, ALL_RIGHTS, 0);
    this.#give(node, MEMORY, w.make(objects.UNTYPED, bits), ALL_RIGHTS, 0);
    for (const [i, [rights, badge]] of shares.entries())
      this.#give(node, [DESK, HATCH, BELL][i]!, shared[i]!, rights, badge);
    this.#give(node, REPLY, w.make(objects.REPLY), ALL_RIGHTS, 0);
    this.#give(node, PAPER, frame, ALL_RIGHTS, 0);
    this.#give(node, SPACE, bootSlots.VSPACE, ALL_RIGHTS, 0);
    return tcb;
  }
  /** Two address spaces, an interrupt's handler and an IO space; and who may make more of them. */
  #giveHardware([ann, bob, cid]: readonly number[]): void {
    const [room, attic] = [this.#makeRoom(), this.#makeRoom()];
    const [handler, port] = [this.#makeHandler(), this.#makePort()];
    Object.assign(this.originals, { room, handler, port });
    for (const [node, index, from] of [
      [ann, ROOM, room],
      [bob, ROOM, room],
      [cid, ROOM, attic],
      [ann, POOL, bootSlots.ASID_POOL],
      [cid, POOL, bootSlots.ASID_POOL],
      [ann, HANDLER, handler],
      [bob, HANDLER, handler],
      [bob, PORT, port],
      [cid, PORT, port],
      [cid, CONTROL, bootSlots.ASID_CONTROL],
    ] as const)
      if (node !== undefined) this.#give(node, index, from, ALL_RIGHTS, 0);
    this.#move(ann!, CONTROL, bootSlots.IRQ_CONTROL);
    this.#move(bob!, CONTROL, bootSlots.IO_SPACE);
    this.#move(cid ?? ann!, DEVICE, this.w.info.untyped.start);
  }
  #makeRoom(): number {
    const { w } = this;
    const root = w.make(objects.PAGE_TABLE);
    w.must(bootSlots.ASID_POOL, spaceLabels.ASID_POOL_ASSIGN, [], [root]);
    for (let level = 1; level >= 0; level--)
      w.must(w.make(objects.PAGE_TABLE), spaceLabels.PAGE_TABLE_MAP, [0, 0], [root]);
    return root;
  }
  #makeHandler(): number {
    const slot = this.w.nextSlot();
    this.w.must(bootSlots.IRQ_CONTROL, irqLabels.IRQ_CONTROL_GET, [IDENTITY, slot, 32], [bootSlots.CNODE]);
    return slot;
  }
  #makePort(): number {
    const { w } = this;
    const slot = w.nextSlot();
    const words = [DEVICE_NUMBER, DOMAIN, slot, 32];
    w.must(bootSlots.IO_SPACE, ioLabels.IO_SPACE_CONTROL_ISSUE, words, [bootSlots.CNODE]);
    for (let level = 2; level >= 0; level--)
      w.must(w.make(objects.IO_PAGE_TABLE), ioLabels.IO_PAGE_TABLE_MAP, [0], [slot]);
    return slot;
  }
  #give(node: number, index: number, from: number, rights: number, data: number): void {
    this.w.must(node, slotLabels.CNODE_MINT, [index, NODE_RADIX, from, 32, rights, data], [bootSlots.CNODE]);
  }
  #move(node: number, index: number, from: number): void {
    this.w.must(node, slotLabels.CNODE_MOVE, [index, NODE_RADIX, from, 32], [bootSlots.CNODE]);
  }

  get current(): number {
    return this.w.kernel.current;
  }
  /** Whoever runs lets the next of its priority run. */
  pass(): void {
    this.w.kernel.systemCall(systemCalls.YIELD, 0, 0, 0);
  }
  /** A thread goes on by a hand from outside. */
  wake(thread: number): void {
    this.w.kernel.control.resume(thread);
    this.w.kernel.reschedule();
  }
  /** By whoever runs. */
  perform(call: SystemCall): void {
    const { kernel } = this.w;
    const { threads } = kernel;
    const t = kernel.current;
    const buffer = threads.buffer[t]!;
    const { words = [], extras = [], receive, label = 0 } = call;
    words.forEach((word, i) => {
      if (i >= 4 && buffer === 0) return;
      const at = i < 4 ? t * 8 + i * 2 : buffer + message.BUFFER_MESSAGE + i * 2;
      const target = i < 4 ? threads.registers : threads.words;
      target[at] = word;
      target[at + 1] = 0;
    });
    if (buffer !== 0) {
      extras.forEach((pointer, i) => {
        threads.words[buffer + message.CAPS_OR_BADGES + i * 2] = pointer;
      });
      receive?.forEach((word, i) => {
        threads.words[buffer + message.RECEIVE_ROOT + i * 2] = word;
      });
    }
    threads.tag[t] = message.messageTag(label, 0, extras.length, words.length);
    kernel.systemCall(call.number, call.pointer, call.reply ?? 0, call.destination ?? 0);
  }
}
