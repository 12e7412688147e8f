/** Attacks in which the device writes where its driver may not. */
import { type MemorySnapshot, memoryOf } from '@bulkhead/inspection';
import type { Attack } from './attack.ts';
import { BYSTANDER } from './bystander.ts';
import { receiveAt, sendFrames } from './device.ts';
import type { Turncoat } from './turncoat.ts';

const PAGE_BYTES = 4096;
const LAST_BYTES = 64;
/** Where a frame begins with it, an address that is nobody's: it is not a multicast. */
const MARK = 0x5afe_0002;

type Region = MemorySnapshot['ram'][number];
const hex = (address: number): string => `0x${address.toString(16).padStart(8, '0')}`;

function wordAt({ system }: Turncoat, address: number): number {
  const { ram } = system.board;
  return ram.words[(address - ram.basePage * PAGE_BYTES) / 4]!;
}

/** The device is told to receive a frame at the end of this piece of memory. */
function receiveInto(turncoat: Turncoat, address: number, physical: number, what: string): string | null {
  const before = wordAt(turncoat, physical);
  turncoat.order((hands) => receiveAt(hands, [address, address]));
  sendFrames(turncoat, [MARK, MARK]);
  const after = wordAt(turncoat, physical);
  return after === MARK && after !== before ? `${what} was overwritten by the device at ${hex(physical)}` : null;
}

function regionOf(turncoat: Turncoat, matches: (region: Region) => boolean): Region {
  const found = memoryOf(turncoat.system).ram.find(matches);
  if (found === undefined) throw new TypeError('attacks: the system has no such memory');
  return found;
}
/** No IO space contains this address: they begin below, and this is physical memory's. */
function overwrite(what: string, matches: (region: Region, home: string) => boolean): Attack['act'] {
  return (turncoat) => {
    const home = turncoat.system.places.find(({ seat }) => seat.name === turncoat.name)!.seat.domain;
    const owner = home.isKernel ? 'kernel core' : home.name;
    const { address, lenBytes } = regionOf(turncoat, (region) => matches(region, owner));
    const last = address + lenBytes - LAST_BYTES;
    return receiveInto(turncoat, last, last, what);
  };
}

/** @param afterNs time between the answer of `unmap` and the device's write. */
export const freed = (afterNs: number): Attack => ({
  name: 'dma-freed',
  title: 'gives a page back, and has its device write there all the same',
  wall: 'iommu',
  act: (turncoat) => {
    const { idlePage, region } = turncoat.card;
    const { address } = regionOf(turncoat, ({ what }) => what === `${region} of ${turncoat.name}`);
    const last = PAGE_BYTES - LAST_BYTES;
    let ioPage = 0;
    turncoat.order((hands) => {
      ioPage = hands.ioPages[idlePage]!;
      hands.ports['iommu']!['unmap']!(turncoat.device, ioPage);
    });
    turncoat.run(afterNs);
    return receiveInto(
      turncoat,
      ioPage * PAGE_BYTES + last,
      address + idlePage * PAGE_BYTES + last,
      'memory that was given back',
    );
  },
});

export const dmaAttacks: readonly Attack[] = [
  {
    name: 'dma-kernel',
    title: "has its device write over the kernel's capability space",
    wall: 'iommu',
    act: overwrite("the kernel's capability space", ({ what, owner }) => what === 'CNode' && owner === 'kernel core'),
  },
  {
    name: 'dma-driver',
    title: "has its device write over another driver's heap",
    wall: 'iommu',
    act: overwrite(`the heap of ${BYSTANDER}`, ({ what }) => what === `heap of ${BYSTANDER}`),
  },
  {
    name: 'dma-page-tables',
    title: 'has its device write over the page tables that hold itself',
    wall: 'iommu',
    act: overwrite(
      'the page table of its own address space',
      ({ what, owner }, home) => what === 'page table' && owner === home,
    ),
  },
  freed(0),
];
