/**
 * The hardware performance monitor. RISC-V IOMMU 1.0 §5.19 to §5.23: a counter of cycles, and seven of events.
 *
 * CHOICE: a walk of a directory is counted when it found a context. A request misses the TLB once, however many leaves
 * it had to look for. CHOICE: the cycles of the time that passed are added when somebody looks, and an overflow is seen
 * then. While an event is counted, the memory of whole translations is off: it would hide requests.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Interrupts } from './interrupts.ts';
import type { Recent } from './recent.ts';
import type { Registers } from './registers.ts';
import { NO_PROCESS, type Request } from './request.ts';

const COUNTERS = 7;
const INHIBITABLE: number = (2 << COUNTERS) - 1;
const LANE = 0x1_0000_0000;

/** What others count anyway: each array's first element is a number of events. */
export interface Tallies {
  readonly deviceLoads: Float64Array;
  readonly processLoads: Float64Array;
  readonly firstWalks: Float64Array;
  readonly secondWalks: Float64Array;
}
export interface MonitorOptions {
  readonly registers: Registers;
  readonly interrupts: Interrupts;
  readonly recent: Recent;
  readonly tallies: Tallies;
  /** The time, in cycles; it never goes back. */
  readonly cycles: () => number;
}

export class Monitor {
  readonly #registers: Registers;
  readonly #interrupts: Interrupts;
  readonly #recent: Recent;
  readonly #tallies: Tallies;
  readonly #cycles: () => number;
  #since: number;
  readonly #before: Float64Array = new Float64Array(4);
  /** Some event is counted. */
  active = false;

  constructor({ registers, interrupts, recent, tallies, cycles }: MonitorOptions) {
    this.#registers = registers;
    this.#interrupts = interrupts;
    this.#recent = recent;
    this.#tallies = tallies;
    this.#cycles = cycles;
    this.#since = cycles();
  }
  reset(): void {
    this.#since = this.#cycles();
    this.#select();
  }

