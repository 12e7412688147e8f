/** The device's structures in memory, once their BARs are mapped. Each field is accessed in its own width (§4.1.3.1). */
import { type MemoryPort, Window } from '@bulkhead/runtime';
import * as virtio from '@bulkhead/virtio-datasheet';
import type { Layout, Place } from './layout.ts';

export class Structures {
  readonly common: Window;
  readonly device: Window;
  readonly #notify: Window;
  readonly #multiplier: number;

  /** @param pageOf the page of our address space at which a BAR stands. */
  constructor(memory: MemoryPort, layout: Layout, pageOf: (bar: number) => number) {
    const window = ({ bar, offset, lenBytes }: Place): Window => new Window(memory, pageOf(bar), offset, lenBytes);
    this.common = window(layout.common);
    this.device = window(layout.device);
    this.#notify = window(layout.notify);
    this.#multiplier = layout.notifyMultiplier;
  }

  get status(): number {
    return this.common.load8(virtio.DEVICE_STATUS);
  }
  set status(bits: number) {
    this.common.store8(virtio.DEVICE_STATUS, bits);
  }
  /** @returns where the selected queue is notified. */
  get notifyOffset(): number {
    return this.common.load16(virtio.QUEUE_NOTIFY_OFF) * this.#multiplier;
  }
  /** §4.1.5.2 "Available Buffer Notifications". */
  notify(offset: number, queue: number): void {
    this.#notify.store16(offset, queue);
  }
}
