/**
 * Device contexts: found in the device directory, checked, and cached until IODIR.INVAL_DDT says otherwise.
 * RISC-V IOMMU 1.0 §2.3.1 "Process to locate the Device-context", whose steps the comments number.
 *
 * CHOICE: a change of `ddtp` leaves the cache as it is (§5.5 allows it): software sends the command.
 */
import { type Field, get, has } from '@bulkhead/bits';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { DeviceContext, isMisconfigured } from './device-context.ts';
import type { Recent } from './recent.ts';
import type { Registers } from './registers.ts';

const ENTRIES = 64;
const DEVICES: number = 2 ** reg.DEVICE_ID_BITS;
/** On the way of every request: what is imported is looked up at every use. */
const { DDTP, DDTP_IOMMU_MODE, DDTP_MODE_1LVL, DDTP_MODE_2LVL } = reg;
const FREE = -1;
/** `device_id`, cut for each level of the directory. */
const BASE_INDICES: readonly Field[] = [reg.DDI0_BASE, reg.DDI1_BASE, reg.DDI2_BASE];
const EXTENDED_INDICES: readonly Field[] = [reg.DDI0_EXTENDED, reg.DDI1_EXTENDED, reg.DDI2_EXTENDED];

export class Directory {
  readonly #registers: Registers;
  readonly #memory: PhysicalMemoryPort;
  readonly #recent: Recent;
  readonly #extended: boolean;
  readonly #indices: readonly Field[];
  readonly #contextWords: number;
  readonly #contexts: readonly DeviceContext[] = Array.from({ length: ENTRIES }, () => new DeviceContext());
  /** Contexts that were read from memory. */
  readonly loads: Float64Array = new Float64Array(1);
  /** Why the last `locate` found nothing. */
  cause = 0;

  constructor(registers: Registers, memory: PhysicalMemoryPort, recent: Recent) {
    this.#registers = registers;
    this.#memory = memory;
    this.#recent = recent;
    this.#extended = registers.has(reg.CAPABILITIES, reg.CAPABILITIES_MSI_FLAT);
    this.#indices = this.#extended ? EXTENDED_INDICES : BASE_INDICES;
    this.#contextWords = (this.#extended ? reg.DC_EXTENDED_SIZE_BYTES : reg.DC_BASE_SIZE_BYTES) / 4;
  }

  /** §2.3 step 5. @returns true when the mode has levels enough for the device. */
  reaches(deviceId: number): boolean {
    if (deviceId < 0 || deviceId >= DEVICES) return false;
    const mode = this.#registers.field(DDTP, DDTP_IOMMU_MODE);
    if (mode <= DDTP_MODE_2LVL && has(deviceId, this.#indices[2]!)) return false;
    return !(mode === DDTP_MODE_1LVL && has(deviceId, this.#indices[1]!));
  }
  /** @returns the device's context, or null and its `cause`. */
  locate(deviceId: number): DeviceContext | null {
    const context = this.#contexts[deviceId & (ENTRIES - 1)]!;
    return context.deviceId === deviceId ? context : this.#load(deviceId, context);
  }
  /** IODIR.INVAL_DDT. @param deviceId -1 for DV = 0. */
  invalidate(deviceId: number): void {
    this.#recent.clear();
    for (const context of this.#contexts) if (deviceId < 0 || context.deviceId === deviceId) context.deviceId = FREE;
  }

  #load(deviceId: number, into: DeviceContext): DeviceContext | null {
    const leafPage = this.#leafPage(deviceId);
    if (leafPage < 0) return this.#fail(-leafPage);
    const memory = this.#memory;
    if (!memory.holdsPage(leafPage)) return this.#fail(reg.CAUSE_DDT_ENTRY_LOAD_ACCESS_FAULT); // 8.
    const at = get(deviceId, this.#indices[0]!) * this.#contextWords;
    if (!has(memory.word(leafPage, at), reg.TC_V)) return this.#fail(reg.CAUSE_DDT_ENTRY_NOT_VALID); // 9.
    const registers = this.#registers;
    if (isMisconfigured(memory, leafPage, at, registers.word(reg.CAPABILITIES), registers.word(reg.CAPABILITIES + 4)))
      return this.#fail(reg.CAUSE_DDT_ENTRY_MISCONFIGURED); // 10.
    this.loads[0] = this.loads[0]! + 1;
    if (into.deviceId !== FREE) this.#recent.clear();
    into.load(deviceId, memory, leafPage, at, this.#extended);
    return into; // 11.
  }
  #fail(cause: number): null {
    this.cause = cause;
    return null;
  }
  /** Steps 1 to 7. @returns the page of device contexts, or a negative cause. */
  #leafPage(deviceId: number): number {
    let page = this.#registers.basePage(reg.DDTP); // 1.
    const mode = this.#registers.field(reg.DDTP, reg.DDTP_IOMMU_MODE);
    for (let level = mode - reg.DDTP_MODE_1LVL; level > 0; level--) {
      if (!this.#memory.holdsPage(page)) return -reg.CAUSE_DDT_ENTRY_LOAD_ACCESS_FAULT; // 3.
      const entry = get(deviceId, this.#indices[level]!) * 2;
      const lo = this.#memory.word(page, entry);
      const hi = this.#memory.word(page, entry + 1);
      if (!has(lo, reg.DDTE_V)) return -reg.CAUSE_DDT_ENTRY_NOT_VALID; // 5.
      if (has(lo, reg.DDTE_LO_RESERVED) || has(hi, reg.DDTE_HI_RESERVED)) return -reg.CAUSE_DDT_ENTRY_MISCONFIGURED; // 6.
      page = get(hi, reg.DDTE_PPN_HI) * 0x400000 + get(lo, reg.DDTE_PPN_LO); // 7.
    }
    return page;
  }
}
