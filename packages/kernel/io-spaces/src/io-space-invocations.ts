/**
 * Invocations of the control of IO spaces, of IO page tables and, where IO spaces are concerned, of frames, as they
 * arrive. seL4 reference manual 13.0.0 §8.2.3 "I/O Space" and §10 "seL4 API Reference"; the order in which errors win
 * is that of the reference kernel for x86, but where README says DEVIATION. A refused one changes nothing, and nothing
 * throws.
 */
import { type Capabilities, errors, type InvocationMessage, objects } from '@bulkhead/capabilities';
import { NO_ROOT } from './io-space-records.ts';
import type { IoSpaces } from './io-spaces.ts';
import { MISSING_TABLE } from './io-tables.ts';
import {
  IO_PAGE_TABLE_MAP,
  IO_PAGE_TABLE_UNMAP,
  IO_SPACE_CONTROL_ISSUE,
  PAGE_MAP_IO,
  PAGE_UNMAP_IO,
} from './labels.ts';

const FIRST_LABEL: number = IO_SPACE_CONTROL_ISSUE;
/** What each label from FIRST_LABEL on is invoked on, and the words and extra capabilities that it needs. */
const INVOKED: Uint8Array = Uint8Array.of(
  objects.IO_SPACE_CONTROL,
  objects.IO_PAGE_TABLE,
  objects.IO_PAGE_TABLE,
  objects.FRAME,
  objects.FRAME,
);
const WORDS_NEEDED: Uint8Array = Uint8Array.of(4, 1, 0, 2, 0);
const EXTRAS_NEEDED: Uint8Array = Uint8Array.of(1, 1, 0, 1, 0);

const PAGE_SHIFT = 12;
/**
 * Bits of an IO address in its high lane. CHOICE: IO addresses have 38 bits, the lower half of Sv39, where an address
 * and its canonical form are the same.
 */
const HIGH_BITS = 6;

export class IoSpaceInvocations {
  /** The types whose capabilities it decodes and finalises, and the first and the last label that it knows. */
  readonly types: readonly number[] = [
    objects.IO_SPACE_CONTROL,
    objects.IO_SPACE,
    objects.IO_PAGE_TABLE,
    objects.FRAME,
  ];
  readonly labels: readonly [number, number] = [IO_SPACE_CONTROL_ISSUE, PAGE_UNMAP_IO];
  readonly #capabilities: Capabilities;
  readonly #spaces: IoSpaces;

  constructor(capabilities: Capabilities, spaces: IoSpaces) {
    this.#capabilities = capabilities;
    this.#spaces = spaces;
  }

  /**
   * Decides in this order: what is invoked (INVALID_CAPABILITY for an empty slot or a zombie), the label
   * (ILLEGAL_OPERATION), the length (TRUNCATED_MESSAGE), then what each operation refuses.
   */
  invoke(slot: number, label: number, message: InvocationMessage): number {
    const capabilities = this.#capabilities;
    const type = capabilities.typeOf(slot);
    if (type === objects.NULL || capabilities.isZombie(slot)) return capabilities.details.invalidCapability(0);
    const operation = label - FIRST_LABEL;
    if (INVOKED[operation] !== type) return errors.ILLEGAL_OPERATION;
    if (message.length < WORDS_NEEDED[operation]! || message.extraCount < EXTRAS_NEEDED[operation]!)
      return errors.TRUNCATED_MESSAGE;
    message.answer.length = 0;
    switch (label) {
      case IO_SPACE_CONTROL_ISSUE:
        return this.#issue(slot, message);
      case IO_PAGE_TABLE_MAP:
        return this.#mapTable(slot, message);
      case IO_PAGE_TABLE_UNMAP:
        return this.#unmapTable(slot);
      case PAGE_MAP_IO:
        return this.#mapFrame(slot, message);
      default:
        return this.#unmapFrame(slot);
    }
  }

  /** Undoes what a capability did: a frame's always, an IO page table's and an IO space's when it is the last. */
  finalise(type: number, _object: number, slot: number, final: boolean): void {
    const spaces = this.#spaces;
    if (type === objects.FRAME) spaces.unmapFrame(slot);
    else if (type === objects.IO_PAGE_TABLE && final) spaces.unmapTable(slot);
    else if (type === objects.IO_SPACE && final) {
      const domain = spaces.domainOf(slot);
      if (domain > 0) spaces.release(domain);
    }
  }

