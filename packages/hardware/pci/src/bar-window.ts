/**
 * A range of the machine's addresses, seen by the bus: each access goes to the BAR that is programmed to claim it.
 *
 * CHOICE: where two BARs overlap, the function with the lower requester ID answers.
 */
import type { RegisterDevice, WidthBytes } from '@bulkhead/ports';
import { WIDTH_MASK } from './configuration-space.ts';
import type { PciFunction } from './function.ts';

/** PCIe Base 5.0 §2.3.2 "Completion Handling Rules": nobody claims it, and software reads all ones. */
export const allOnes = (widthBytes: WidthBytes): number => WIDTH_MASK[widthBytes]! >>> 0;

const CAPACITY_STEP = 6;

export class BarWindow implements RegisterDevice {
  readonly #isIo: boolean;
  readonly #baseAddress: number;
  #starts: Float64Array = new Float64Array(0);
  #ends: Float64Array = new Float64Array(0);
  readonly #devices: RegisterDevice[] = [];
  #count = 0;

  constructor(isIo: boolean, baseAddress: number) {
    this.#isIo = isIo;
    this.#baseAddress = baseAddress;
  }

  read(offset: number, widthBytes: WidthBytes): number {
    const route = this.#routeOf(offset);
    return route < 0 ? allOnes(widthBytes) : this.#devices[route]!.read(offset - this.#starts[route]!, widthBytes);
  }

  write(offset: number, widthBytes: WidthBytes, value: number): void {
    const route = this.#routeOf(offset);
    if (route >= 0) this.#devices[route]!.write(offset - this.#starts[route]!, widthBytes, value);
  }

  /** Makes room for one more function's BARs. */
  grow(): void {
    this.#starts = new Float64Array(this.#starts.length + CAPACITY_STEP);
    this.#ends = new Float64Array(this.#ends.length + CAPACITY_STEP);
  }

  /** Reads the routes anew from what software has programmed. */
  route(functions: readonly (PciFunction | null)[]): void {
    this.#count = 0;
    for (const attached of functions) {
      if (attached === null || !attached.decodes(this.#isIo)) continue;
      for (const bar of attached.bars) {
        if (bar.isIo !== this.#isIo) continue;
        this.#starts[this.#count] = bar.address - this.#baseAddress;
        this.#ends[this.#count] = bar.address - this.#baseAddress + bar.sizeBytes;
        this.#devices[this.#count] = bar.device;
        this.#count += 1;
      }
    }
  }

  #routeOf(offset: number): number {
    for (let route = 0; route < this.#count; route++) if (this.#claims(route, offset)) return route;
    return -1;
  }

  #claims(route: number, offset: number): boolean {
    return offset >= this.#starts[route]! && offset < this.#ends[route]!;
  }
}
