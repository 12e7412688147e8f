/** The words behind the register page, and what all parts of the IOMMU read from them. */
import { type Field, get } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { IommuCapabilities } from './capabilities.ts';

/** CHOICE: §5.6, §5.9: LOG2SZ-1 is WARL; a queue here has at most 2^16 entries, so its topmost bit reads 0. */
export const LOG2SZ_WRITABLE = 0xf;

export class Registers {
  readonly words: Int32Array = new Int32Array(reg.REGISTERS_SIZE_BYTES / 4);

  readonly #capabilities: IommuCapabilities;

  constructor(capabilities: IommuCapabilities) {
    this.#capabilities = capabilities;
    this.reset();
  }
  /** §5.2 "Reset behavior". CHOICE: `iommu_mode` resets to Off, and what is UNSPECIFIED resets to 0. */
  reset(): void {
    this.words.fill(0);
    this.setWord(reg.CAPABILITIES, this.#capabilities.lo);
    this.setWord(reg.CAPABILITIES + 4, this.#capabilities.hi);
    // §5.4: an IOMMU without messages signals by wire and nothing else.
    if (this.field(reg.CAPABILITIES, reg.CAPABILITIES_IGS) === reg.IGS_WSI) this.setWord(reg.FCTL, reg.FCTL_WSI.mask);
  }
  word(offset: number): number {
    return this.words[offset >>> 2]!;
  }
  setWord(offset: number, value: number): void {
    this.words[offset >>> 2] = value;
  }
  field(offset: number, field: Field): number {
    return get(this.words[offset >>> 2]!, field);
  }
  has(offset: number, field: Field): boolean {
    return (this.words[offset >>> 2]! & field.mask) !== 0;
  }
  raise(offset: number, field: Field): void {
    this.words[offset >>> 2] = this.words[offset >>> 2]! | field.mask;
  }
  /** @returns the PPN that stands at [53:10] of `ddtp`, `cqb` or `fqb`. 44 bits: never with shifts alone. */
  basePage(offset: number): number {
    return this.field(offset + 4, reg.BASE_PPN_HI) * 0x400000 + this.field(offset, reg.BASE_PPN_LO);
  }
  /** @returns the mask of an index into the queue whose base register stands at `offset`. */
  indexMask(offset: number): number {
    return (2 << this.field(offset, reg.QUEUE_LOG2SZ_1)) - 1;
  }
}
