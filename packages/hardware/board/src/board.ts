/**
 * A machine: one hart, RAM, an interrupt file, an IOMMU, a PCI Express root complex, and network cards on it, each with
 * a link. It runs no software; whoever attaches a kernel to the hart does.
 *
 * UNIMPLEMENTED: PLIC, APLIC, ACLINT, UART, the flattened device tree, and more than one hart. The four interrupt wires of
 * the PCI root complex lead nowhere until somebody connects them (`board.pci.connectInterrupts`).
 */
import { Bus } from '@bulkhead/bus';
import type { Clock } from '@bulkhead/clock';
import { Hart } from '@bulkhead/cpu';
import * as intel from '@bulkhead/intel-82574-datasheet';
import { Imsic } from '@bulkhead/interrupt-controller';
import { createIommu, type Iommu, type IommuCapabilities, SV39_CAPABILITIES } from '@bulkhead/iommu';
import { createLink, type FrameTap, type Link } from '@bulkhead/link';
import { createRam, type Ram } from '@bulkhead/memory';
import { Mmu } from '@bulkhead/mmu';
import { createIntel82574, type Intel82574 } from '@bulkhead/nic';
import { type PciBus, RootComplex, type Slot, type UpstreamPorts } from '@bulkhead/pci';
import { invariant } from '@bulkhead/result';
import * as virtio from '@bulkhead/virtio-datasheet';
import { createVirtioNet, type VirtioNet } from '@bulkhead/virtio-net';
import {
  ECAM_PAGE,
  ECAM_PAGES,
  IMSIC_PAGE,
  IOMMU_PAGE,
  IOMMU_PAGES,
  PCI_IO_PAGE,
  PCI_IO_PAGES,
  PCI_WINDOW_PAGE,
  PCI_WINDOW_PAGES,
  RAM_PAGE,
} from './address-map.ts';
import { placesOn, type Topology } from './topology.ts';

/** What a network card may be. */
export const NIC_MODELS = ['intel-82574', 'virtio-net'] as const;
export type NicModel = (typeof NIC_MODELS)[number];
/** By what software tells one from another: vendor ID in 15:0, device ID in 31:16. */
export const NIC_IDENTITIES: Readonly<Record<NicModel, number>> = {
  'intel-82574': intel.DEVICE_ID * 0x1_0000 + intel.VENDOR_ID,
  'virtio-net': virtio.DEVICE_ID_NETWORK * 0x1_0000 + virtio.VENDOR_ID,
};
export type NetworkCard = Intel82574 | VirtioNet;

export interface BoardOptions {
  readonly clock: Clock;
  /** @defaultValue 128 */
  readonly memoryMiB?: number;
  /** @defaultValue 64 */
  readonly tlbEntries?: number;
  /** `tlbEntries / tlbWays` is a power of two. @defaultValue 4 */
  readonly tlbWays?: number;
  /** @defaultValue 16 */
  readonly superpageTlbEntries?: number;
  /** False for a machine whose change of address space flushes the TLB. @defaultValue true */
  readonly taggedTlb?: boolean;
  /** What the IOMMU can do. @defaultValue SV39_CAPABILITIES */
  readonly iommuCapabilities?: IommuCapabilities;
  /** @defaultValue 10^9 */
  readonly linkBitsPerSecond?: number;
  /** One way. @defaultValue 5000 */
  readonly linkDelayNs?: number;
  /** Network cards, each with a link of its own. @defaultValue 1 */
  readonly nics?: number;
  /** What stands between the root complex and the cards. @defaultValue 'flat' */
  readonly topology?: Topology;
  /** What stands in slot 1, 2, …; an Intel 82574L where nothing is said. */
  readonly nicModels?: readonly NicModel[];
  /** Sees every frame on a link when it is delivered. */
  readonly tap?: (...frame: [...Parameters<FrameTap>, nic: number]) => void;
}

export interface Board {
  readonly clock: Clock;
  readonly ram: Ram;
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly hart: Hart;
  readonly interruptFile: Imsic;
  readonly iommu: Iommu;
  readonly pci: RootComplex;
  /** The first network card. */
  readonly nic: NetworkCard;
  readonly nics: readonly NetworkCard[];
  /** Of the first card. End `a` is the NIC's; end `b` is for the world. */
  readonly link: Link;
  readonly links: readonly Link[];
}

