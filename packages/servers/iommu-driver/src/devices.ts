/**
 * Devices that have an IO space, or faulted without one: their records, and their contexts in the device directory.
 * RISC-V IOMMU 1.0 §2.1 "Device-Directory-Table (DDT)", two levels.
 */
import { type Field, get } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Window } from '@bulkhead/runtime';
import { NOBODY } from './config.ts';
import * as layout from './layout.ts';
import type { TablePages } from './table-pages.ts';

const PAGE_SIZE_BYTES = 4096;
const DEVICES_END: number = layout.DEVICES_OFFSET + layout.DEVICE_COUNT * layout.DEVICE_SIZE_BYTES;
const NONE = -1;

export class Devices {
  readonly #heap: Window;
  readonly #tables: TablePages;
  #contextSizeBytes: number = reg.DC_BASE_SIZE_BYTES;
  #index0: Field = reg.DDI0_BASE;
  #index1: Field = reg.DDI1_BASE;
  #fileMask = 0;
  #filePattern = 0;

  constructor(heap: Window, tables: TablePages) {
    this.#heap = heap;
    this.#tables = tables;
  }

  /** §2.1.2: contexts of 64 bytes, as an IOMMU has them that translates messages; those are sent to pages like `pattern`. */
  useExtendedFormat(mask: number, pattern: number): void {
    this.#contextSizeBytes = reg.DC_EXTENDED_SIZE_BYTES;
    this.#index0 = reg.DDI0_EXTENDED;
    this.#index1 = reg.DDI1_EXTENDED;
    this.#fileMask = mask;
    this.#filePattern = pattern;
  }

