/**
 * Address spaces by the book: page tables, frames and ASID pools as objects, and their invocations. One type of object
 * is a table of any level; the root of an address space is one that was assigned an ASID.
 *
 * Nothing here throws because of what the memory holds or what a message asks. Whoever runs in an address space asks
 * `rootOf` again after a fence of all of its ASID: it may be gone.
 */
import { type Capabilities, errors, type InvocationMessage, objects, pageOfGranule } from '@bulkhead/capabilities';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { AsidPools } from './asid-pools.ts';
import * as labels from './labels.ts';
import { type FencePort, Mappings } from './mappings.ts';
import { TableWalk } from './table-walk.ts';

export interface AddressSpacesOptions {
  readonly capabilities: Capabilities;
  readonly memory: PhysicalMemoryPort;
  /** The kernel's root table: its upper half is in every address space, its lower half holds records and maps nothing. */
  readonly kernelRootPage: number;
  readonly fence: FencePort;
  /**
   * Whether entries that become valid are fenced, as the ISA wants it of software that cannot bear a needless fault.
   * False for a machine that does not remember that there was no translation.
   * @defaultValue true
   */
  readonly fencesNewEntries?: boolean;
}

const FIRST_LABEL = labels.PAGE_TABLE_MAP;
/** By label from the first: the type that is invoked, and the words and extra capabilities that must be there. */
const TYPES: Uint8Array = Uint8Array.from([
  objects.PAGE_TABLE,
  objects.PAGE_TABLE,
  objects.FRAME,
  objects.FRAME,
  objects.FRAME,
  objects.ASID_CONTROL,
  objects.ASID_POOL,
]);
const WORDS_NEEDED: Uint8Array = Uint8Array.from([2, 0, 3, 0, 0, 2, 0]);
const EXTRAS_NEEDED: Uint8Array = Uint8Array.from([1, 0, 1, 0, 0, 2, 1]);
const ALL = -1;
const NO_DEPTH = -1;

export class AddressSpaces {
  /** The types whose capabilities are decoded and finalised here, and the first and the last label. */
  readonly types: readonly number[] = [objects.PAGE_TABLE, objects.FRAME, objects.ASID_CONTROL, objects.ASID_POOL];
  readonly labels: readonly [number, number] = [labels.PAGE_TABLE_MAP, labels.ASID_POOL_ASSIGN];
  readonly #capabilities: Capabilities;
  readonly #memory: PhysicalMemoryPort;
  readonly #kernelRootPage: number;
  readonly #fence: FencePort;
  readonly #pools: AsidPools;
  readonly #mappings: Mappings;
  readonly #walk: TableWalk;

  constructor({ capabilities, memory, kernelRootPage, fence, fencesNewEntries = true }: AddressSpacesOptions) {
    invariant(memory.holdsPage(kernelRootPage), 'the kernel root table is in RAM');
    this.#capabilities = capabilities;
    this.#memory = memory;
    this.#kernelRootPage = kernelRootPage;
    this.#fence = fence;
    this.#pools = new AsidPools(memory, kernelRootPage);
    this.#mappings = new Mappings(capabilities, memory, this.#pools, fence, fencesNewEntries);
    this.#walk = new TableWalk(memory);
  }

