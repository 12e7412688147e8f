/**
 * The common configuration structure. Virtio 1.2 §4.1.4.3 "Common configuration structure layout", §2.1 "Device Status
 * Field", §3.1 "Device Initialization".
 *
 * CHOICE: a write takes effect on each field that it covers whole, in the order of their offsets, and on no other.
 * CHOICE: FEATURES_OK is taken after ACKNOWLEDGE and DRIVER only, DRIVER_OK after FEATURES_OK only; the accepted features
 * are fixed from FEATURES_OK on, and a queue's size and areas while it is enabled. CHOICE: DEVICE_NEEDS_RESET stays until
 * the reset, whatever is written. CHOICE: a size that is no power of two up to the largest is ignored. A driver that
 * writes queue_enable otherwise than 1, or enables a queue whose areas are not aligned, breaks the device.
 */
import { has } from '@bulkhead/bits';
import type { WidthBytes } from '@bulkhead/ports';
import * as virtio from '@bulkhead/virtio-datasheet';
import type { Features } from './features.ts';
import type { Interrupts } from './interrupts.ts';
import type { NetConfiguration } from './net-configuration.ts';
import { QUEUE_SIZE, type Virtqueue } from './virtqueue.ts';

export interface CommonConfigurationOptions {
  readonly features: Features;
  readonly queues: readonly Virtqueue[];
  readonly interrupts: Interrupts;
  readonly configuration: NetConfiguration;
  /** 0 was written to device_status. */
  readonly onReset: () => void;
  /** DRIVER_OK was set, or a queue was enabled: there may be work. */
  readonly onReady: () => void;
  /** FEATURES_OK was set. */
  readonly onFeatures: () => void;
  readonly onQueueReset: (queue: Virtqueue) => void;
  /** The driver broke the rules. */
  readonly onBroken: () => void;
}

const BEFORE_FEATURES = virtio.STATUS_ACKNOWLEDGE.mask | virtio.STATUS_DRIVER.mask;
const KNOWN_STATUS =
  BEFORE_FEATURES | virtio.STATUS_FEATURES_OK.mask | virtio.STATUS_DRIVER_OK.mask | virtio.STATUS_FAILED.mask;
const ADDRESSES_END = virtio.QUEUE_DEVICE + 8;

/** Where each field starts, and its width in bytes; read-only fields are left out. */
const WRITABLE: readonly (readonly [offset: number, widthBytes: WidthBytes])[] = [
  [virtio.DEVICE_FEATURE_SELECT, 4],
  [virtio.DRIVER_FEATURE_SELECT, 4],
  [virtio.DRIVER_FEATURE, 4],
  [virtio.CONFIG_MSIX_VECTOR, 2],
  [virtio.DEVICE_STATUS, 1],
  [virtio.QUEUE_SELECT, 2],
  [virtio.QUEUE_SIZE, 2],
  [virtio.QUEUE_MSIX_VECTOR, 2],
  [virtio.QUEUE_ENABLE, 2],
  [virtio.QUEUE_DESC, 4],
  [virtio.QUEUE_DESC + 4, 4],
  [virtio.QUEUE_DRIVER, 4],
  [virtio.QUEUE_DRIVER + 4, 4],
  [virtio.QUEUE_DEVICE, 4],
  [virtio.QUEUE_DEVICE + 4, 4],
  [virtio.QUEUE_RESET, 2],
];
const WIDTH_MASK: readonly number[] = [0, 0xff, 0xffff, 0, 0xffffffff];

export class CommonConfiguration {
  readonly #options: CommonConfigurationOptions;
  #deviceFeatureSelect = 0;
  #driverFeatureSelect = 0;
  #queueSelect = 0;
  #status = 0;

  constructor(options: CommonConfigurationOptions) {
    this.#options = options;
  }

