import type { System } from '@bulkhead/assembler';
import { createIommu, DMA_READ, DMA_WRITE, SV39_CAPABILITIES } from '@bulkhead/iommu';
import { createRam } from '@bulkhead/memory';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ioSpaceOf } from '../src/io-space.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const BASE_PAGE = 0x80000;
/** Directory, contexts and tables lie in these, and may be each other. */
const PAGES = 6;
const DEVICES: readonly number[] = [0, 8, 16, 0x80, 0x81, 0x100, 0x8000, 0x10000, 0x10080];
const CONTEXT_WORDS = 8;

const page = fc.integer({ min: BASE_PAGE, max: BASE_PAGE + PAGES });
const index = fc.constantFrom(0, 1, 2, 3, 8, 16, 511);
/** Two levels of directory, then a table for each level of a walk: what contexts and entries then make a mess of. */
const SKELETON: readonly (readonly [table: number, index: number, target: number, low: number])[] = [
  ...[0, 1, 2].map((at) => [0, at, BASE_PAGE + 1, 1] as const),
  ...[0, 1, 2].map((at) => [1, at, BASE_PAGE + 2, 1] as const),
  ...[0, 1].map((at) => [3, at, BASE_PAGE + 4, 1] as const),
  ...[0, 1].map((at) => [4, at, BASE_PAGE + 5, 1] as const),
  [4, 2, 0x40000, 0xd7],
  [5, 3, BASE_PAGE, 0xc7],
  ...[0, 1, 2].map((at) => [5, at, BASE_PAGE + at, 0xd7] as const),
];
/** An entry of a directory or a table: a page, and low bits that often mean something. */
const entry = fc.tuple(
  fc.nat(PAGES - 1),
  index,
  page,
  fc.constantFrom(0x01, 0x01, 0x01, 0xd7, 0x57, 0xc7, 0x13, 0x03, 0x81),
);
/** A device's context: mostly valid, sometimes asking for what there is not. */
const context = fc.tuple(
  fc.constantFrom(0, 1, 2, 2, 5),
  fc.constantFrom(0, 1, 8, 16),
  fc.oneof(fc.constant(BASE_PAGE + 3), page),
  fc.constantFrom(1, 1, 1, 0, 0x11, 0x21, 0x201, 0x41, 3),
  fc.constantFrom(8, 8, 8, 0, 9),
  fc.constantFrom(0, 0, 0, 8),
);

function machineOf(
  mode: number,
  contexts: readonly (typeof context extends fc.Arbitrary<infer T> ? T : never)[],
  entries: readonly (typeof entry extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const ram = createRam({ basePage: BASE_PAGE, pageCount: PAGES });
  for (const [table, at, target, low] of [...SKELETON, ...entries])
    ram.setWord(BASE_PAGE + table, at * 2, (target << 10) | low);
  for (const [pscid, [table, at, root, tc, satp, gatp]] of contexts.entries()) {
    const word = at * CONTEXT_WORDS;
    ram.setWord(BASE_PAGE + table, word, tc);
    ram.setWord(BASE_PAGE + table, word + 1, 0);
    ram.setWord(BASE_PAGE + table, word + 3, gatp << 28);
    // Each address space has a tag of its own, so that the IOTLB keeps them apart.
    ram.setWord(BASE_PAGE + table, word + 4, pscid << 12);
    ram.setWord(BASE_PAGE + table, word + 5, 0);
    ram.setWord(BASE_PAGE + table, word + 6, root);
    ram.setWord(BASE_PAGE + table, word + 7, satp << 28);
  }
  const iommu = createIommu({ memory: ram, message: () => 0, capabilities: SV39_CAPABILITIES });
  iommu.write(reg.DDTP + 4, 4, BASE_PAGE >>> 22);
  iommu.write(reg.DDTP, 4, ((BASE_PAGE << 10) | mode) >>> 0);
  return { system: { board: { ram, iommu } } as unknown as System, iommu };
}

describe('what a device reaches', () => {
  it('is what the IOMMU answers, for any directory and any tables in RAM', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }),
        fc.array(context, { maxLength: 8 }),
        fc.array(entry, { maxLength: 6 }),
        (mode, contexts, entries) => {
          const { system, iommu } = machineOf(mode, contexts, entries);
          for (const device of DEVICES) {
            const { reach, runs } = ioSpaceOf(system, device);
            seen.add(runs.length > 0 ? `${reach}, mode ${mode}` : reach);
            const asked = new Set([
              0,
              1,
              2,
              0x200,
              0x40000,
              2 ** 26,
              ...runs.flatMap((run) => [run.page, run.page + run.count]),
            ]);
            for (const ioPage of asked) {
              // A device issues unsigned pages.
              const unsigned = ioPage < 0 ? ioPage + 2 ** 52 : ioPage;
              const run = runs.find((one) => ioPage >= one.page && ioPage < one.page + one.count);
              for (const [access, allowed] of [
                [DMA_READ, run?.read],
                [DMA_WRITE, run?.write],
              ] as const) {
                const mapped = allowed === true ? run!.physicalPage + ioPage - run!.page : -1;
                const expected = reach === 'everything' ? unsigned : mapped;
                expect(Math.max(-1, iommu.translate(device, unsigned, access))).toBe(expected);
              }
            }
          }
        },
      ),
      { numRuns: 300 * EFFORT },
    );
    for (const what of ['nothing', 'everything', 'mapped', 'mapped, mode 2', 'mapped, mode 3', 'mapped, mode 4'])
      expect([...seen]).toContain(what);
  });
});
