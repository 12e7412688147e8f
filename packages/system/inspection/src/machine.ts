/** The board of a moment: what there is, how it is set up, and where its interrupts go. */
import type { System } from '@bulkhead/assembler';
import { get, has } from '@bulkhead/bits';
import * as nicReg from '@bulkhead/intel-82574-datasheet';
import { countersOf, type IommuDriverCounters, iommuDriver } from '@bulkhead/iommu-driver';
import { kindOf } from '@bulkhead/runtime';
import { type AddressRange, addressMapOf } from './address-map.ts';
import { type InterruptRoute, interruptRoutesOf } from './interrupt-routes.ts';
import { directoryPageOf, type IommuMode, iommuModeOf, iommuQueuesOf } from './io-space.ts';
import { memoryOf } from './memory.ts';
import { type DeviceFunction, functionsOf } from './pci-functions.ts';
import { reachOf } from './reach.ts';

export interface FunctionSnapshot extends DeviceFunction {
  /** Domains other than the kernel's that have its registers mapped; none where it is driven from the kernel's domain. */
  readonly mappedBy: readonly string[];
  /** Components that are told of its interrupts. */
  readonly interruptsTo: readonly string[];
}
/** A network card and its end of the wire. */
export interface LinkSnapshot {
  readonly device: string;
  readonly up: boolean;
  readonly megabitsPerSecond: number;
  readonly fullDuplex: boolean;
  readonly framesReceived: number;
  readonly framesTransmitted: number;
  readonly dmaFaults: number;
}
export interface MachineSnapshot {
  readonly system: string;
  readonly atCycles: number;
  readonly profile: { readonly name: string; readonly title: string; readonly cyclesPerSecond: number };
  readonly harts: number;
  readonly tlb: {
    readonly entries: number;
    /** Entries of one set: where a page may be kept. */
    readonly ways: number;
    readonly superpageEntries: number;
    readonly tagged: boolean;
  };
  readonly ramBytes: number;
  readonly addressMap: readonly AddressRange[];
  readonly iommu: {
    readonly mode: IommuMode;
    /** When what was unmapped is out of a device's reach: the description's choice. */
    readonly invalidation: 'strict' | 'deferred';
    /** Physical pages; 0 for what is not set up. */
    readonly directoryPage: number;
    readonly commandPage: number;
    readonly faultPage: number;
    /** What its driver counted; null where there is none that runs. */
    readonly driver: IommuDriverCounters | null;
  };
  readonly functions: readonly FunctionSnapshot[];
  readonly links: readonly LinkSnapshot[];
  readonly interrupts: readonly InterruptRoute[];
}

/** The board has one; its hart is a field, not a list. */
const HARTS = 1;
const PAGE_BYTES = 4096;

/** Reads everything; changes and charges nothing. */
export function machineOf(system: System): MachineSnapshot {
  const { profile, board } = system;
  const { name, title, cyclesPerSecond, tlbEntries, tlbWays, superpageEntries, taggedTlb } = profile;
  const { devices } = reachOf(system);
  return {
    system: system.description.name,
    atCycles: system.clock.now,
    profile: { name, title, cyclesPerSecond },
    harts: HARTS,
    tlb: { entries: tlbEntries, ways: tlbWays, superpageEntries, tagged: taggedTlb },
    ramBytes: board.ram.pageCount * PAGE_BYTES,
    addressMap: addressMapOf(system),
    iommu: {
      mode: iommuModeOf(system),
      invalidation: system.description.invalidation ?? 'strict',
      directoryPage: directoryPageOf(system),
      ...iommuQueuesOf(system),
      driver: driverCountersOf(system),
    },
    functions: functionsOf(system).map((found) => {
      const device = devices.find(({ requesterId }) => requesterId === found.requesterId)!;
      const kernels = system.kernel.domains.filter(({ isKernel }) => isKernel).map((domain) => domain.name);
      const mappedBy = device.controlledBy.filter((domain) => !kernels.includes(domain));
      return { ...found, mappedBy, interruptsTo: device.interruptsTo };
    }),
    links: linksOf(system),
    interrupts: interruptRoutesOf(system),
  };
}

/** Of the driver's heap, where it stands in RAM. */
function driverCountersOf(system: System): IommuDriverCounters | null {
  const driver = system.description.components.find((definition) => kindOf(definition) === iommuDriver.name);
  const heap = memoryOf(system).ram.find(({ what }) => driver !== undefined && what === `heap of ${driver.name}`);
  if (heap === undefined) return null;
  return countersOf((offset) => system.board.ram.word(heap.address / PAGE_BYTES, offset / 4));
}

/** What each card says of its link; asking changes nothing. */
const linksOf = (system: System): LinkSnapshot[] =>
  system.board.nics.map((nic) => {
    const { name } = functionsOf(system).find(({ requesterId }) => requesterId === nic.function.requesterId)!;
    const { framesReceived, framesTransmitted, dmaFaults } = nic.statistics;
    return {
      device: name,
      ...('link' in nic ? nic.link : linkOf(nic.function.bars[0]!.device.read(nicReg.STATUS, 4))),
      framesReceived,
      framesTransmitted,
      dmaFaults,
    };
  });
/** 82574 datasheet §10.2.2.2 "Device Status Register". */
const linkOf = (status: number): Pick<LinkSnapshot, 'up' | 'megabitsPerSecond' | 'fullDuplex'> => ({
  up: has(status, nicReg.STATUS_LU),
  megabitsPerSecond: SPEEDS[get(status, nicReg.STATUS_SPEED)]!,
  fullDuplex: has(status, nicReg.STATUS_FD),
});
const SPEEDS: readonly number[] = [10, 100, 1000, 1000];
