/** Steps that a user may take, run on the implementation and on the model side by side. */
import { objects } from '@bulkhead/capabilities';
import fc from 'fast-check';
import { labels } from '../src/index.ts';
import { ASID_CONTROL, DEVICE, DEVICE_PAGE, Machine, nameOf, POOL, UNTYPED, UNTYPED_PAGE } from './machine.ts';
import { readPage } from './reader.ts';
import { ShadowTlb } from './shadow-tlb.ts';
import { SpaceModel, type Thing } from './space-model.ts';

/** Neighbours at every level, the first and the last of user's pages, and the first of the kernel's. */
export const PROBES: readonly number[] = [0, 1, 2, 511, 512, 2 ** 18, 2 ** 18 + 512, 2 ** 26 - 1];
const ADDRESSES: readonly number[] = [...PROBES, 2 ** 26, -1];
const UNTYPEDS = [40, 41, 42, 43] as const;
const LARGE_FRAMES = [44, 45] as const;
const FREE_FROM = 50;
const FREE_TO = 74;

export const OPS = [
  'retypeFrame',
  'retypeTable',
  'copy',
  'move',
  'delete',
  'revoke',
  'mapTable',
  'unmapTable',
  'mapPage',
  'unmapPage',
  'makePool',
  'assign',
] as const;
export type Op = (typeof OPS)[number];
const WEIGHTS: Readonly<Record<Op, number>> = {
  retypeFrame: 3,
  retypeTable: 4,
  copy: 3,
  move: 1,
  delete: 4,
  revoke: 2,
  mapTable: 5,
  unmapTable: 2,
  mapPage: 8,
  unmapPage: 2,
  makePool: 1,
  assign: 3,
};
/** `a`, `b` choose capabilities among those that fit (`wild`: among all slots); `bits` are rights and execution. */
export const step = fc.record({
  op: fc.oneof(...OPS.map((op) => ({ weight: WEIGHTS[op], arbitrary: fc.constant(op) }))),
  a: fc.nat(31),
  b: fc.nat(31),
  wild: fc.nat(15).map((n) => n === 0),
  address: fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 2, arbitrary: fc.nat(ADDRESSES.length - 1) }),
  bits: fc.nat(7),
});
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

export interface StoryOptions {
  /** Whether the hart reads tables ahead, through a `satp` that is only reloaded between steps. */
  readonly looksAhead?: boolean;
  /** Fences that never arrive. */
  readonly swallows?: (op: Op, vpn: number, asid: number) => boolean;
  readonly met?: Set<string>;
}

export class Story {
  readonly #machine: Machine;
  readonly #model = new SpaceModel();
  readonly #tlb: ShadowTlb;
  readonly #looksAhead: boolean;
  #op: Op = 'retypeFrame';
  /** Answers that were met, by operation: a story is to say something. */
  readonly met: Set<string>;

