/**
 * The registers of the 82574L as words, with what a write may change. Side effects are the device's;
 * this is storage. Intel 82574 Datasheet revision 3.4 §10.2 "Register Descriptions".
 */
import * as reg from '@bulkhead/intel-82574-datasheet';

const WORDS = reg.BAR_MEMORY_SIZE_BYTES / 4;
const ALL = -1;
const LOW_16 = 0xffff;

/** Offset, initial value, writable bits. A register that is not here reads 0 and ignores writes. */
const REGISTERS: readonly (readonly [offset: number, initial: number, writable: number])[] = [
  [reg.CTRL, reg.CTRL_INITIAL, ALL & ~(reg.CTRL_RST.mask | reg.CTRL_PHY_RST.mask)],
  [reg.STATUS, 0, 0], // what the device computes is added when it is read
  [reg.EECD, reg.EECD_INITIAL, 0],
  [reg.CTRL_EXT, 0, ALL & ~reg.CTRL_EXT_EE_RST.mask],
  [reg.FLA, 0, 0],
  [reg.FCAL, 0, ALL],
  [reg.FCAH, 0, LOW_16],
  [reg.FCT, 0, LOW_16],
  [reg.VET, reg.VET_INITIAL, LOW_16],
  [reg.FCTTV, 0, LOW_16],
  [reg.LEDCTL, 0, ALL],
  [reg.EXTCNF_CTRL, 0, ALL],
  [reg.PBA, reg.PBA_INITIAL, 0],
  [reg.PBS, 0, LOW_16],
  [reg.SWSM, reg.SWSM_INITIAL, reg.SWSM_SMBI.mask | reg.SWSM_SWESMBI.mask],
  [reg.ITR, 0, LOW_16],
  [reg.EIAC, 0, reg.EIAC_CAUSES.mask],
  [reg.IAM, 0, ALL],
  [reg.IVAR, 0, ALL],
  [reg.RCTL, 0, ALL],
  [reg.PSRCTL, 0, ALL],
  [reg.FCRTL, 0, ALL],
  [reg.FCRTH, 0, LOW_16],
  [reg.RDTR, 0, LOW_16],
  [reg.RADV, 0, LOW_16],
  [reg.RSRPD, 0, 0xfff],
  [reg.RAID, 0, LOW_16],
  [reg.RXCSUM, reg.RXCSUM_INITIAL, ALL],
  [reg.RFCTL, 0, ALL],
  [reg.MRQC, 0, ALL],
  [reg.TCTL, 0, ALL & ~reg.TCTL_SWXOFF.mask],
  [reg.TIPG, reg.TIPG_INITIAL, ALL],
  [reg.AIT, 0, LOW_16],
  [reg.TIDV, 0, LOW_16],
  [reg.TADV, 0, LOW_16],
  [reg.FCRTV, 0, LOW_16],
  [reg.WUC, 0, ALL],
  [reg.WUFC, 0, ALL],
  [reg.MANC, 0, ALL],
  [reg.GCR, 0, ALL],
  [reg.GCR2, 0, ALL],
];

/** The same, one a queue. */
const QUEUE_REGISTERS: typeof REGISTERS = [
  [reg.RDBAL, 0, reg.RDBAL_MASK | 0],
  [reg.RDBAH, 0, ALL],
  [reg.RDLEN, 0, reg.RDLEN_MASK],
  [reg.RDH, 0, reg.RDH_MASK],
  [reg.RDT, 0, reg.RDT_MASK],
  [reg.RXDCTL, reg.RXDCTL_INITIAL, ALL],
  [reg.TDBAL, 0, reg.TDBAL_MASK | 0],
  [reg.TDBAH, 0, ALL],
  [reg.TDLEN, 0, reg.TDLEN_MASK],
  [reg.TDH, 0, reg.TDH_MASK],
  [reg.TDT, 0, reg.TDT_MASK],
  [reg.TXDCTL, 0, ALL],
  [reg.TARC, reg.TARC_INITIAL, ALL],
];

/** What CTRL.RST keeps: drivers divide the packet buffer before they reset. */
const KEPT_BY_SOFTWARE_RESET: readonly number[] = [reg.PBA, reg.PBS];

/** Offset, count, writable bits. */
const ARRAYS: readonly (readonly [offset: number, count: number, writable: number])[] = [
  [reg.EITR, reg.EITR_COUNT, LOW_16],
  [reg.MTA, reg.MTA_COUNT, ALL],
  [reg.RAL, reg.RA_COUNT * 2, ALL],
  [reg.VFTA, reg.VFTA_COUNT, ALL],
  [reg.RETA, reg.RETA_COUNT, ALL],
  [reg.RSSRK, reg.RSSRK_COUNT, ALL],
];

export class RegisterFile {
  /** Values by word: the register at `offset` is `words[offset >>> 2]`. */
  readonly words: Int32Array = new Int32Array(WORDS);
  readonly #initial: Int32Array = new Int32Array(WORDS);
  readonly #writable: Int32Array = new Int32Array(WORDS);

  constructor() {
    for (const [offset, initial, writable] of REGISTERS) this.#define(offset, initial, writable);
    for (const [offset, initial, writable] of QUEUE_REGISTERS) {
      for (let queue = 0; queue < reg.QUEUE_COUNT; queue++) {
        this.#define(offset + queue * reg.QUEUE_STRIDE_BYTES, initial, writable);
      }
    }
    for (const [offset, count, writable] of ARRAYS) {
      for (let i = 0; i < count; i++) this.#define(offset + i * 4, 0, writable);
    }
    this.reset();
  }

  /** @returns the signed word. */
  get(offset: number): number {
    return this.words[offset >>> 2]!;
  }
  /** A change by the device. */
  set(offset: number, value: number): void {
    this.words[offset >>> 2] = value;
  }
  /** A write of software: only the writable bits change. */
  write(offset: number, value: number): void {
    const index = offset >>> 2;
    const writable = this.#writable[index]!;
    this.words[index] = (this.words[index]! & ~writable) | (value & writable);
  }
  /** Adds to a counter, which sticks at its maximum. §10.2.7 "Statistic Register Descriptions". */
  count(offset: number): void {
    const index = offset >>> 2;
    if (this.words[index] !== ALL) this.words[index] = this.words[index]! + 1;
  }
  /** Adds to the 64-bit pair of counters at `offset`. */
  countBytes(offset: number, lenBytes: number): void {
    const low = offset >>> 2;
    const sum = (this.words[low]! >>> 0) + lenBytes;
    this.words[low] = sum;
    if (sum > 0xffffffff) this.count(offset + 4);
  }
  reset(): void {
    this.words.set(this.#initial);
  }
  resetBySoftware(): void {
    const kept = KEPT_BY_SOFTWARE_RESET.map((offset) => this.get(offset));
    this.reset();
    KEPT_BY_SOFTWARE_RESET.forEach((offset, i) => {
      this.set(offset, kept[i]!);
    });
  }

  #define(offset: number, initial: number, writable: number): void {
    this.#initial[offset >>> 2] = initial;
    this.#writable[offset >>> 2] = writable;
  }
}
