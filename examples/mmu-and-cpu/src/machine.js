/** RAM, an MMU that walks tables in it, and a hart that tells the MMU who is asking. Nothing else is needed. */
import { Clock } from '@bulkhead/clock';
import { Hart } from '@bulkhead/cpu';
import { createRam } from '@bulkhead/memory';
import { LOAD, Mmu, STORE } from '@bulkhead/mmu';
import { LOAD_PAGE_FAULT, MODE_USER, STORE_PAGE_FAULT } from '@bulkhead/riscv-datasheet';

export const PAGE_BYTES = 4096;

export function createMachine(pageCount) {
  const ram = createRam({ basePage: 0x80000, pageCount });
  const mmu = new Mmu({ memory: ram });
  const hart = new Hart({ mmu, clock: new Clock(1_000_000_000), attention: () => {} });
  return { ram, mmu, hart };
}

/**
 * A user program's access, as the hart does it: translate, and on a fault trap and try again when the kernel has
 * returned. @returns the page and the word in it, or undefined when the kernel did not let the program go on.
 */
function reach({ mmu, hart }, onTrap, address, access) {
  const page = Math.floor(address / PAGE_BYTES);
  const offset = address % PAGE_BYTES;
  for (;;) {
    const physicalPage = mmu.translate(page, access);
    if (physicalPage >= 0) return { page: physicalPage, index: offset >>> 2 };
    hart.trap(access === STORE ? STORE_PAGE_FAULT : LOAD_PAGE_FAULT, false, page, offset);
    onTrap();
    if (hart.mode !== MODE_USER) return undefined;
  }
}

export function loadWord(machine, onTrap, address) {
  const place = reach(machine, onTrap, address, LOAD);
  return place && machine.ram.word(place.page, place.index);
}

/** @returns whether the word was stored. */
export function storeWord(machine, onTrap, address, value) {
  const place = reach(machine, onTrap, address, STORE);
  if (place === undefined) return false;
  machine.ram.setWord(place.page, place.index, value);
  return true;
}
