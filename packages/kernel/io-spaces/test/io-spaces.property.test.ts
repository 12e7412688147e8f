/**
 * Random sequences against the model: what each invocation answers, and what each device then reaches, while the
 * IOMMU holds on to everything that it was not told to drop.
 */
import { objects } from '@bulkhead/capabilities';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { FAULT, type Swallowed } from './iommu.ts';
import { Model } from './model.ts';
import { CONTROL, FIRST_PAGE, issue, mapFrame, mapTable, UNTYPED, type World, world } from './world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { FRAME, IO_PAGE_TABLE, IO_SPACE, READ, WRITE } = objects;
/** Untypeds of eight pages each, inside the boot's. */
const POOLS: readonly number[] = [40, 41];
const POOL_PAGES = 8;
const POOL_BITS = 15;
const SLOTS: readonly number[] = Array.from({ length: 22 }, (_, i) => 4 + i);
const DEVICES: readonly number[] = [0x18, 0x20];
/** Neighbours, another table of level 0, another of level 1. */
const IO_PAGES: readonly number[] = [3, 4, 0x204, 0x40003];

interface Pair {
  readonly w: World;
  readonly model: Model;
}
function pair(swallowed: Swallowed): Pair {
  const w = world({ swallowed });
  const model = new Model();
  expect(w.make(objects.UNTYPED, POOL_BITS, POOLS[0]!, 2)).toBe(0);
  model.boot(CONTROL, objects.IO_SPACE_CONTROL, 0);
  model.boot(UNTYPED, objects.UNTYPED, FIRST_PAGE);
  for (const [i, pool] of POOLS.entries()) {
    model.boot(pool, objects.UNTYPED, FIRST_PAGE + i * POOL_PAGES);
    model.slots.get(pool)!.parent = model.slots.get(UNTYPED);
  }
  return { w, model };
}

/** What any device reaches, the model says so; and whatever it reaches, a frame's capability says so. */
function checkReach({ w, model }: Pair, exactly: boolean): void {
  for (const device of DEVICES)
    for (const ioPage of IO_PAGES)
      for (const write of [false, true]) {
        const page = w.iommu.access(device, ioPage, write);
        if (exactly && page !== model.access(device, ioPage, write))
          expect.fail(`device ${device} reaches page ${page} by IO page ${ioPage}, which the model denies`);
        if (page !== FAULT && !isAllowed(w, device, ioPage, page, write))
          expect.fail(`device ${device} reaches page ${page} by IO page ${ioPage}, and no capability says so`);
      }
}
function isAllowed(
  { capabilities: c, at, spaces }: World,
  device: number,
  ioPage: number,
  page: number,
  write: boolean,
): boolean {
  return SLOTS.map(at).some(
    (slot) =>
      c.typeOf(slot) === FRAME &&
      c.pageOf(slot) === page &&
      c.isIoMapped(slot) &&
      c.mappedVpnOf(slot) === ioPage &&
      spaces.records.isOf(c.mappedAsidOf(slot), device) &&
      (!write || (c.rightsOf(slot) & WRITE) !== 0),
  );
}

interface Step {
  readonly op: keyof typeof OPERATIONS;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}
/** A slot that holds the type, if there is one. */
function holding(model: Model, type: number, choice: number): number {
  const fit = SLOTS.filter((slot) => model.slots.get(slot)?.type === type);
  return fit.length === 0 ? SLOTS[choice % SLOTS.length]! : fit[choice % fit.length]!;
}
function free(model: Model, choice: number): number {
  const fit = SLOTS.filter((slot) => !model.slots.has(slot));
  return fit.length === 0 ? SLOTS[choice % SLOTS.length]! : fit[choice % fit.length]!;
}
const one = <T>(all: readonly T[], choice: number): T => all[choice % all.length]!;

