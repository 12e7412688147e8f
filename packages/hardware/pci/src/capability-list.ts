/**
 * The two capability lists of a function, linked as they are added to. PCIe Base 5.0 §7.5.1.1.11 "Capabilities Pointer",
 * §7.6.3 "PCI Express Extended Capability Header".
 *
 * Invariant: capabilities of a list do not overlap, and the list ends.
 */
import { alignUp, type WriteRule } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import type { WidthBytes } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { type ConfigurationSpace, READ_ONLY } from './configuration-space.ts';

/** One register of a capability; offsets are from the capability's start. */
export interface RegisterOptions {
  readonly offset: number;
  readonly widthBytes: WidthBytes;
  readonly initial: number;
  /** What a write does. @defaultValue read-only */
  readonly rule?: WriteRule;
  /** Bits that outlive a reset. @defaultValue 0 */
  readonly sticky?: number;
}

/** A capability that the device itself describes, such as a vendor-specific one. */
export interface CapabilityOptions {
  readonly id: number;
  /** Of an extended capability: 1 … 15. @defaultValue 1 */
  readonly version?: number;
  /** With its header. */
  readonly sizeBytes: number;
  /** Where it stands. @defaultValue the first place that is free */
  readonly at?: number;
  readonly registers: readonly RegisterOptions[];
  /** Software is about to read: the device may bring its registers up to date. */
  readonly onRead?: (offset: number, widthBytes: WidthBytes) => void;
  /** Software has written, and the rules have been applied. */
  readonly onWrite?: (offset: number, widthBytes: WidthBytes) => void;
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

export class CapabilityList {
  readonly #space: ConfigurationSpace;
  readonly #taken: Extent[] = [];
  #link: number = pci.CAPABILITIES_POINTER;

  constructor(space: ConfigurationSpace) {
    this.#space = space;
  }

  /** Adds a capability at `at`, or where it fits first. @returns where it stands. */
  add(id: number, sizeBytes: number, at: number = fit(this.#taken, sizeBytes, pci.CAPABILITIES_START)): number {
    invariant(at >= pci.CAPABILITIES_START && (at & 3) === 0, 'a capability is dword aligned, above the header');
    invariant(at + sizeBytes <= pci.EXTENDED_CAPABILITIES_START, 'a capability fits the first 256 bytes');
    take(this.#taken, at, sizeBytes);
    this.#space.define(this.#link, 1, at, READ_ONLY);
    this.#space.define(at + pci.CAPABILITY_ID, 1, id, READ_ONLY);
    this.#link = at + pci.CAPABILITY_NEXT;
    return at;
  }

  /** Adds one that the device describes. @returns where it stands. */
  addCustom({ id, sizeBytes, at, registers }: CapabilityOptions): number {
    const start = this.add(id, sizeBytes, at);
    defineAll(this.#space, start, registers);
    return start;
  }
}

export class ExtendedCapabilityList {
  readonly #space: ConfigurationSpace;
  readonly #taken: Extent[] = [];
  /** Where the last header stands; 0 while the list is empty. */
  #last = 0;

  constructor(space: ConfigurationSpace) {
    this.#space = space;
  }

  /** §7.6.1: the first stands at 0x100; where `at` leaves that empty, a null capability leads to it. */
  add(id: number, version: number, sizeBytes: number, place?: number): number {
    const at = place ?? fit(this.#taken, sizeBytes, pci.EXTENDED_CAPABILITIES_START);
    invariant(at >= pci.EXTENDED_CAPABILITIES_START && (at & 3) === 0, 'an extended capability is dword aligned');
    invariant(at + sizeBytes <= pci.CONFIGURATION_SPACE_SIZE_BYTES, 'an extended capability fits 4 KiB');
    if (this.#last === 0 && at !== pci.EXTENDED_CAPABILITIES_START) this.add(0, 1, 4, pci.EXTENDED_CAPABILITIES_START);
    take(this.#taken, at, sizeBytes);
    if (this.#last !== 0) this.#linkTo(at);
    this.#space.define(at, 4, id | (version << pci.EXTENDED_CAPABILITY_VERSION.shift), READ_ONLY);
    this.#last = at;
    return at;
  }

  addCustom({ id, version = 1, sizeBytes, at, registers }: CapabilityOptions): number {
    const start = this.add(id, version, sizeBytes, at);
    defineAll(this.#space, start, registers);
    return start;
  }

  #linkTo(at: number): void {
    const header = this.#space.read(this.#last, 4) | (at << pci.EXTENDED_CAPABILITY_NEXT.shift);
    this.#space.define(this.#last, 4, header, READ_ONLY);
  }
}

export function defineAll(space: ConfigurationSpace, start: number, registers: readonly RegisterOptions[]): void {
  for (const { offset, widthBytes, initial, rule = READ_ONLY, sticky = 0 } of registers)
    space.define(start + offset, widthBytes, initial, rule, sticky);
}

/** @returns the first dword from `from` on at which so many bytes are free. */
function fit(taken: readonly Extent[], sizeBytes: number, from: number): number {
  let at = from;
  for (const { start, end } of taken.toSorted((a, b) => a.start - b.start))
    if (at + sizeBytes > start && at < end) at = alignUp(end, 4);
  return at;
}

function take(taken: Extent[], start: number, sizeBytes: number): void {
  const end = start + sizeBytes;
  invariant(
    taken.every((other) => end <= other.start || start >= other.end),
    'capabilities do not overlap',
  );
  taken.push({ start, end });
}
