/** How a supervisor, or the bus driver itself, gets hold of a network card and has it write where it should not. */
import type { System } from '@bulkhead/assembler';
import { memoryOf, reachOf } from '@bulkhead/inspection';
import * as nic from '@bulkhead/intel-82574-datasheet';
import type { Target } from './attacks.ts';
import type { Hands } from './mole.ts';

const PAGE_BYTES = 4096;
const NIC_DEVICE = 0x08;
const NIC_VENDOR_DEVICE: number = nic.DEVICE_ID * 0x1_0000 + nic.VENDOR_ID;
const FRAME = 1;
const READ_WRITE = 6;
const RING_ENTRIES = 256;
const DESCRIPTOR_BYTES = 16;
/** The IOMMU driver maps first come, first served: the driver's receive ring is its second page. */
const RECEIVE_RING_IO_PAGE = 33;

/** What the attacker could find out, and is told to keep this short. */
export interface Oracle {
  readonly iommu: 'off' | 'bare' | 'translating';
  readonly targets: readonly Target[];
  /** A page of the attacker's own: where it has it, and where it stands. */
  readonly ownPage: number;
  readonly ownPhysicalPage: number;
  /** The attacker's right to the memory of the card's registers, where it has one. */
  readonly registers: number | null;
  readonly driver: number;
}

export function oracleOf(system: System, name: string, targets: readonly Target[]): Oracle {
  const { domains } = memoryOf(system);
  const { runs } = domains.find(({ domain }) => domain === name)!;
  const own = runs.find(({ what }) => what === `data of ${name}`)!;
  const registers = domains.flatMap((space) => space.runs).find(({ what }) => what.startsWith('BAR 0 '))!;
  const held = reachOf(system).domains.find(({ domain }) => domain === name)!.capabilities;
  const untyped = held.find(
    ({ type, address, lenBytes }) =>
      type === 'Untyped' &&
      address === registers.physicalPage * PAGE_BYTES &&
      lenBytes === registers.count * PAGE_BYTES,
  );
  return {
    iommu: system.description.iommu,
    targets,
    ownPage: own.page,
    ownPhysicalPage: own.physicalPage,
    registers: untyped?.index ?? null,
    driver: system.places.findIndex(({ seat }) => seat.name === 'nic-driver'),
  };
}

export function seize(hands: Hands, oracle: Oracle): void {
  const { context, ports } = hands;
  const kernel = ports['kernel']!;
  const untyped = oracle.registers ?? claim(hands, oracle);
  if (untyped === null) return;
  kernel['revoke']!(untyped);
  const pages = 32;
  const frames = kernel['retype']!(untyped, FRAME, 12, pages);
  kernel['map']!(frames, pages, READ_WRITE);
  const page = context.answer[1]!;
  if (oracle.registers === null) ports['pci']!['start']!(NIC_DEVICE);
  const write = (register: number, value: number): void =>
    context.memory.store32(page + Math.floor(register / PAGE_BYTES), register % PAGE_BYTES, value);
  const ring = oracle.iommu !== 'translating' ? prepareRing(hands, oracle) : RECEIVE_RING_IO_PAGE;
  write(nic.IMC, 0xffffffff);
  write(nic.CTRL, nic.CTRL_SLU.mask);
  write(nic.RCTL, 0);
  write(nic.RDBAL, ring * PAGE_BYTES);
  write(nic.RDBAH, 0);
  write(nic.RDLEN, RING_ENTRIES * DESCRIPTOR_BYTES);
  write(nic.RDH, 0);
  write(nic.RCTL, nic.RCTL_EN.mask | nic.RCTL_BAM.mask | nic.RCTL_UPE.mask);
  write(nic.RDT, RING_ENTRIES - 1);
}

/** As a supervisor may: takes the card from its holder. Allows itself to have it, and claims it. @returns the right, or null. */
function claim({ context, ports }: Hands, { driver }: Oracle): number | null {
  const pci = ports['pci']!;
  pci['reclaim']!(driver);
  pci['allow']!(context.self, NIC_VENDOR_DEVICE);
  if (pci['claim']!(NIC_DEVICE) < 0 || pci['bar']!(NIC_DEVICE, 0) < 0) return null;
  return context.answer[1]!;
}
/** Descriptors whose buffers are the targets. @returns the physical page on which they stand. */
function prepareRing({ context: { memory } }: Hands, { ownPage, ownPhysicalPage, targets }: Oracle): number {
  for (let i = 0; i < RING_ENTRIES; i++) {
    const { address } = targets[i % targets.length]!;
    memory.store32(ownPage, i * DESCRIPTOR_BYTES, Math.floor((address + 4) / 64) * 64 - 64);
    memory.store32(ownPage, i * DESCRIPTOR_BYTES + 4, 0);
    memory.store32(ownPage, i * DESCRIPTOR_BYTES + 8, 0);
    memory.store32(ownPage, i * DESCRIPTOR_BYTES + 12, 0);
  }
  return ownPhysicalPage;
}
