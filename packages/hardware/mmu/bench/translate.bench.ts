/** A translation: a hit, a hit by more pages than the host keeps answers for, a walk; by bigint as the yardstick. */

import { bench, type Yardstick } from '@bulkhead/bench';
import { SATP_MODE_SV39 } from '@bulkhead/riscv-datasheet';
import { LOAD, Mmu } from '../src/index.ts';
import { referenceWalk } from '../test/reference.ts';
import { addressOfPage, BASE, createMemory, pointTo, RW, setPte } from '../test/tables.ts';

const ROUND = 4096;
/** Fewer than the TLB holds, and more. */
const FEW = 64;
const MANY = 512;
/** A kernel's view: the upper half begins with a leaf of 1 GiB. */
const KERNEL_PAGE = -(2 ** 26);

const memory = createMemory();
pointTo(memory, BASE, 0, BASE + 1);
pointTo(memory, BASE + 1, 0, BASE + 2);
for (let index = 0; index < MANY; index++) setPte(memory, BASE + 2, index, BASE + (index & 15), RW);
setPte(memory, BASE, 256, 0x80000, RW);
const mmu = new Mmu({ memory });
mmu.setAddressSpace(1, BASE, SATP_MODE_SV39);

/** @param pages a power of two. */
const round = (first: number, pages: number) => (): number => {
  let sum = 0;
  for (let i = 0; i < ROUND; i++) sum = (sum + mmu.translate(first + (i & (pages - 1)), LOAD)) | 0;
  return sum;
};

const access = { kind: 'load', user: false, sum: false, mxr: false } as const;
const yardstick: Yardstick = {
  name: 'a walk by bigint',
  per: 64,
  run: () => {
    let levels = 0;
    for (let i = 0; i < 64; i++) {
      const outcome = referenceWalk(memory, BASE, addressOfPage(i), access);
      if (outcome.fault === 'none') levels += outcome.level;
    }
    return levels;
  },
};

bench('TLB hit, 64 pages of 4 KiB', round(0, FEW), { per: ROUND, yardstick });
bench('TLB hit, 64 pages of one 1 GiB leaf', round(KERNEL_PAGE, FEW), { per: ROUND, yardstick });
bench('TLB hit, all pages of one 1 GiB leaf', round(KERNEL_PAGE, 65536), { per: ROUND, yardstick });
bench('TLB miss: walk of three levels and fill', round(0, MANY), { per: ROUND, yardstick });
