/**
 * A translation: a hit, a hit by more pages than the host keeps answers for, a walk alone, and a miss, which is two
 * look-ups in vain, a walk, and a fill that evicts; a walk by bigint as the yardstick.
 */

import { bench, type Yardstick } from '@bulkhead/bench';
import { SATP_MODE_SV39 } from '@bulkhead/riscv-datasheet';
import { LOAD, Mmu } from '../src/index.ts';
import { contextOf } from '../src/permissions.ts';
import { Walker } from '../src/walk.ts';
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

/** Two tables more on top, for Sv57. */
const DEEP_ROOT = BASE + 3;
pointTo(memory, DEEP_ROOT, 0, BASE + 4);
pointTo(memory, BASE + 4, 0, BASE);
const createWalker = (): Walker => new Walker({ memory, updatesMarks: false, isReadOnly: () => false });
const [walker, deepWalker] = [createWalker(), createWalker()];
deepWalker.levels = 5;
const mayLoad = 1 << (contextOf(false, false, false) + LOAD);
const walkRound = (it: Walker, root: number) => (): number => {
  let sum = 0;
  for (let i = 0; i < ROUND; i++) sum = (sum + it.walk(root, i & (MANY - 1), mayLoad)) | 0;
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
bench('walk of three levels', walkRound(walker, BASE), { per: ROUND, yardstick });
bench('walk of five levels', walkRound(deepWalker, DEEP_ROOT), { per: ROUND, yardstick });
bench('TLB miss: walk of three levels and fill', round(0, MANY), { per: ROUND, yardstick });
