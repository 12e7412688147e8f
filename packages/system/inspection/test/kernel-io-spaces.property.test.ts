/**
 * The kernel's IO spaces with the machine's own IOMMU as the judge: whatever is mapped, unmapped, deleted and revoked, a
 * device reaches exactly what a frame's capability says, and nothing else.
 */
import { Capabilities, granuleOf, objects } from '@bulkhead/capabilities';
import { IO_SPACE_WORDS, type IommuPort, IoSpaceInvocations, IoSpaces, labels } from '@bulkhead/io-spaces';
import { createIommu, DMA_READ, DMA_WRITE, type Iommu, SV39_CAPABILITIES } from '@bulkhead/iommu';
import { createRam } from '@bulkhead/memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegisterIommu } from './register-iommu.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const BASE_PAGE = 0x80000;
const [CONTROL, UNTYPED, SPACE, TABLE, FRAME] = [1, 2, 3, 4, 8];
const FRAMES = 4;
const DEVICE = 0x18;
const DOMAIN = 3;
const ROOT = 8;
const RECORDS = 512;
const IO_PAGES: readonly number[] = [5, 6, 0x1ff, 0x203];
const slot = (index: number): number => 1024 + index * 8;

interface Machine {
  readonly iommu: Iommu;
  readonly capabilities: Capabilities;
  readonly invoke: (index: number, label: number, low: readonly number[], extra: number) => number;
}

/** Pages: 0 boot's slots and records, 1 root CNode, 2 directory, 3 command queue, 32 and on untyped memory. */
function machine(around: (port: IommuPort) => IommuPort): Machine {
  const ram = createRam({ basePage: BASE_PAGE, pageCount: 64 });
  const iommu = createIommu({ memory: ram, message: () => 0, capabilities: SV39_CAPABILITIES });
  const port = around(new RegisterIommu(iommu, ram, BASE_PAGE + 2, BASE_PAGE + 3));
  const capabilities: Capabilities = new Capabilities({
    words: ram.words,
    basePage: BASE_PAGE,
    finalise: (...capability) => invocations.finalise(...capability),
  });
  const spaces = new IoSpaces({
    capabilities,
    basePage: BASE_PAGE,
    base: RECORDS,
    domains: 7,
    devices: 128,
    iommu: port,
  });
  const invocations = new IoSpaceInvocations(capabilities, spaces);
  expect(RECORDS + 8 * IO_SPACE_WORDS).toBeLessThan(slot(0));
  capabilities.install(ROOT, objects.CNODE, granuleOf(BASE_PAGE + 1, 0), 5);
  capabilities.installGuard(ROOT, 0, 27);
  capabilities.install(slot(CONTROL), objects.IO_SPACE_CONTROL, 0, 0);
  capabilities.install(slot(UNTYPED), objects.UNTYPED, granuleOf(BASE_PAGE + 32, 0), 17);
  const lanes = (values: readonly number[]): Int32Array => Int32Array.from({ length: 16 }, (_, i) => values[i] ?? 0);
  const answer = { low: lanes([]), high: lanes([]), length: 0 };
  const invoke = (index: number, label: number, low: readonly number[], extra: number): number => {
    const message = {
      low: lanes(low),
      high: lanes([]),
      length: low.length,
      extras: lanes([extra]),
      extraCount: 1,
      answer,
    };
    return invocations.invoke(slot(index), label, message);
  };
  return { iommu, capabilities, invoke };
}

type Step = readonly [op: string, which: number, page: number];
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(
    'build',
    'map',
    'map',
    'map',
    'read-only',
    'unmap',
    'drop table',
    'delete',
    'revoke all',
    'revoke space',
  ),
  fc.nat(FRAMES - 1),
  fc.constantFrom(...IO_PAGES),
);