  /**
   * RANGE_ERROR (device), RANGE_ERROR (IO domain), REVOKE_FIRST (the device has an IO space, or the domain is another's),
   * FAILED_LOOKUP or RANGE_ERROR (path of the slot), DELETE_FIRST.
   *
   * DEVIATION: the manual's kernel mints IO spaces from a master capability, whose revocation leaves them, and one device
   * may be minted twice. Here they are children of the control, and a device has one at a time.
   */
  #issue(control: number, { low, high, extras }: InvocationMessage): number {
    const capabilities = this.#capabilities;
    const { records, devices } = this.#spaces;
    const device = high[0] === 0 ? low[0]! : -1;
    const domain = high[1] === 0 ? low[1]! : -1;
    if (device < 0 || device >= devices) return capabilities.details.range(0, devices - 1);
    if (!records.isDomain(domain)) return capabilities.details.range(1, records.domains);
    if (records.hasSpace(device) || !records.isFree(domain)) return errors.REVOKE_FIRST;
    const depth = high[3] === 0 ? low[3]! : -1;
    const destination = capabilities.lookupSlot(extras[0]!, low[2]!, depth, false);
    if (destination < 0) return destination;
    if (capabilities.typeOf(destination) !== objects.NULL) return errors.DELETE_FIRST;
    const error = capabilities.issueIoSpace(control, device, domain, destination);
    if (error === 0) records.take(domain, device);
    return error;
  }

  /**
   * Maps the table where the first is missing on the way to the address, the root included. INVALID_CAPABILITY 0 (mapped
   * already), INVALID_CAPABILITY 1 (no IO space), INVALID_ARGUMENT 0 (address), DELETE_FIRST (none is missing).
   */
  #mapTable(slot: number, { low, high, extras }: InvocationMessage): number {
    const { details } = this.#capabilities;
    const spaces = this.#spaces;
    if (this.#capabilities.isMapped(slot)) return details.invalidCapability(0);
    const domain = spaces.domainOf(extras[0]!);
    if (domain < 0) return details.invalidCapability(1);
    const ioPage = pageOf(low[0]!, high[0]!);
    if (ioPage < 0) return details.invalidArgument(0);
    if (!spaces.tables.holdsTable(this.#capabilities.pageOf(slot))) return errors.CORRUPTED;
    const entry = this.#missingEntry(spaces.rootOf(domain), ioPage);
    if (entry < 0 && entry !== MISSING_TABLE) return entry;
    spaces.mapTable(slot, domain, ioPage, entry);
    return 0;
  }
  /** @returns the entry of the first missing table, MISSING_TABLE when that is the root, DELETE_FIRST or CORRUPTED. */
  #missingEntry(root: number, ioPage: number): number {
    if (root === NO_ROOT) return MISSING_TABLE;
    const { tables } = this.#spaces;
    const leaf = tables.leafEntry(root, ioPage);
    if (leaf >= 0) return errors.DELETE_FIRST;
    const entry = leaf === MISSING_TABLE ? tables.pointerEntry(root, ioPage, tables.missingLevel) : leaf;
    return entry < 0 ? errors.CORRUPTED : entry;
  }
  /** REVOKE_FIRST (there are copies, which would say that it is mapped). 0 also when it is not mapped. */
  #unmapTable(slot: number): number {
    if (!this.#capabilities.isFinal(slot)) return errors.REVOKE_FIRST;
    this.#spaces.unmapTable(slot);
    return 0;
  }

  /**
   * INVALID_CAPABILITY 0 (no frame of 4 KiB), INVALID_CAPABILITY 0 (mapped already, here or in an address space),
   * INVALID_CAPABILITY 1 (no IO space), INVALID_ARGUMENT 1 (address), FAILED_LOOKUP (a table is missing), DELETE_FIRST
   * (another page is there), INVALID_ARGUMENT 0 (no rights are left).
   *
   * CHOICE: the address's offset in its page is ignored. A page that may be written and not read cannot be mapped: Sv39
   * reserves W without R, and giving R would give what the capability does not.
   */
  #mapFrame(slot: number, { low, high, extras }: InvocationMessage): number {
    const capabilities = this.#capabilities;
    const { details } = capabilities;
    const spaces = this.#spaces;
    if (capabilities.sizeOf(slot) !== objects.FRAME_4K_BITS) return details.invalidCapability(0);
    if (capabilities.isMapped(slot)) return details.invalidCapability(0);
    const domain = spaces.domainOf(extras[0]!);
    if (domain < 0) return details.invalidCapability(1);
    const ioPage = pageOf(low[1]!, high[1]!);
    if (ioPage < 0) return details.invalidArgument(1);
    const entry = this.#leafEntry(spaces.rootOf(domain), ioPage);
    if (entry < 0) return entry;
    if (spaces.tables.isUsed(entry)) return errors.DELETE_FIRST;
    const rights = low[0]! & capabilities.rightsOf(slot);
    if ((rights & objects.READ) === 0) return details.invalidArgument(0);
    spaces.mapFrame(slot, domain, ioPage, entry, (rights & objects.WRITE) !== 0);
    return 0;
  }
  /** @returns the entry of a page, FAILED_LOOKUP or CORRUPTED. */
  #leafEntry(root: number, ioPage: number): number {
    const { tables } = this.#spaces;
    const entry = root === NO_ROOT ? MISSING_TABLE : tables.leafEntry(root, ioPage);
    if (entry >= 0) return entry;
    if (entry !== MISSING_TABLE) return errors.CORRUPTED;
    const level = root === NO_ROOT ? ROOT_LEVEL : tables.missingLevel;
    const { details } = this.#capabilities;
    details.wasSource = false;
    return details.lookup(errors.MISSING_CAPABILITY, bitsBelow(level), 0, 0);
  }
  /** ILLEGAL_OPERATION (it is mapped in an address space). 0 also when it is not mapped. */
  #unmapFrame(slot: number): number {
    const capabilities = this.#capabilities;
    if (capabilities.isMapped(slot) && !capabilities.isIoMapped(slot)) return errors.ILLEGAL_OPERATION;
    this.#spaces.unmapFrame(slot);
    return 0;
  }
}

const ROOT_LEVEL = 2;
const LEVEL_BITS = 9;
/** Bits of the address that the table of a level and those below would resolve, for whoever must make one. */
const bitsBelow = (level: number): number => PAGE_SHIFT + LEVEL_BITS * (level + 1);

/** @returns the page of an IO address, or -1 when it has more bits than there are. */
const pageOf = (low: number, high: number): number =>
  high >>> HIGH_BITS === 0 ? (high << (32 - PAGE_SHIFT)) | (low >>> PAGE_SHIFT) : -1;
