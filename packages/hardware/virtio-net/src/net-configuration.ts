/**
 * The device-specific configuration. Virtio 1.2 §5.1.4 "Device configuration layout", §4.1.4.3.1 (config_generation).
 * All of it is read-only, and may be read in any width.
 */
import * as virtio from '@bulkhead/virtio-datasheet';

export interface NetConfigurationOptions {
  readonly macAddress: Uint8Array;
  readonly mtuBytes: number;
  readonly megabitsPerSecond: number;
}

export class NetConfiguration {
  /** The device's address, as the driver may have set it. */
  readonly address: Uint8Array;
  readonly #bytes: Uint8Array = new Uint8Array(virtio.NET_CFG_SIZE_BYTES);
  readonly #macAddress: Uint8Array;
  readonly #megabitsPerSecond: number;
  #generation = 0;
  /** Changed since it was last read. */
  #hasChanged = false;

  constructor({ macAddress, mtuBytes, megabitsPerSecond }: NetConfigurationOptions) {
    const view = new DataView(this.#bytes.buffer);
    this.address = this.#bytes.subarray(virtio.NET_CFG_MAC, virtio.NET_CFG_MAC + macAddress.length);
    this.#macAddress = macAddress;
    this.#megabitsPerSecond = megabitsPerSecond;
    view.setUint16(virtio.NET_CFG_MAX_VIRTQUEUE_PAIRS, 1, true);
    view.setUint16(virtio.NET_CFG_MTU, mtuBytes, true);
    view.setUint32(virtio.NET_CFG_SPEED, megabitsPerSecond, true);
    view.setUint8(virtio.NET_CFG_DUPLEX, virtio.NET_DUPLEX_FULL);
    this.reset();
  }

  /** The address is the card's own again, and nothing is to be announced. The link stays as it is. */
  reset(): void {
    this.setAddress(this.#macAddress);
    this.setStatus(virtio.NET_S_ANNOUNCE, false);
    this.#hasChanged = false;
  }

  get generation(): number {
    return this.#generation;
  }
  /** Without being read: nothing changes. */
  get link(): { readonly up: boolean; readonly megabitsPerSecond: number; readonly fullDuplex: boolean } {
    return { up: this.isLinkUp, megabitsPerSecond: this.#megabitsPerSecond, fullDuplex: true };
  }
  get isLinkUp(): boolean {
    return (this.#bytes[virtio.NET_CFG_STATUS]! & virtio.NET_S_LINK_UP) !== 0;
  }

  setAddress(address: Uint8Array): void {
    for (let i = 0; i < this.address.length; i++) this.address[i] = address[i]!;
    this.#hasChanged = true;
  }
  /** @returns true when it was otherwise. */
  setStatus(bit: number, isSet: boolean): boolean {
    const before = this.#bytes[virtio.NET_CFG_STATUS]!;
    const after = isSet ? before | bit : before & ~bit;
    this.#bytes[virtio.NET_CFG_STATUS] = after;
    if (after === before) return false;
    this.#hasChanged = true;
    return true;
  }

  /** The generation changes when a value that has changed is read: so it cannot wrap between two reads. */
  read(offset: number, widthBytes: number): number {
    if (this.#hasChanged) this.#generation = (this.#generation + 1) & 0xff;
    this.#hasChanged = false;
    let value = 0;
    for (let i = widthBytes - 1; i >= 0; i--) value = ((value << 8) | (this.#bytes[offset + i] ?? 0)) >>> 0;
    return value;
  }
}
