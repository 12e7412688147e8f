/**
 * IO spaces: which memory a device reaches. An IO space is a capability that names a device and an IO domain; page
 * tables and frames are mapped in it by capabilities that record where. What one of them did is undone when it goes, and
 * is over when that returns: first the entry in memory, then what the IOMMU cached of it.
 *
 * Invariants:
 * - a table is in one place of one IO space at most, and is empty when it comes there: so no entry of a table that is
 *   reached names a frame whose capability does not say so;
 * - what a capability records may be out of date, when the table above it, or its space, has gone. So an entry is only
 *   removed when it is found from the root of the recorded domain and names the object itself.
 *
 * Whatever the memory holds, nothing throws.
 */
import { type Capabilities, objects } from '@bulkhead/capabilities';
import { IoSpaceRecords, NO_ROOT } from './io-space-records.ts';
import { IoTables, MISSING_TABLE } from './io-tables.ts';
import { ALL_PAGES, type IommuPort } from './iommu-port.ts';

export interface IoSpacesOptions {
  readonly capabilities: Capabilities;
  /** The physical page of the first byte of the capabilities' memory. @defaultValue 0 */
  readonly basePage?: number;
  /** Index in that memory of the first of `(domains + 1) * IO_SPACE_WORDS` words, all zero. */
  readonly base: number;
  /** The highest IO domain; the lowest is 1. */
  readonly domains: number;
  /** Devices have numbers below this. @defaultValue 2^16, the requesters of one PCI segment */
  readonly devices?: number;
  readonly iommu: IommuPort;
}

export class IoSpaces {
  readonly records: IoSpaceRecords;
  readonly tables: IoTables;
  readonly devices: number;
  readonly #capabilities: Capabilities;
  readonly #iommu: IommuPort;

  constructor({ capabilities, basePage = 0, base, domains, devices = 0x10000, iommu }: IoSpacesOptions) {
    this.records = new IoSpaceRecords(capabilities.words, base, domains);
    this.tables = new IoTables(capabilities.words, basePage);
    this.devices = devices;
    this.#capabilities = capabilities;
    this.#iommu = iommu;
  }

  /** @returns the domain of the IO space that a slot names, or -1. */
  domainOf(slot: number): number {
    const capabilities = this.#capabilities;
    if (capabilities.typeOf(slot) !== objects.IO_SPACE) return -1;
    const domain = capabilities.badgeOf(slot);
    return this.records.isDomain(domain) && this.records.isOf(domain, capabilities.objectOf(slot)) ? domain : -1;
  }

  /** Hangs the table of a slot where the first is missing. @param entry of its pointer, or MISSING_TABLE: it is the root */
  mapTable(slot: number, domain: number, ioPage: number, entry: number): void {
    const page = this.#capabilities.pageOf(slot);
    this.#capabilities.setIoMapping(slot, domain, ioPage);
    if (entry !== MISSING_TABLE) {
      this.tables.setPointer(entry, page);
      return;
    }
    this.records.setRoot(domain, page);
    this.#iommu.attach(this.records.deviceOf(domain), page, domain);
  }
  /** Takes a table, and with it what it maps, out of its IO space, and empties it. */
  unmapTable(slot: number): void {
    if (!this.#capabilities.isMapped(slot)) return;
    this.#removeTable(slot);
    this.tables.zero(this.#capabilities.pageOf(slot));
    this.#capabilities.clearMapping(slot);
  }
  mapFrame(slot: number, domain: number, ioPage: number, entry: number, mayWrite: boolean): void {
    this.tables.setLeaf(entry, this.#capabilities.pageOf(slot), mayWrite);
    this.#capabilities.setIoMapping(slot, domain, ioPage);
  }
  /** Undoes the mapping that a frame's capability records, if it is in an IO space. */
  unmapFrame(slot: number): void {
    const capabilities = this.#capabilities;
    if (!capabilities.isMapped(slot) || !capabilities.isIoMapped(slot)) return;
    const domain = capabilities.mappedAsidOf(slot);
    const ioPage = capabilities.mappedVpnOf(slot);
    const root = this.rootOf(domain);
    const entry = root === NO_ROOT ? MISSING_TABLE : this.tables.leafEntry(root, ioPage);
    if (entry >= 0 && this.tables.isLeaf(entry) && this.tables.pageOf(entry) === capabilities.pageOf(slot)) {
      this.tables.clear(entry);
      this.#iommu.invalidate(domain, ioPage);
    }
    capabilities.clearMapping(slot);
  }
  /** The last capability to an IO space goes. Its tables keep what they hold, and are emptied when they are unmapped. */
  release(domain: number): void {
    if (this.rootOf(domain) !== NO_ROOT) this.#detach(domain);
    this.records.free(domain);
  }

  /** @returns the page of the table from which a domain's translations begin, or NO_ROOT. */
  rootOf(domain: number): number {
    return this.records.isDomain(domain) && !this.records.isFree(domain) ? this.records.rootOf(domain) : NO_ROOT;
  }

  #removeTable(slot: number): void {
    const capabilities = this.#capabilities;
    const domain = capabilities.mappedAsidOf(slot);
    const root = this.rootOf(domain);
    if (root === NO_ROOT) return;
    const page = capabilities.pageOf(slot);
    if (root === page) {
      this.records.setRoot(domain, NO_ROOT);
      this.#detach(domain);
      return;
    }
    const entry = this.tables.entryOfTable(root, capabilities.mappedVpnOf(slot), page);
    if (entry < 0) return;
    this.tables.clear(entry);
    this.#iommu.invalidate(domain, ALL_PAGES);
  }
  /** First the way in, then what was cached: no walk can begin that would cache more. */
  #detach(domain: number): void {
    this.#iommu.detach(this.records.deviceOf(domain));
    this.#iommu.invalidate(domain, ALL_PAGES);
  }
}