  get status(): number {
    return this.#status;
  }
  /** §2.1.2: the device may consume buffers and call its driver. */
  get isLive(): boolean {
    return has(this.#status, virtio.STATUS_DRIVER_OK) && !has(this.#status, virtio.STATUS_DEVICE_NEEDS_RESET);
  }
  reset(): void {
    this.#deviceFeatureSelect = 0;
    this.#driverFeatureSelect = 0;
    this.#queueSelect = 0;
    this.#status = 0;
  }
  /** §2.1.2. @returns true when it did not need one before. */
  needReset(): boolean {
    const before = this.#status;
    this.#status |= virtio.STATUS_DEVICE_NEEDS_RESET.mask;
    return before !== this.#status;
  }

  read(offset: number, widthBytes: WidthBytes): number {
    if (offset >= virtio.COMMON_CFG_SIZE_BYTES) return 0;
    return ((this.#word(offset & ~3) >>> ((offset & 3) * 8)) & WIDTH_MASK[widthBytes]!) >>> 0;
  }
  write(offset: number, widthBytes: WidthBytes, value: number): void {
    for (const [at, fieldBytes] of WRITABLE) {
      if (at < offset || at + fieldBytes > offset + widthBytes) continue;
      this.#writeField(at, (value >>> ((at - offset) * 8)) & WIDTH_MASK[fieldBytes]!);
    }
  }

  /** The queue that is selected, or none. */
  get #queue(): Virtqueue | undefined {
    return this.#options.queues[this.#queueSelect];
  }

  #word(offset: number): number {
    const { features, interrupts, queues, configuration } = this.#options;
    switch (offset) {
      case virtio.DEVICE_FEATURE_SELECT:
        return this.#deviceFeatureSelect;
      case virtio.DEVICE_FEATURE:
        return features.offered(this.#deviceFeatureSelect >>> 0);
      case virtio.DRIVER_FEATURE_SELECT:
        return this.#driverFeatureSelect;
      case virtio.DRIVER_FEATURE:
        return features.accepted(this.#driverFeatureSelect >>> 0);
      case virtio.CONFIG_MSIX_VECTOR:
        return interrupts.configVector | (queues.length << 16);
      case virtio.DEVICE_STATUS:
        return this.#status | (configuration.generation << 8) | (this.#queueSelect << 16);
      default:
        return this.#queueWord(offset);
    }
  }
  /** §4.1.4.3.1: a queue that is not there has the size 0. */
  #queueWord(offset: number): number {
    const queue = this.#queue;
    if (queue === undefined) return offset === virtio.QUEUE_SIZE ? virtio.MSI_NO_VECTOR << 16 : 0;
    if (offset === virtio.QUEUE_SIZE) return queue.sizeEntries | (queue.vector << 16);
    if (offset === virtio.QUEUE_ENABLE) return (queue.enabled ? 1 : 0) | (queue.index << 16);
    if (offset < ADDRESSES_END) return queue.addresses[(offset - virtio.QUEUE_DESC) >> 2]!;
    return 0; // queue_notify_data does not exist, and a queue's reset is over at once
  }

  #writeField(offset: number, value: number): void {
    const { features, interrupts } = this.#options;
    switch (offset) {
      case virtio.DEVICE_FEATURE_SELECT:
        this.#deviceFeatureSelect = value;
        return;
      case virtio.DRIVER_FEATURE_SELECT:
        this.#driverFeatureSelect = value;
        return;
      case virtio.DRIVER_FEATURE:
        if (!has(this.#status, virtio.STATUS_FEATURES_OK)) features.accept(this.#driverFeatureSelect >>> 0, value);
        return;
      case virtio.CONFIG_MSIX_VECTOR:
        interrupts.configVector = interrupts.checked(value);
        return;
      case virtio.DEVICE_STATUS:
        this.#writeStatus(value);
        return;
      case virtio.QUEUE_SELECT:
        this.#queueSelect = value;
        return;
      default:
        if (this.#queue !== undefined) this.#writeQueue(this.#queue, offset, value);
    }
  }

  #writeQueue(queue: Virtqueue, offset: number, value: number): void {
    if (offset === virtio.QUEUE_MSIX_VECTOR) queue.vector = this.#options.interrupts.checked(value);
    else if (offset === virtio.QUEUE_ENABLE) this.#enable(queue, value);
    else if (offset === virtio.QUEUE_RESET) this.#resetQueue(queue, value);
    else if (queue.enabled) return;
    else if (offset !== virtio.QUEUE_SIZE) queue.addresses[(offset - virtio.QUEUE_DESC) >> 2] = value;
    else if (value > 0 && value <= QUEUE_SIZE && (value & (value - 1)) === 0) queue.sizeEntries = value;
  }

  #enable(queue: Virtqueue, value: number): void {
    if (value === 1 && queue.enabled) return;
    if (value !== 1 || queue.enable() < 0) this.#options.onBroken();
    else this.#options.onReady();
  }

  /** §2.6.1 "Virtqueue Reset". */
  #resetQueue(queue: Virtqueue, value: number): void {
    if (value !== 1 || !this.#options.features.has(virtio.F_RING_RESET)) return;
    queue.reset();
    this.#options.onQueueReset(queue);
  }

  /** §3.1.1: the driver's steps, in their order. */
  #writeStatus(value: number): void {
    if (value === 0) {
      this.#options.onReset();
      return;
    }
    const before = this.#status;
    let next = (value & KNOWN_STATUS) | (before & virtio.STATUS_DEVICE_NEEDS_RESET.mask);
    const asksFeatures = has(next, virtio.STATUS_FEATURES_OK) && !has(before, virtio.STATUS_FEATURES_OK);
    const isInOrder = (next & BEFORE_FEATURES) === BEFORE_FEATURES;
    if (asksFeatures && !(isInOrder && this.#options.features.areValid)) next &= ~virtio.STATUS_FEATURES_OK.mask;
    if (!has(next, virtio.STATUS_FEATURES_OK)) next &= ~virtio.STATUS_DRIVER_OK.mask;
    this.#status = next;
    if (asksFeatures && has(next, virtio.STATUS_FEATURES_OK)) this.#options.onFeatures();
    if (has(next, virtio.STATUS_DRIVER_OK) && !has(before, virtio.STATUS_DRIVER_OK)) this.#options.onReady();
  }
}