  /** @param offset from IOCOUNTINH up to, not including, TR_REQ_IOVA. */
  write(offset: number, value: number): void {
    this.refresh();
    if (offset === reg.IOCOUNTINH) this.#registers.setWord(offset, value & INHIBITABLE);
    else if (offset < reg.IOHPMCTR_1) this.#registers.setWord(offset, value);
    else if (offset < reg.IOHPMCTR_1 + COUNTERS * 8) this.#registers.setWord(offset, value);
    else if (offset >= reg.IOHPMEVT_1 && offset < reg.IOHPMEVT_1 + COUNTERS * 8) this.#writeSelector(offset, value);
    this.#shadow();
    this.#select();
  }
  /** Adds the cycles that passed. */
  refresh(): void {
    const now = this.#cycles();
    const passed = now - this.#since;
    this.#since = now;
    if ((this.#registers.word(reg.IOCOUNTINH) & 1) === 1 || passed <= 0) return;
    const high = this.#registers.word(reg.IOHPMCYCLES + 4);
    const low = (this.#registers.word(reg.IOHPMCYCLES) >>> 0) + (passed % LANE);
    const upper = (high & 0x7fffffff) + Math.floor(passed / LANE) + (low >= LANE ? 1 : 0);
    const overflows = upper >= 0x80000000;
    this.#registers.setWord(reg.IOHPMCYCLES, low | 0);
    this.#registers.setWord(reg.IOHPMCYCLES + 4, (upper & 0x7fffffff) | (high & reg.IOHPMCYCLES_HI_OF.mask));
    if (overflows) this.#overflow(reg.IOHPMCYCLES + 4);
  }

  /** A request begins. */
  start(): void {
    const { deviceLoads, processLoads, firstWalks, secondWalks } = this.#tallies;
    this.#before[0] = deviceLoads[0]!;
    this.#before[1] = processLoads[0]!;
    this.#before[2] = firstWalks[0]!;
    this.#before[3] = secondWalks[0]!;
  }
  /** It ends: its events are counted. @param gscid -1 for the host. @param pscid -1 for no first stage. */
  finish(request: Request, gscid: number, pscid: number): void {
    const { deviceLoads, processLoads, firstWalks, secondWalks } = this.#tallies;
    const before = this.#before;
    const first = firstWalks[0]! - before[2]!;
    const second = secondWalks[0]! - before[3]!;
    this.#count(reg.EVENT_UNTRANSLATED_REQUEST + request.addressType, 1, request, gscid, pscid);
    this.#count(reg.EVENT_TLB_MISS, first + second > 0 ? 1 : 0, request, gscid, pscid);
    this.#count(reg.EVENT_DDT_WALK, deviceLoads[0]! - before[0]!, request, gscid, pscid);
    this.#count(reg.EVENT_PDT_WALK, processLoads[0]! - before[1]!, request, gscid, pscid);
    this.#count(reg.EVENT_FIRST_STAGE_WALK, first, request, gscid, pscid);
    this.#count(reg.EVENT_SECOND_STAGE_WALK, second, request, gscid, pscid);
  }

  #count(event: number, times: number, request: Request, gscid: number, pscid: number): void {
    if (times === 0) return;
    for (let counter = 1; counter <= COUNTERS; counter++) {
      const selector = reg.IOHPMEVT_1 + (counter - 1) * 8;
      if (this.#registers.field(selector, reg.IOHPMEVT_EVENT_ID) !== event) continue;
      if (((this.#registers.word(reg.IOCOUNTINH) >>> counter) & 1) === 1) continue;
      if (this.#matches(selector, event, request, gscid, pscid)) this.#add(counter, times);
    }
  }
  /** §5.23, table "filtering options". */
  #matches(selector: number, event: number, request: Request, gscid: number, pscid: number): boolean {
    const low = this.#registers.word(selector);
    const high = this.#registers.word(selector + 4);
    const bySpace = has(high, reg.IOHPMEVT_HI_IDT);
    if (bySpace && !hasSpace(event)) return false;
    const process = get(high, reg.IOHPMEVT_HI_PID) * 0x10000 + get(low, reg.IOHPMEVT_PID_LO);
    const actualProcess = bySpace ? pscid : request.processId;
    if (has(high, reg.IOHPMEVT_HI_PV) && actualProcess !== process) return false;
    if (!has(high, reg.IOHPMEVT_HI_DV)) return true;
    const device = get(high, reg.IOHPMEVT_HI_DID);
    const actualDevice = bySpace ? gscid : request.deviceId;
    // DMASK: the low bits up to and with the first 0 are masked.
    const masked = has(low, reg.IOHPMEVT_DMASK) ? device ^ (device + 1) : 0;
    return actualDevice !== NO_PROCESS && ((actualDevice ^ device) & ~masked) === 0;
  }
  #add(counter: number, times: number): void {
    const registers = this.#registers;
    const at = reg.IOHPMCTR_1 + (counter - 1) * 8;
    const low = (registers.word(at) >>> 0) + times;
    registers.setWord(at, low | 0);
    if (low < LANE) return;
    const high = (registers.word(at + 4) + 1) | 0;
    registers.setWord(at + 4, high);
    if (high === 0) this.#overflow(reg.IOHPMEVT_1 + (counter - 1) * 8 + 4);
  }
  /** Sets OF, bit 31 of the word; where it was 0 that is an interrupt. */
  #overflow(offset: number): void {
    const before = this.#registers.word(offset);
    this.#registers.setWord(offset, before | reg.IOHPMEVT_HI_OF.mask);
    this.#shadow();
    if (before >= 0) this.#interrupts.counterOverflowed();
  }
  /** §5.19: `iocountovf` shows the OF bits. */
  #shadow(): void {
    let overflows = this.#registers.word(reg.IOHPMCYCLES + 4) >>> 31;
    for (let counter = 1; counter <= COUNTERS; counter++)
      overflows |= (this.#registers.word(reg.IOHPMEVT_1 + (counter - 1) * 8 + 4) >>> 31) << counter;
    this.#registers.setWord(reg.IOCOUNTOVF, overflows);
  }
  /** WARL: an event that is none of the standard ones becomes none. */
  #writeSelector(offset: number, value: number): void {
    const isLow = (offset & 4) === 0;
    const known = get(value, reg.IOHPMEVT_EVENT_ID) <= reg.EVENT_SECOND_STAGE_WALK;
    this.#registers.setWord(offset, isLow && !known ? value & ~reg.IOHPMEVT_EVENT_ID.mask : value);
  }
  #select(): void {
    this.active = false;
    for (let counter = 0; counter < COUNTERS; counter++)
      if (this.#registers.field(reg.IOHPMEVT_1 + counter * 8, reg.IOHPMEVT_EVENT_ID) !== 0) this.active = true;
    this.#recent.enabled = !this.active;
    this.#recent.clear();
  }
}

/** §5.23, table "Standard Events list", column "IDT settings supported". */
const hasSpace = (event: number): boolean =>
  event === reg.EVENT_TLB_MISS || event === reg.EVENT_FIRST_STAGE_WALK || event === reg.EVENT_SECOND_STAGE_WALK;