type Operation = (p: Pair, s: Step) => readonly [is: number, shouldBe: number];
const OPERATIONS = {
  frame: (p, s) => retype(p, s, FRAME),
  table: (p, s) => retype(p, s, IO_PAGE_TABLE),
  issue: ({ w, model }, { a, b, c }) => {
    const slot = c % 8 === 0 ? one(SLOTS, c) : free(model, c);
    const [device, domain] = [one(DEVICES, a), 1 + (b % 3)];
    return [issue(w, device, domain, slot), model.issue(CONTROL, device, domain, slot)];
  },
  mapTable: ({ w, model }, { a, b, c }) => {
    const [table, space, ioPage] = [holding(model, IO_PAGE_TABLE, a), holding(model, IO_SPACE, b), one(IO_PAGES, c)];
    return [mapTable(w, table, space, ioPage), model.mapTable(table, space, ioPage)];
  },
  mapFrame: ({ w, model }, { a, b, c }) => {
    const [frame, space, ioPage] = [holding(model, FRAME, a), holding(model, IO_SPACE, b), one(IO_PAGES, c)];
    const rights = a % 8 === 0 ? b % 4 : READ | WRITE;
    return [mapFrame(w, frame, space, ioPage, rights), model.mapFrame(frame, space, ioPage, rights)];
  },
  unmapTable: ({ w, model }, { a }) => {
    const slot = a % 8 === 0 ? one(SLOTS, a) : holding(model, IO_PAGE_TABLE, a);
    return [w.invoke(slot, labels.IO_PAGE_TABLE_UNMAP), model.unmapTable(slot)];
  },
  unmapFrame: ({ w, model }, { a }) => {
    const slot = a % 8 === 0 ? one(SLOTS, a) : holding(model, FRAME, a);
    return [w.invoke(slot, labels.PAGE_UNMAP_IO), model.unmapFrame(slot)];
  },
  copy: ({ w, model }, { a, b, c }) => {
    const [to, from] = [free(model, a), holding(model, one([FRAME, IO_SPACE, IO_PAGE_TABLE], c), b)];
    const mint = a % 2 === 0;
    const { capabilities } = w;
    const is = mint
      ? capabilities.mint(w.at(to), w.at(from), c % 16, c)
      : capabilities.copy(w.at(to), w.at(from), c % 16);
    return [is, model.copy(to, from, c % 16)];
  },
  move: ({ w, model }, { a, b }) => {
    const [to, from] = [free(model, a), one(SLOTS, b)];
    return [w.capabilities.move(w.at(to), w.at(from)), model.move(to, from)];
  },
  delete: ({ w, model }, { a }) => {
    const slot = one(SLOTS, a);
    return [w.capabilities.delete(w.at(slot)), model.delete(slot)];
  },
  deleteCopy: ({ w, model }, { a }) => {
    const copies = SLOTS.filter((slot) => model.slots.get(slot)?.original === false);
    const slot = one(copies.length === 0 ? SLOTS : copies, a);
    return [w.capabilities.delete(w.at(slot)), model.delete(slot)];
  },
  /** A table comes back empty to where it was, below capabilities that say that they are mapped. */
  anew: ({ w, model }, { a, b, c }) => {
    const table = holding(model, IO_PAGE_TABLE, a);
    const ioPage = model.slots.get(table)?.mapping?.ioPage ?? one(IO_PAGES, c);
    const space = holding(model, IO_SPACE, b);
    const [is, shouldBe] = [w.invoke(table, labels.IO_PAGE_TABLE_UNMAP), model.unmapTable(table)];
    if (is !== 0 || shouldBe !== 0) return [is, shouldBe];
    return [mapTable(w, table, space, ioPage), model.mapTable(table, space, ioPage)];
  },
  revoke: (p, { a }) => revoke(p, one(SLOTS, a)),
  revokePool: (p, { a }) => revoke(p, one(POOLS, a)),
  revokeControl: (p) => revoke(p, CONTROL),
} satisfies Record<string, Operation>;

function retype({ w, model }: Pair, { a, b, c }: Step, type: number): readonly [number, number] {
  const [pool, slot] = [one(POOLS, a), c % 8 === 0 ? one(SLOTS, b) : free(model, b)];
  return [w.make(type, 12, slot, 1, pool), model.retype(pool, type, slot, POOL_PAGES)];
}
/** One slot at a time: between the parts too, nobody reaches what no capability names. */
function revoke(p: Pair, slot: number): readonly [number, number] {
  let answer = p.w.capabilities.revoke(p.w.at(slot), 1);
  while (answer > 0) {
    checkReach(p, false);
    answer = p.w.capabilities.revoke(p.w.at(slot), 1);
  }
  return [answer, p.model.revoke(slot)];
}

/** Often enough two spaces with pages in them. */
const PRELUDE: readonly Step[] = [
  ...DEVICES.map((_, i): Step => ({ op: 'issue', a: i, b: i, c: 1 })),
  ...Array.from({ length: 4 }, (): Step => ({ op: 'table', a: 0, b: 0, c: 1 })),
  ...Array.from({ length: 4 }, (): Step => ({ op: 'frame', a: 1, b: 0, c: 1 })),
  ...[0, 1, 2].map((a): Step => ({ op: 'mapTable', a, b: 0, c: 0 })),
  ...[0, 1].map((c): Step => ({ op: 'mapFrame', a: c + 1, b: 0, c })),
];

const WEIGHTS: Readonly<Record<keyof typeof OPERATIONS, number>> = {
  frame: 4,
  table: 4,
  issue: 3,
  mapTable: 8,
  mapFrame: 8,
  unmapTable: 2,
  unmapFrame: 2,
  copy: 6,
  deleteCopy: 3,
  anew: 3,
  move: 2,
  delete: 4,
  revoke: 1,
  revokePool: 1,
  revokeControl: 1,
};
const step: fc.Arbitrary<Step> = fc.record({
  op: fc.oneof(
    ...Object.entries(WEIGHTS).map(([op, weight]) => ({
      weight,
      arbitrary: fc.constant(op as keyof typeof OPERATIONS),
    })),
  ),
  a: fc.nat(),
  b: fc.nat(),
  c: fc.nat(),
});

/** @param counts how often each operation succeeded, and after how many a device reached something. */
const property = (swallowed: Swallowed, counts: Map<string, number> = new Map()): fc.IProperty<[readonly Step[]]> =>
  fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
    const p = pair(swallowed);
    for (const each of [...PRELUDE, ...steps]) {
      const operation: Operation = OPERATIONS[each.op];
      const [is, shouldBe] = operation(p, each);
      if (is !== shouldBe) expect.fail(`${each.op} answers ${is} in place of ${shouldBe}`);
      if (is === 0) counts.set(each.op, (counts.get(each.op) ?? 0) + 1);
      checkReach(p, true);
    }
  });

describe('IO spaces, whatever is done with their capabilities', () => {
  it('answer as the model does, and no device reaches what was unmapped, deleted, revoked or made anew', () => {
    const counts = new Map<string, number>();
    fc.assert(property({}, counts), { numRuns: 250 * EFFORT });
    for (const op of Object.keys(OPERATIONS)) expect([op, (counts.get(op) ?? 0) > 20]).toEqual([op, true]);
  });
  it.each<[string, Swallowed]>([
    ['of a page', { pages: true }],
    ['of a domain', { all: true }],
    ['of a device’s context', { detach: true }],
  ])('would not, and this would show it, if the IOMMU swallowed an invalidation %s', (_, swallowed) => {
    expect(fc.check(property(swallowed), { numRuns: 60, endOnFailure: true }).failed).toBe(true);
  });
});