  /**
   * @param slot the invoked capability's
   * @returns 0 or an error. First INVALID_CAPABILITY 0 (an empty slot), ILLEGAL_OPERATION (label), TRUNCATED_MESSAGE,
   * then those of the operation.
   */
  invoke(slot: number, label: number, message: InvocationMessage): number {
    const { details } = this.#capabilities;
    const type = this.#capabilities.typeOf(slot);
    message.answer.length = 0;
    if (type === objects.NULL || this.#capabilities.isZombie(slot)) return details.invalidCapability(0);
    const entry = label - FIRST_LABEL;
    if (TYPES[entry] !== type) return errors.ILLEGAL_OPERATION;
    if (message.length < WORDS_NEEDED[entry]! || message.extraCount < EXTRAS_NEEDED[entry]!)
      return errors.TRUNCATED_MESSAGE;
    return this.#invoke(slot, label, message);
  }
  #invoke(slot: number, label: number, message: InvocationMessage): number {
    switch (label) {
      case labels.PAGE_TABLE_MAP:
        return this.mapTable(message.extras[0]!, slot, vpnOf(message));
      case labels.PAGE_TABLE_UNMAP:
        return this.unmapTable(slot);
      case labels.PAGE_MAP:
        return this.#mapPage(slot, message);
      case labels.PAGE_UNMAP:
        return this.unmap(slot);
      case labels.PAGE_GET_ADDRESS:
        return this.#getAddress(slot, message);
      case labels.ASID_CONTROL_MAKE_POOL:
        return this.#makePool(message);
      default:
        return this.assign(slot, message.extras[0]!);
    }
  }
  #mapPage(slot: number, message: InvocationMessage): number {
    const { low, extras } = message;
    const executable = (low[2]! & labels.EXECUTE_NEVER) === 0;
    return this.#mappings.mapPage(extras[0]!, slot, vpnOf(message), low[0]! & 0xfff, low[1]!, executable);
  }
  #getAddress(slot: number, { answer }: InvocationMessage): number {
    const page = this.#capabilities.pageOf(slot);
    answer.low[0] = page << 12;
    answer.high[0] = page >>> 20;
    answer.length = 1;
    return 0;
  }
  /**
   * DELETE_FIRST (no pool is left), INVALID_CAPABILITY 1 (no untyped of 4 KiB, or a device's), REVOKE_FIRST (it has
   * children), the errors of the destination's path, DELETE_FIRST (it is full).
   */
  #makePool({ low, high, extras }: InvocationMessage): number {
    const capabilities = this.#capabilities;
    const error = this.#checkPool(extras[0]!);
    if (error < 0) return error;
    const depth = high[1] === 0 ? low[1]! : NO_DEPTH;
    const destination = capabilities.lookupSlot(extras[1]!, low[0]!, depth, false);
    return destination < 0 ? destination : this.makePool(extras[0]!, destination);
  }

  /* The same without a message, for a kernel that maps for others. */

  /** Hangs a page table where the first is missing on the way to `vpn`. */
  mapTable(root: number, table: number, vpn: number): number {
    return this.#mappings.mapTable(root, table, vpn);
  }
  unmapTable(table: number): number {
    return this.#mappings.unmapTable(table);
  }
  /**
   * Maps a frame, or gives it other rights where it is. Refusals as of PAGE_MAP.
   * @param rights objects.READ and objects.WRITE, of which the frame's capability may allow less
   */
  map(root: number, frame: number, vpn: number, rights: number, executable: boolean): number {
    return this.#mappings.mapPage(root, frame, vpn, 0, rights, executable);
  }
  unmap(frame: number): number {
    return this.#mappings.unmapPage(frame);
  }
  /** Turns an untyped into an ASID pool. */
  makePool(untyped: number, destination: number): number {
    const error = this.#checkPool(untyped);
    if (error < 0) return error;
    const refused = this.#capabilities.makeAsidPool(untyped, destination);
    if (refused < 0) return refused;
    return this.adoptPool(destination);
  }
  #checkPool(untyped: number): number {
    const capabilities = this.#capabilities;
    if (this.#pools.freeIndex() < 0) return errors.DELETE_FIRST;
    const isWhole =
      capabilities.typeOf(untyped) === objects.UNTYPED && capabilities.sizeOf(untyped) === objects.ASID_POOL_BITS;
    if (!isWhole || capabilities.isDevice(untyped)) return capabilities.details.invalidCapability(1);
    return capabilities.hasChildren(untyped) ? errors.REVOKE_FIRST : 0;
  }
  /** Lets a pool be used that was installed at boot, on a page of zeroes. DELETE_FIRST when no pool is left. */
  adoptPool(slot: number): number {
    const pool = this.#pools.freeIndex();
    if (pool < 0) return errors.DELETE_FIRST;
    this.#pools.add(pool, this.#capabilities.pageOf(slot));
    return 0;
  }
  /**
   * Makes a page table the root of an address space. INVALID_CAPABILITY 1 (no page table, or one in use), FAILED_LOOKUP
   * (a pool that is none any more), DELETE_FIRST (it is full).
   */
  assign(pool: number, table: number): number {
    const capabilities = this.#capabilities;
    const { details } = capabilities;
    if (capabilities.typeOf(table) !== objects.PAGE_TABLE || capabilities.isMapped(table))
      return details.invalidCapability(1);
    const poolPage = capabilities.pageOf(pool);
    const index = this.#pools.indexOf(poolPage);
    details.wasSource = false;
    if (index < 0) return details.lookup(errors.INVALID_ROOT, 0, 0, 0);
    const page = capabilities.pageOf(table);
    if (!this.#memory.holdsPage(page)) return errors.CORRUPTED;
    const asid = this.#pools.assign(index, poolPage, page);
    if (asid < 0) return errors.DELETE_FIRST;
    this.#walk.shareUpperHalf(this.#kernelRootPage, page);
    capabilities.setMapping(table, asid, 0);
    this.#fence.fence(ALL, asid);
    return 0;
  }

  /**
   * @returns the page to which `satp` is to point for an address space, or -1 when the capability names none that has an
   * ASID. `asidOf` says which.
   */
  rootOf(slot: number): number {
    return this.#mappings.rootOf(slot);
  }
  /** Holds while `rootOf` answers with a page. */
  asidOf(slot: number): number {
    return this.#capabilities.mappedAsidOf(slot);
  }

  /** What a capability did ends with it. For `Capabilities`' option of that name; other types than ours are ignored. */
  finalise(type: number, object: number, slot: number, final: boolean): void {
    if (type === objects.FRAME) this.#mappings.unmapPage(slot);
    else if (type === objects.PAGE_TABLE && final) this.#endTable(slot);
    else if (type === objects.ASID_POOL && final) this.#endPool(object);
  }
  #endTable(slot: number): void {
    if (this.#mappings.rootOf(slot) < 0) {
      if (this.#capabilities.isMapped(slot)) this.#mappings.detach(slot);
      return;
    }
    const asid = this.#capabilities.mappedAsidOf(slot);
    this.#pools.release(asid);
    this.#fence.fence(ALL, asid);
  }
  #endPool(object: number): void {
    if (this.#pools.remove(pageOfGranule(object))) this.#fence.fence(ALL, ALL);
  }
}

/** The page of word 0, a virtual address: signed, and far beyond any address space when it is not canonical. */
const vpnOf = ({ low, high }: InvocationMessage): number => high[0]! * 0x10_0000 + (low[0]! >>> 12);
