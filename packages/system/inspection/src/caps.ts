/** The capabilities of a moment: every occupied slot by holder, and the derivation tree over all of them. */
import type { System } from '@bulkhead/assembler';
import { objects } from '@bulkhead/capabilities';
import { type Capability, capabilitiesOf } from './capability.ts';
import { type Derivation, derivationsOf } from './derivation.ts';
import { type DeviceRange, deviceRangesOf } from './device-memory.ts';
import { KERNEL_CORE } from './owners.ts';
import { describePurpose, type Purpose, purposesOf, UNKNOWN } from './purposes.ts';

export interface CapabilitySpace {
  /** A domain, or the kernel's core. */
  readonly holder: string;
  /** Slots that its root CNode has, and those of them that hold something. */
  readonly slots: number;
  readonly used: number;
}
export interface NamedCapability extends Capability {
  /** What the object is, in words: `heap of net-stack`, `BAR 0 of 00:01.0`, `endpoint of supervisor`. */
  readonly what: string;
}
export interface CapsSnapshot {
  readonly system: string;
  readonly atCycles: number;
  readonly spaces: readonly CapabilitySpace[];
  /** The kernel core's first; then domain by domain, each in the order of its rights. Addresses are physical. */
  readonly capabilities: readonly NamedCapability[];
  /** The same slots, once each, in prefix order. */
  readonly derivation: readonly Derivation[];
}

const PAGE_BYTES = 4096;

/** Reads everything; changes and charges nothing. */
export function capsOf(system: System): CapsSnapshot {
  const capabilities = capabilitiesOf(system);
  const derivation = derivationsOf(system, capabilities);
  const purposes = purposesOf(system, capabilities, derivation);
  const ranges = deviceRangesOf(system).toSorted((a, b) => a.lenBytes - b.lenBytes);
  return {
    system: system.description.name,
    atCycles: system.clock.now,
    spaces: spacesOf(system, capabilities),
    capabilities: capabilities.map((one) => ({ ...one, what: nameOf(one, purposes, ranges) })),
    derivation,
  };
}

/** @param ranges smallest first, so that the innermost is found first */
function nameOf(one: Capability, purposes: ReadonlyMap<number, Purpose>, ranges: readonly DeviceRange[]): string {
  const { type, address, lenBytes, device, owner, component, interrupt } = one;
  if (interrupt !== null) return `interrupt ${interrupt}`;
  if (address === null) return CONTROLS[type] ?? type;
  if (device) return deviceName(address, lenBytes, ranges);
  if (component !== null) return `${WORDS[type] ?? type} of ${component}`;
  if (type === objects.NAMES[objects.FRAME]) return describePurpose(purposes.get(address / PAGE_BYTES) ?? UNKNOWN);
  return `${WORDS[type] ?? type} of ${owner ?? 'nobody'}`;
}
/** What names no object and controls something. */
const CONTROLS: Readonly<Record<string, string>> = {
  IRQControl: 'control of interrupts',
  SchedControl: 'control of time',
  ASIDControl: 'control of address spaces',
};
const WORDS: Readonly<Record<string, string>> = {
  Untyped: 'memory',
  TCB: 'thread',
  Endpoint: 'endpoint',
  Notification: 'notification',
  Reply: 'reply object',
  CNode: 'capability space',
  PageTable: 'page table',
};
function deviceName(address: number, lenBytes: number, ranges: readonly DeviceRange[]): string {
  const end = address + lenBytes;
  const whole = ranges.find((range) => range.address <= address && end <= range.address + range.lenBytes);
  return whole?.what ?? 'memory of devices';
}

/** The kernel's core, then the domains that have a capability space. */
export function spacesOf({ kernel }: System, all: readonly Capability[]): CapabilitySpace[] {
  const { capabilities, kernelMemory } = kernel;
  const space = (holder: string, cnodeSlot: number, name: string): CapabilitySpace => ({
    holder,
    slots: 2 ** capabilities.sizeOf(cnodeSlot),
    used: all.filter((one) => one.holder === holder && one.space === name).length,
  });
  const open = kernel.domains.filter(
    ({ cnodeSlot }) => cnodeSlot !== 0 && capabilities.typeOf(cnodeSlot) === objects.CNODE,
  );
  return [
    space(KERNEL_CORE, kernelMemory.rootSlot, 'root CNode'),
    ...open.map(({ name, cnodeSlot }) => space(name, cnodeSlot, `CNode of ${name}`)),
  ];
}