  constructor({ looksAhead = false, swallows = () => false, met = new Set() }: StoryOptions = {}) {
    this.met = met;
    this.#looksAhead = looksAhead;
    this.#machine = new Machine({
      fence: {
        fence: (vpn, asid) => {
          if (!swallows(this.#op, vpn, asid)) this.#tlb.fence(vpn, asid);
          this.#tlb.lookAhead();
        },
      },
    });
    this.#tlb = new ShadowTlb(this.#machine.memory, PROBES);
    this.#prepare();
  }
  /** Four untypeds, two of them of a page; a large frame of each size; two address spaces with tables for page 0. */
  #prepare(): void {
    const machine = this.#machine;
    const model = this.#model;
    machine.make(objects.UNTYPED, 14, 40, UNTYPED, 2);
    machine.make(objects.UNTYPED, 12, 42, UNTYPED, 2);
    UNTYPEDS.forEach((slot, i) => {
      const page = UNTYPED_PAGE + [0, 4, 8, 9][i]!;
      model.install(slot, { kind: 'untyped', page, pages: i < 2 ? 4 : 1, used: 0 });
    });
    machine.make(objects.FRAME, 30, LARGE_FRAMES[0], DEVICE);
    machine.make(objects.FRAME, 21, LARGE_FRAMES[1], DEVICE);
    model.install(LARGE_FRAMES[0], { kind: 'frame', page: DEVICE_PAGE, level: 2, from: null });
    model.install(LARGE_FRAMES[1], { kind: 'frame', page: DEVICE_PAGE + 2 ** 18, level: 1, from: null });
    const pool: Thing = { kind: 'pool', from: null, roots: new Map() };
    model.install(POOL, pool);
    model.pools[0] = pool;
    const prelude: [Op, number, number][] = [
      ['retypeTable', 0, 0],
      ['retypeTable', 0, 1],
      ['retypeTable', 0, 2],
      ['retypeTable', 1, 3],
      ['retypeFrame', 1, 4],
      ['retypeFrame', 1, 5],
      ['assign', 0, 0],
      ['mapTable', 0, 0],
      ['mapTable', 0, 0],
    ];
    for (const [op, a, b] of prelude) this.take({ op, a, b, wild: false, address: 0, bits: 7 });
  }

  /** @returns what differs between implementation, model and what the hart remembers; '' when nothing does. */
  take(step: Step): string {
    this.#op = step.op;
    const [got, wanted] = this.#run(step);
    this.met.add(`${step.op} ${got}`);
    if (got !== wanted) return `${step.op} answers ${got}, not ${wanted}`;
    return this.#compare() || this.#findStale();
  }

  #slots(fits: (thing: Thing | undefined) => boolean): number[] {
    const all = [POOL, ...LARGE_FRAMES];
    for (let slot = FREE_FROM; slot < FREE_TO; slot++) all.push(slot);
    return all.filter((slot) => fits(this.#model.thingIn(slot)));
  }
  #choose(step: Step, which: number, fits: (thing: Thing | undefined) => boolean): number {
    const fitting = step.wild ? [] : this.#slots(fits);
    return fitting.length > 0 ? fitting[which % fitting.length]! : FREE_FROM + (which % (FREE_TO - FREE_FROM));
  }
  #free(step: Step): number {
    return this.#choose(step, step.b, (thing) => thing === undefined);
  }
  #anything(step: Step): number {
    return this.#choose(step, step.a, (thing) => thing !== undefined);
  }

  #run(step: Step): [got: string, wanted: string] {
    const { op, a, b } = step;
    switch (op) {
      case 'retypeFrame':
      case 'retypeTable':
        return this.#retype(UNTYPEDS[a % 4]!, op === 'retypeFrame' ? 'frame' : 'table', this.#free(step));
      case 'makePool': {
        const source = UNTYPEDS[2 + (a % 2)]!;
        const to = this.#free(step);
        const got = this.#machine.invoke(ASID_CONTROL, labels.ASID_CONTROL_MAKE_POOL, [to, 32], [source, -1]);
        return [nameOf(got), this.#model.makePool(source, to)];
      }
      case 'assign': {
        const pool = this.#choose(step, a, (thing) => thing?.kind === 'pool');
        const table = this.#choose(step, b, (thing) => thing?.kind === 'table' && thing.place === null);
        return [nameOf(this.#machine.assign(table, pool)), this.#model.assign(pool, table)];
      }
      case 'mapTable':
      case 'unmapTable':
        return this.#runOnTable(step);
      case 'mapPage':
      case 'unmapPage':
        return this.#runOnPage(step);
      default:
        return this.#runOnSlots(step);
    }
  }
  #retype(untyped: number, make: 'frame' | 'table', slot: number): [string, string] {
    const type = make === 'frame' ? objects.FRAME : objects.PAGE_TABLE;
    const got = this.#machine.make(type, make === 'frame' ? 12 : 0, slot, untyped);
    const model = this.#model.thingIn(untyped);
    return [nameOf(got), model?.kind === 'untyped' ? this.#model.retype(model, make, slot) : '?'];
  }
  #runOnTable(step: Step): [string, string] {
    const vpn = ADDRESSES[step.address]!;
    if (step.op === 'unmapTable') {
      const slot = this.#choose(step, step.a, (thing) => thing?.kind === 'table' && !this.#model.isLiveRoot(thing));
      return [nameOf(this.#machine.invoke(slot, labels.PAGE_TABLE_UNMAP)), this.#model.unmapTable(slot)];
    }
    const slot = this.#choose(step, step.a, (thing) => thing?.kind === 'table' && thing.place === null);
    const root = this.#choose(step, step.b, (thing) => this.#model.isLiveRoot(thing));
    return [nameOf(this.#machine.mapTable(slot, vpn * 4096, root)), this.#model.mapTable(slot, root, vpn)];
  }
  #runOnPage(step: Step): [string, string] {
    const slot = this.#choose(step, step.a, (thing) => thing?.kind === 'frame');
    if (step.op === 'unmapPage')
      return [nameOf(this.#machine.invoke(slot, labels.PAGE_UNMAP)), this.#model.unmapPage(slot)];
    const vpn = ADDRESSES[step.address]!;
    const root = this.#choose(step, step.b, (thing) => this.#model.isLiveRoot(thing));
    const [write, read, execute] = [1, 2, 4].map((bit) => (step.bits & bit) !== 0) as [boolean, boolean, boolean];
    const got = this.#machine.mapPage(slot, vpn * 4096, root, step.bits & 3, execute ? 0 : labels.EXECUTE_NEVER);
    return [nameOf(got), this.#model.mapPage(slot, root, vpn, read, write, execute)];
  }
  #runOnSlots(step: Step): [string, string] {
    const { capabilities } = this.#machine;
    const at = (slot: number): number => this.#machine.at(slot);
    const from = this.#anything(step);
    const isFixed = LARGE_FRAMES.some((slot) => slot === from);
    if (step.op === 'copy') {
      const to = this.#free(step);
      const got = capabilities.copy(at(to), at(from), step.bits & 3);
      return [nameOf(got), this.#model.copy(to, from, (step.bits & 2) !== 0, (step.bits & 1) !== 0)];
    }
    if (step.op === 'move' && !isFixed) {
      const to = this.#free(step);
      return [nameOf(capabilities.move(at(to), at(from))), this.#model.move(to, from)];
    }
    if (step.op === 'delete' && !isFixed) return [nameOf(capabilities.delete(at(from))), this.#model.delete(from)];
    const target = step.bits < 3 ? UNTYPEDS[step.a % 4]! : from;
    return [nameOf(capabilities.revoke(at(target))), this.#model.revoke(target)];
  }

  // ---------------------------------------------------------------- what must hold after each step

  #compare(): string {
    const { memory, spaces } = this.#machine;
    for (let slot = FREE_FROM; slot < FREE_TO; slot++) {
      const thing = this.#model.thingIn(slot);
      const isRoot = thing?.kind === 'table' && this.#model.isLiveRoot(thing);
      const wanted = isRoot ? `${thing.page} ${thing.place?.asid}` : '-1';
      const got = spaces.rootOf(this.#machine.at(slot));
      const gotAll = got < 0 ? '-1' : `${got} ${spaces.asidOf(this.#machine.at(slot))}`;
      if (gotAll !== wanted) return `rootOf ${slot} is ${gotAll}, not ${wanted}`;
    }
    for (const [asid, root] of this.#model.live()) {
      if (!this.#machine.hasUpperHalf(root.page)) return `the kernel is not in ${asid}`;
      for (const vpn of PROBES) {
        const found = readPage(memory, root.page, vpn);
        const got = found === null ? 'nothing' : `${found.ppn} ${found.level} ${found.flags}`;
        const there = this.#model.translate(root, vpn);
        const wanted = there === null ? 'nothing' : `${there.page} ${there.level} ${there.flags}`;
        if (got !== wanted) return `page ${vpn} of ${asid} is ${got}, not ${wanted}`;
      }
    }
    return '';
  }
  /** No live address space may be remembered otherwise than it is; one that is gone, not at all unless read ahead. */
  #findStale(): string {
    const tlb = this.#tlb;
    const live = this.#model.live();
    for (const [asid, { page }] of live) {
      const vpn = tlb.staleIn(asid, page);
      if (vpn >= 0) return `page ${vpn} of ASID ${asid} is stale`;
    }
    const dead = tlb.remembered().find((asid) => this.#model.rootOf(asid) === null);
    if (dead !== undefined && !this.#looksAhead) return `ASID ${dead} is gone and remembered`;
    for (const [asid, { page }] of live) tlb.fill(asid, page);
    const current = live.at(-1);
    tlb.satp = this.#looksAhead && current !== undefined ? { asid: current[0], root: current[1].page } : null;
    return '';
  }
}
