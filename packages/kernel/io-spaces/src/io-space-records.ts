/**
 * Which device has which IO space, and from where its tables begin: one record of 4 words an IO domain, in memory that
 * the kernel lends.
 *
 *   word 0  device + 1, or 0: the domain is free
 *   word 1  page of the root table + 1, or 0
 *
 * CHOICE: an IO domain belongs to one IO space at a time. Two devices under one domain would be served each other's
 * cached translations, since the IOMMU tells them apart by the domain alone.
 */
export const IO_SPACE_WORDS = 4;
export const NO_ROOT = -1;

const DEVICE = 0;
const ROOT = 1;

export class IoSpaceRecords {
  /** The highest IO domain; the lowest is 1. */
  readonly domains: number;
  readonly #words: Int32Array;
  readonly #base: number;

  constructor(words: Int32Array, base: number, domains: number) {
    this.#words = words;
    this.#base = base;
    this.domains = domains;
  }
  isDomain(domain: number): boolean {
    return domain >= 1 && domain <= this.domains;
  }
  isFree(domain: number): boolean {
    return this.#words[this.#at(domain)] === 0;
  }
  hasSpace(device: number): boolean {
    for (let domain = 1; domain <= this.domains; domain++) if (this.isOf(domain, device)) return true;
    return false;
  }
  /** Whether the domain is that of the device's IO space. */
  isOf(domain: number, device: number): boolean {
    return this.#words[this.#at(domain) + DEVICE] === device + 1;
  }
  take(domain: number, device: number): void {
    this.#words[this.#at(domain) + DEVICE] = device + 1;
    this.setRoot(domain, NO_ROOT);
  }
  free(domain: number): void {
    this.#words.fill(0, this.#at(domain), this.#at(domain) + IO_SPACE_WORDS);
  }
  deviceOf(domain: number): number {
    return this.#words[this.#at(domain) + DEVICE]! - 1;
  }
  rootOf(domain: number): number {
    return this.#words[this.#at(domain) + ROOT]! - 1;
  }
  setRoot(domain: number, page: number): void {
    this.#words[this.#at(domain) + ROOT] = page + 1;
  }
  #at(domain: number): number {
    return this.#base + domain * IO_SPACE_WORDS;
  }
}
