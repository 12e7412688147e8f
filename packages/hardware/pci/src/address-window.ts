/**
 * A range of the machine's addresses, seen by the bus: each access goes to whom software has programmed to claim it.
 * The routes are made anew at the first access after configuration has changed.
 */
import type { RegisterDevice, WidthBytes } from '@bulkhead/ports';
import { WIDTH_MASK } from './configuration-space.ts';
import { RouteTable } from './route-table.ts';

/**
 * PCIe Base 5.0 §2.3.2 "Completion Handling Rules": nobody claims it, and software reads all ones. A width that the port
 * does not know reads 32 of them.
 */
export const allOnes = (widthBytes: WidthBytes): number => (WIDTH_MASK[widthBytes] ?? -1) >>> 0;

export class AddressWindow implements RegisterDevice {
  readonly #baseAddress: number;
  readonly #collect: (routes: RouteTable) => void;
  readonly #routes: RouteTable = new RouteTable();
  #stale = true;
  /** CHOICE: the last route first, for a driver stays in one BAR. -1 for none. */
  #last = -1;

  constructor(baseAddress: number, collect: (routes: RouteTable) => void) {
    this.#baseAddress = baseAddress;
    this.#collect = collect;
  }

  read(offset: number, widthBytes: WidthBytes): number {
    const address = offset + this.#baseAddress;
    const route = this.#routeOf(address);
    if (route < 0) return allOnes(widthBytes);
    return this.#routes.device(route).read(address - this.#routes.base(route), widthBytes);
  }

  write(offset: number, widthBytes: WidthBytes, value: number): void {
    const address = offset + this.#baseAddress;
    const route = this.#routeOf(address);
    if (route >= 0) this.#routes.device(route).write(address - this.#routes.base(route), widthBytes, value);
  }

  /** What software has programmed may differ from now on. */
  invalidate(): void {
    this.#stale = true;
  }

  #routeOf(address: number): number {
    if (this.#stale) this.#refresh();
    if (this.#last < 0 || !this.#routes.holds(this.#last, address)) this.#last = this.#routes.find(address);
    return this.#last;
  }
  #refresh(): void {
    this.#stale = false;
    this.#last = -1;
    this.#routes.clear();
    this.#collect(this.#routes);
  }
}
