/**
 * Interrupts of devices: which identity a vector has, where its message goes, and who is told.
 *
 * Invariant: a handler exists from its holder's asking to the holder's giving back. While there is none the kernel keeps
 * the identity masked, so a message that comes late, or from another device, tells nobody.
 */
import { type ClientPort, type kernel, type Right, right } from '@bulkhead/abi';
import { EXHAUSTED, NO_SUCH_DEVICE, NO_SUCH_VECTOR } from '@bulkhead/pci-bus-driver-api';
import { invariant } from '@bulkhead/result';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import * as record from './device-table.ts';
import type { InterruptTable } from './interrupt-table.ts';
import { routeMsi, silenceMsi } from './msi.ts';
import type { Msix } from './msix.ts';

export interface VectorsOptions {
  readonly kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly control: () => Right;
  readonly config: ConfigSpace;
  readonly table: DeviceTable;
  readonly interrupts: InterruptTable;
  readonly msix: Msix;
  readonly firstIdentity: number;
  /** Physical page of the interrupt controller, that a message is written to. */
  readonly messagePage: number;
}

export class Vectors {
  readonly #options: VectorsOptions;

  constructor(options: VectorsOptions) {
    this.#options = options;
  }

  /** Routes the vector. @returns a fresh right to its handler, or a refusal; the one given before is gone. */
  give(at: number, vector: number): number {
    const { interrupts } = this.#options;
    const index = this.#indexOf(at, vector);
    if (index < 0) return index;
    if (this.#pageOf(at, vector) < 0) return EXHAUSTED;
    const before = interrupts.right(index);
    if (before !== 0) this.#revoke(before);
    const held = before === 0 ? this.#issue(index) : before;
    if (held < 0) return EXHAUSTED;
    return this.#route(at, vector, index) ? held : EXHAUSTED;
  }
  /** @returns the vector's identity, fixed from now on, or a refusal. */
  identityOf(at: number, vector: number): number {
    const index = this.#indexOf(at, vector);
    return index < 0 ? index : this.#options.firstIdentity + index;
  }
  /** @returns the device that has a vector of this identity, or a refusal. */
  deviceOf(identity: number): number {
    const { firstIdentity, interrupts } = this.#options;
    const index = identity - firstIdentity;
    const device = index < 0 || index >= interrupts.capacity ? -1 : interrupts.owner(index);
    return device < 0 ? NO_SUCH_DEVICE : device;
  }
  /** Messages of the device go to other pages: those that go already are sent there too. */
  redirect(at: number, page: number, count: number): void {
    const { interrupts, table } = this.#options;
    table.put(at, record.MESSAGE_PAGE, page);
    table.put(at, record.MESSAGE_COUNT, count);
    const device = table.get(at, record.DEVICE);
    for (let index = 0; index < interrupts.capacity; index++) {
      if (interrupts.owner(index) !== device || interrupts.right(index) === 0) continue;
      const vector = interrupts.vector(index);
      if (this.#pageOf(at, vector) < 0 || !this.#route(at, vector, index)) this.#mask(at, vector);
    }
  }
  /** The device sends no message from now on. Its memory decodes. */
  silence(at: number): void {
    const { config, msix, table } = this.#options;
    const msi = table.get(at, record.MSI);
    if (table.get(at, record.MSIX) !== 0) msix.silence(at);
    if (msi !== 0) silenceMsi(config, table.get(at, record.DEVICE), msi);
  }
  /** Nobody is told of the device's interrupts from now on. */
  takeBack(at: number): void {
    const { interrupts, kernel: kernelPort, table } = this.#options;
    const device = table.get(at, record.DEVICE);
    for (let index = 0; index < interrupts.capacity; index++) {
      const held = interrupts.right(index);
      if (interrupts.owner(index) !== device || held === 0) continue;
      this.#revoke(held);
      kernelPort.delete(right(held));
      interrupts.hold(index, 0);
    }
  }

  /** @returns the place of the vector's identity among those that are ours, or a refusal. */
  #indexOf(at: number, vector: number): number {
    const { interrupts, table } = this.#options;
    if (vector < 0 || vector >= table.get(at, record.VECTOR_COUNT)) return NO_SUCH_VECTOR;
    const device = table.get(at, record.DEVICE);
    const known = interrupts.find(device, vector);
    if (known >= 0) return known;
    const free = interrupts.free();
    if (free < 0) return EXHAUSTED;
    interrupts.take(free, device, vector);
    return free;
  }
  #issue(index: number): number {
    const { control, firstIdentity, interrupts, kernel: kernelPort } = this.#options;
    const issued = kernelPort.issueInterrupt(control(), firstIdentity + index);
    if (issued >= 0) interrupts.hold(index, issued);
    return issued;
  }
  /** @returns the page that the vector's message goes to, or -1 when it has none. */
  #pageOf(at: number, vector: number): number {
    const { messagePage, table } = this.#options;
    const count = table.get(at, record.MESSAGE_COUNT);
    if (count === 0) return messagePage;
    return vector < count ? table.get(at, record.MESSAGE_PAGE) + vector : -1;
  }
  #route(at: number, vector: number, index: number): boolean {
    const { config, firstIdentity, msix, table } = this.#options;
    const page = this.#pageOf(at, vector);
    const msi = table.get(at, record.MSI);
    if (table.get(at, record.MSIX) === 0)
      return routeMsi(config, table.get(at, record.DEVICE), msi, page, firstIdentity + index);
    msix.route(at, vector, page, firstIdentity + index);
    return true;
  }
  #mask(at: number, vector: number): void {
    const { config, msix, table } = this.#options;
    if (table.get(at, record.MSIX) !== 0) msix.mask(at, vector);
    else silenceMsi(config, table.get(at, record.DEVICE), table.get(at, record.MSI));
  }
  #revoke(index: number): void {
    invariant(this.#options.kernel.revoke(right(index)) >= 0, 'the kernel revokes what this driver itself holds');
  }
}