const PAGES_PER_MIB = 256;
/** Locally administered (bit 1 of the first byte); 52:55 are QEMU's first two bytes too. */
export const NIC_ADDRESS: readonly number[] = [0x52, 0x55, 0x0a, 0x00, 0x02, 0x0f];
export const MAX_NICS = 8;
const QUEUE_FRAMES = 1024;

/** Puts a board together. */
export function createBoard(options: BoardOptions): Board {
  const { clock, memoryMiB = 128, nics = 1 } = options;
  invariant(Number.isInteger(nics) && nics >= 1 && nics <= MAX_NICS, `a board has 1 to ${MAX_NICS} network cards`);
  const ram = createRam({ basePage: RAM_PAGE, pageCount: memoryMiB * PAGES_PER_MIB });
  const bus = new Bus({ memory: ram });
  const mmu = new Mmu({
    memory: ram,
    tlbEntries: options.tlbEntries ?? 64,
    tlbWays: options.tlbWays ?? 4,
    superpageTlbEntries: options.superpageTlbEntries ?? 16,
    tagged: options.taggedTlb ?? true,
  });
  const hart = new Hart({ mmu, clock, attention: () => clock.poke() });
  const interruptFile = new Imsic({ line: hart.externalInterrupt });
  const iommu = createIommu({
    memory: ram,
    message: (page, offset, data) => bus.store(page, offset, 4, data),
    capabilities: options.iommuCapabilities ?? SV39_CAPABILITIES,
  });
  const pci = new RootComplex({ windowBase: PCI_WINDOW_PAGE, upstream: throughIommu(iommu, bus) });
  bus.attach(IMSIC_PAGE, 1, interruptFile);
  bus.attach(IOMMU_PAGE, IOMMU_PAGES, iommu);
  bus.attach(ECAM_PAGE, ECAM_PAGES, pci);
  bus.attach(PCI_IO_PAGE, PCI_IO_PAGES, pci.io);
  bus.attach(PCI_WINDOW_PAGE, PCI_WINDOW_PAGES, pci.memory);

  const placeOf = placesOn(pci, options.topology ?? 'flat');
  const plugged = Array.from({ length: nics }, (_, index) => plugIn(options, index, placeOf(index)));
  const { nic, link } = plugged[0]!;
  return {
    clock,
    ram,
    bus,
    mmu,
    hart,
    interruptFile,
    iommu,
    pci,
    nic,
    nics: plugged.map((card) => card.nic),
    link,
    links: plugged.map((card) => card.link),
  };
}

interface PluggedNic {
  readonly nic: NetworkCard;
  readonly link: Link;
}

/** A network card in its slot, with its link. The last byte of its address counts up. */
function plugIn(options: BoardOptions, index: number, place: { bus: PciBus; slot: Slot }): PluggedNic {
  const { clock, linkBitsPerSecond = 1e9, linkDelayNs = 5000, tap } = options;
  const link = createLink({
    clock,
    bitsPerSecond: linkBitsPerSecond,
    delayNs: linkDelayNs,
    queueFrames: QUEUE_FRAMES,
    ...(tap === undefined ? {} : { tap: ofCard(tap, index) }),
  });
  const macAddress = Uint8Array.from(NIC_ADDRESS);
  macAddress[5] = macAddress[5]! + index;
  const isVirtio = options.nicModels?.[index] === 'virtio-net';
  const nic = (isVirtio ? createVirtioNet : createIntel82574)({ clock, wire: link.a, macAddress });
  link.a.connect((frame, lenBytes) => nic.receive(frame, lenBytes));
  place.bus.attach(nic.function, place.slot);
  nic.setLink(true);
  return { nic, link };
}

/** The IOMMU knows a device by its requester ID, which behind a bridge changes with the numbers that software gives. */
function throughIommu(iommu: Iommu, bus: Bus): (requesterId: number) => UpstreamPorts {
  const ports = new Map<number, UpstreamPorts>();
  return (requesterId) => {
    const known = ports.get(requesterId);
    if (known !== undefined) return known;
    const port = iommu.dmaPort(requesterId, bus);
    const made = { dma: port, message: port };
    ports.set(requesterId, made);
    return made;
  };
}

/** Said argument by argument: a rest parameter would be an array for every frame. */
const ofCard =
  (tap: NonNullable<BoardOptions['tap']>, nic: number): FrameTap =>
  (from, atCycles, frame, lenBytes) =>
    tap(from, atCycles, frame, lenBytes, nic);