/** Makes what is not there: the space, three tables and four frames, and maps the tables. */
function build({ capabilities, invoke }: Machine): void {
  const make = (type: number, index: number): number =>
    capabilities.retype(slot(UNTYPED), type, 12, ROOT, 0, 0, index, 1);
  invoke(CONTROL, labels.IO_SPACE_CONTROL_ISSUE, [DEVICE, DOMAIN, SPACE, 32], ROOT);
  for (let table = 0; table < 4; table++) make(objects.IO_PAGE_TABLE, TABLE + table);
  for (let frame = 0; frame < FRAMES; frame++) make(objects.FRAME, FRAME + frame);
  for (let table = 0; table < 4; table++)
    invoke(TABLE + table, labels.IO_PAGE_TABLE_MAP, [(table === 3 ? 0x200 : 0) * 4096], slot(SPACE));
}
function run(m: Machine, [op, which, page]: Step): void {
  const { capabilities, invoke } = m;
  if (op === 'build') build(m);
  else if (op === 'map') invoke(FRAME + which, labels.PAGE_MAP_IO, [3, page * 4096], slot(SPACE));
  else if (op === 'read-only') invoke(FRAME + which, labels.PAGE_MAP_IO, [2, page * 4096], slot(SPACE));
  else if (op === 'unmap') invoke(FRAME + which, labels.PAGE_UNMAP_IO, [], 0);
  else if (op === 'drop table') invoke(TABLE + which, labels.IO_PAGE_TABLE_UNMAP, [], 0);
  else if (op === 'delete') capabilities.delete(slot(TABLE + which + (page & 4)));
  else capabilities.revoke(slot(op === 'revoke all' ? UNTYPED : CONTROL));
}

/** @returns how many accesses came through. */
function judge({ iommu, capabilities: c }: Machine): number {
  let reached = 0;
  for (const ioPage of IO_PAGES)
    for (const access of [DMA_READ, DMA_WRITE]) {
      const page = iommu.translate(DEVICE, ioPage, access);
      if (page < 0) continue;
      reached++;
      const named = Array.from({ length: FRAMES }, (_, i) => slot(FRAME + i)).some(
        (frame) => c.isIoMapped(frame) && c.mappedVpnOf(frame) === ioPage && c.pageOf(frame) === page,
      );
      if (!named || c.typeOf(slot(SPACE)) === objects.NULL) expect.fail(`IO page ${ioPage} still reaches ${page}`);
    }
  return reached;
}

let reached = 0;
const property = (around: (port: IommuPort) => IommuPort): fc.IProperty<[readonly Step[]]> =>
  fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
    const m = machine(around);
    for (const each of [['build', 0, 0], ['map', 0, 5], ...steps] as const) {
      run(m, each);
      reached += judge(m);
    }
  });
const swallow =
  (what: Partial<IommuPort>) =>
  (port: IommuPort): IommuPort => ({
    attach: (device, root, domain) => port.attach(device, root, domain),
    detach: (device) => port.detach(device),
    invalidate: (domain, ioPage) => port.invalidate(domain, ioPage),
    ...what,
  });

describe('the kernel’s IO spaces, before the machine’s IOMMU', () => {
  it('a page that was mapped is read and written, and what was mapped to be read is not written', () => {
    const m = machine((port) => port);
    build(m);
    run(m, ['map', 0, 5]);
    run(m, ['read-only', 1, 0x203]);
    const pages = [5, 0x203].flatMap((ioPage) =>
      [DMA_READ, DMA_WRITE].map((way) => m.iommu.translate(DEVICE, ioPage, way)),
    );
    const [first, second] = [0, 1].map((frame) => m.capabilities.pageOf(slot(FRAME + frame)));
    expect(pages).toEqual([first, first, second, -15]);
  });
  it('a device reaches nothing that was unmapped, deleted or revoked', () => {
    fc.assert(
      property((port) => port),
      { numRuns: 100 * EFFORT },
    );
    expect(reached).toBeGreaterThan(500);
  });
  it.each([
    ['invalidations', swallow({ invalidate: () => {} })],
    ['the removal of a device', swallow({ detach: () => {} })],
  ])('would, and this would show it, without %s', (_, around) => {
    expect(fc.check(property(around), { numRuns: 100, endOnFailure: true }).failed).toBe(true);
  });
});