  /** @returns the device's record, or -1. */
  find(device: number): number {
    return this.#find(device + 1);
  }
  /** @returns the first record, at or after `from`, of a space that `holder` maps into; or -1. */
  findHeldBy(holder: number, from: number = layout.DEVICES_OFFSET): number {
    for (let at = from; at < DEVICES_END; at += layout.DEVICE_SIZE_BYTES)
      if (this.device(at) >= 0 && this.word(at, layout.DEVICE_HOLDER) === holder) return at;
    return NONE;
  }
  /** The one after. */
  nextHeldBy(holder: number, at: number): number {
    return this.findHeldBy(holder, at + layout.DEVICE_SIZE_BYTES);
  }
  /** Makes a record with an empty root table. @returns it, or -1 when there is no room. */
  add(device: number, holder: number, tenure: number, hint: number): number {
    const at = this.#freeRecord();
    const leaf = at < 0 ? NONE : this.#leafOf(device, true);
    const root = leaf < 0 ? NONE : this.#tables.allocate(this.pscid(at));
    if (root < 0) return NONE;
    this.#fill(at, device, root, holder);
    this.#heap.store32(at + layout.DEVICE_HINT, hint);
    this.#heap.store32(at + layout.DEVICE_TENURE, tenure);
    return at;
  }
  /** Makes a record of a device without an IO space: it takes no page. @returns it, or -1 when there is no room. */
  addStranger(device: number): number {
    const at = this.#find(0);
    if (at >= 0) this.#fill(at, device, layout.NO_ROOT, NOBODY);
    return at;
  }
  /** Gives a stranger an empty root table and so a context. @returns false when there is no room. */
  giveRoot(at: number): boolean {
    if (this.#leafOf(this.device(at), true) < 0) return false;
    const root = this.#tables.allocate(this.pscid(at));
    if (root >= 0) this.#heap.store32(at + layout.DEVICE_ROOT, root);
    return root >= 0;
  }
  #fill(at: number, device: number, root: number, holder: number): void {
    this.#heap.store32(at + layout.DEVICE_ROOT, root);
    this.#heap.store32(at + layout.DEVICE_MAPPINGS, 0);
    this.#heap.store32(at + layout.DEVICE_HOLDER, holder);
    this.#heap.store32(at + layout.DEVICE_FAULTS, 0);
    this.#heap.store32(at + layout.DEVICE_MESSAGES, 0);
    this.#heap.store32(at + layout.DEVICE_ID, device + 1);
  }
  /** Writes the device's context: valid, first stage Sv39 from its root table. */
  publish(at: number): void {
    const context = this.#contextOf(this.device(at));
    if (context < 0) return;
    const { window } = this.#tables;
    window.fill(context, 0, this.#contextSizeBytes);
    window.store32(context + reg.DC_TA, this.pscid(at) << reg.TA_PSCID.shift);
    this.#point(context + reg.DC_FSC, this.root(at), reg.IOSATP_MODE_SV39 << reg.IOSATP_HI_MODE.shift);
    const messages = this.word(at, layout.DEVICE_MESSAGES);
    if (messages !== 0) {
      this.#point(context + reg.DC_MSIPTP, messages, reg.MSIPTP_MODE_FLAT << reg.MSIPTP_HI_MODE.shift);
      window.store32(context + reg.DC_MSI_ADDR_MASK, this.#fileMask);
      window.store32(context + reg.DC_MSI_ADDR_PATTERN, this.#filePattern);
    }
    window.store32(context + reg.DC_TC, reg.TC_V.mask);
  }
  /** DTF: faults of the device are not reported any more. It reaches what it did. */
  hush(at: number): void {
    const context = this.#contextOf(this.device(at));
    if (context >= 0) this.#tables.window.store32(context + reg.DC_TC, reg.TC_V.mask | reg.TC_DTF.mask);
  }
  #point(at: number, page: number, mode: number): void {
    this.#tables.window.store32(at, this.#tables.physical(page));
    this.#tables.window.store32(at + 4, mode);
  }
  /** Takes the context away: every access of the device faults once the caches were told. */
  withdraw(at: number): void {
    const context = this.#contextOf(this.device(at));
    if (context >= 0) this.#tables.window.store32(context + reg.DC_TC, 0);
  }
  /** Forgets the record and frees its tables. Only after the caches were told. */
  remove(at: number): void {
    this.#tables.freeAll(this.pscid(at));
    this.#heap.store32(at + layout.DEVICE_ID, 0);
  }
  /** @returns the device of a record, or -1 for a free one. */
  device(at: number): number {
    return this.#heap.load32(at + layout.DEVICE_ID) - 1;
  }
  root(at: number): number {
    return this.#heap.load32(at + layout.DEVICE_ROOT);
  }
  /** The address-space identifier of the device's IO space: one a record, from 1. */
  pscid(at: number): number {
    return (at - layout.DEVICES_OFFSET) / layout.DEVICE_SIZE_BYTES + 1;
  }
  word(at: number, offset: number): number {
    return this.#heap.load32(at + offset);
  }
  setWord(at: number, offset: number, value: number): void {
    this.#heap.store32(at + offset, value);
  }

  /** Where there is none, that of a device without an IO space is one: only its faults are forgotten. */
  #freeRecord(): number {
    const free = this.#find(0);
    if (free >= 0) return free;
    for (let at = layout.DEVICES_OFFSET; at < DEVICES_END; at += layout.DEVICE_SIZE_BYTES)
      if (this.root(at) === layout.NO_ROOT) return at;
    return NONE;
  }
  #find(id: number): number {
    for (let at = layout.DEVICES_OFFSET; at < DEVICES_END; at += layout.DEVICE_SIZE_BYTES)
      if (this.#heap.load32(at + layout.DEVICE_ID) === id) return at;
    return NONE;
  }
  #contextOf(device: number): number {
    const leaf = this.#leafOf(device, false);
    return leaf < 0 ? NONE : leaf * PAGE_SIZE_BYTES + get(device, this.#index0) * this.#contextSizeBytes;
  }
  /** @returns the page of device contexts for a device, or -1. */
  #leafOf(device: number, make: boolean): number {
    if (device > (this.#index0.mask | this.#index1.mask)) return NONE; // two levels name no more
    const entry = get(device, this.#index1);
    const low = this.#tables.low(layout.DIRECTORY_PAGE, entry);
    if ((low & reg.DDTE_V.mask) !== 0) {
      const high = this.#tables.high(layout.DIRECTORY_PAGE, entry);
      return this.#tables.pageAt((high << 22) | get(low, reg.DDTE_PPN_LO));
    }
    const leaf = make ? this.#tables.allocate(layout.SHARED) : NONE;
    if (leaf < 0) return NONE;
    const physical = this.#tables.physical(leaf);
    this.#tables.setEntry(layout.DIRECTORY_PAGE, entry, (physical << 10) | reg.DDTE_V.mask, physical >>> 22);
    return leaf;
  }
}
