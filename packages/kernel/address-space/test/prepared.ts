/** An address space with tables for its first 2 MiB, another with none, one that lost its ASID, and what tests need beside. */
import { objects } from '@bulkhead/capabilities';
import { labels } from '../src/index.ts';
import { ASID_CONTROL, DEVICE, Machine, UNTYPED } from './machine.ts';
import { readPage, type Translation } from './reader.ts';
import { INVALID_ROOT, type Mistake } from './refusals.ts';

const { FRAME, PAGE_TABLE, ENDPOINT } = objects;
export const KIB4 = 4096;
export const MIB2 = 2 ** 21;
export const GIB = 2 ** 30;
export const KERNEL = 2 ** 38;

/** Indices of the root CNode. */
export const SPACE = 10;
export const MIDDLE = 11;
export const LAST = 12;
export const OTHER_SPACE = 13;
export const LOST_SPACE = 14;
export const SPARE = 15;
export const FRAMES = 20;
export const FRAME_2M = 30;
export const FRAME_1G = 31;
export const AN_ENDPOINT = 32;
export const IO_FRAME = 33;
export const LOST_POOL = 34;
export const FREE = 100;
export const SPARE_TABLE = 102;

export function prepare(): Machine {
  const machine = new Machine();
  machine.make(PAGE_TABLE, 0, SPACE, UNTYPED, 6);
  machine.make(FRAME, 12, FRAMES, UNTYPED, 10);
  machine.make(FRAME, 30, FRAME_1G, DEVICE);
  machine.make(FRAME, 21, FRAME_2M, DEVICE);
  machine.make(ENDPOINT, 0, AN_ENDPOINT);
  machine.make(FRAME, 12, IO_FRAME);
  machine.capabilities.setIoMapping(machine.at(IO_FRAME), 1, 0);
  machine.make(objects.UNTYPED, 12, 40, UNTYPED, 2);
  machine.invoke(ASID_CONTROL, labels.ASID_CONTROL_MAKE_POOL, [LOST_POOL, 32], [40, -1]);
  machine.assign(LOST_SPACE, LOST_POOL);
  machine.capabilities.delete(machine.at(LOST_POOL));
  machine.assign(SPACE);
  machine.assign(OTHER_SPACE);
  machine.mapTable(MIDDLE, 0, SPACE);
  machine.mapTable(LAST, 0, SPACE);
  machine.fences.length = 0;
  return machine;
}
export const asidOf = (machine: Machine, index: number): number => machine.spaces.asidOf(machine.at(index));
export const rootOf = (machine: Machine, index: number): number => machine.spaces.rootOf(machine.at(index));
export const pageOf = (machine: Machine, index: number): number => machine.capabilities.pageOf(machine.at(index));
export const find = (machine: Machine, address: number, space: number = SPACE): Translation | null =>
  readPage(machine.memory, pageOf(machine, space), address / KIB4);

/** What is wrong with the address space that is named, in the order in which it is found. */
export const SPACE_MISTAKES: readonly Mistake[] = [
  {
    name: 'an address space that is no page table',
    error: 'InvalidCapability',
    details: { capability: 1 },
    spoil: (i) => (i.extras[0] = AN_ENDPOINT),
  },
  {
    name: 'an address space without an ASID',
    error: 'InvalidCapability',
    details: { capability: 1 },
    spoil: (i) => (i.extras[0] = SPARE),
  },
  {
    name: 'a table that is no root as address space',
    error: 'InvalidCapability',
    details: { capability: 1 },
    spoil: (i) => (i.extras[0] = MIDDLE),
  },
  {
    name: 'an address space whose ASID is gone',
    error: 'FailedLookup',
    details: INVALID_ROOT,
    spoil: (i) => (i.extras[0] = LOST_SPACE),
  },
];
