/**
 * What the IOMMU itself does to the system: its own MSIs and wires, notices, the word that a fence writes, messages to
 * devices.
 *
 * Invariant: while one is under way the register page ignores writes. Software chooses these addresses and may choose
 * the IOMMU's own registers; a store that fed the command queue or cleared `ipsr` from inside, or a device that answered a message by one, would never end.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import type { AtsPort } from './ats.ts';

/** @returns 0, or a negative fault when nobody takes a word at that place. */
export type SystemMessage = (page: number, offset: number, data: number) => number;

export class SystemStore {
  readonly #memory: PhysicalMemoryPort;
  readonly #message: SystemMessage;
  #active = false;

  constructor(memory: PhysicalMemoryPort, message: SystemMessage) {
    this.#memory = memory;
    this.#message = message;
  }
  get active(): boolean {
    return this.#active;
  }
  /** Stores 4 bytes. @param offset 4-byte aligned. @returns 0, or a negative fault. */
  store32(page: number, offset: number, value: number): number {
    if (this.#memory.holdsPage(page)) {
      this.#memory.setWord(page, offset >>> 2, value);
      return 0;
    }
    const outermost = !this.#active;
    this.#active = true;
    const result = this.#message(page, offset, value >>> 0);
    if (outermost) this.#active = false;
    return result;
  }
  /** Moves an interrupt wire. */
  drive(wire: (vector: number, asserted: boolean) => void, vector: number, asserted: boolean): void {
    const outermost = !this.#active;
    this.#active = true;
    wire(vector, asserted);
    if (outermost) this.#active = false;
  }
  /** Sends an Invalidation Request. @returns whether it was completed. */
  invalidate(devices: AtsPort, deviceId: number, processId: number, payloadLo: number, payloadHi: number): boolean {
    const outermost = !this.#active;
    this.#active = true;
    const completed = devices.invalidate(deviceId, processId, payloadLo, payloadHi);
    if (outermost) this.#active = false;
    return completed;
  }
  /** Sends a Page Request Group Response. */
  respond(devices: AtsPort, deviceId: number, processId: number, payloadLo: number, payloadHi: number): void {
    const outermost = !this.#active;
    this.#active = true;
    devices.respond(deviceId, processId, payloadLo, payloadHi);
    if (outermost) this.#active = false;
  }
}
