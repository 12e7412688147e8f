/**
 * Feature negotiation. Virtio 1.2 §2.2 "Feature Bits", §6 "Reserved Feature Bits", §5.1.3.1 "Feature bit requirements".
 *
 * CHOICE: FEATURES_OK is refused without VIRTIO_F_VERSION_1 (there is no legacy interface), and without
 * VIRTIO_F_ACCESS_PLATFORM: without it a driver says that its addresses are physical and not to be translated, and this
 * device cannot pass by the IOMMU that stands in front of it. §6.2 allows both.
 */
import * as virtio from '@bulkhead/virtio-datasheet';

/** Everything that the device does. */
export const ALL_FEATURES: readonly number[] = [
  virtio.NET_F_CSUM,
  virtio.NET_F_GUEST_CSUM,
  virtio.NET_F_CTRL_GUEST_OFFLOADS,
  virtio.NET_F_MTU,
  virtio.NET_F_MAC,
  virtio.NET_F_GUEST_TSO4,
  virtio.NET_F_GUEST_TSO6,
  virtio.NET_F_HOST_TSO4,
  virtio.NET_F_HOST_TSO6,
  virtio.NET_F_MRG_RXBUF,
  virtio.NET_F_STATUS,
  virtio.NET_F_CTRL_VQ,
  virtio.NET_F_CTRL_RX,
  virtio.NET_F_CTRL_VLAN,
  virtio.NET_F_CTRL_RX_EXTRA,
  virtio.NET_F_GUEST_ANNOUNCE,
  virtio.NET_F_CTRL_MAC_ADDR,
  virtio.NET_F_SPEED_DUPLEX,
  virtio.F_INDIRECT_DESC,
  virtio.F_EVENT_IDX,
  virtio.F_VERSION_1,
  virtio.F_ACCESS_PLATFORM,
  virtio.F_RING_RESET,
];

export class Features {
  readonly #offered: Int32Array = new Int32Array(2);
  readonly #accepted: Int32Array = new Int32Array(2);

  constructor(offered: readonly number[]) {
    for (const feature of offered) this.#offered[feature >>> 5]! |= 1 << (feature & 31);
  }

  /** @returns true when the driver accepted the feature, and the device offers it. */
  has(feature: number): boolean {
    return (this.#accepted[feature >>> 5]! & (1 << (feature & 31))) !== 0;
  }
  offers(feature: number): boolean {
    return (this.#offered[feature >>> 5]! & (1 << (feature & 31))) !== 0;
  }

  /** §4.1.4.3.1: 32 of them; 0 for a selection beyond bit 63. */
  offered(select: number): number {
    return select > 1 ? 0 : this.#offered[select]!;
  }
  accepted(select: number): number {
    return select > 1 ? 0 : this.#accepted[select]!;
  }
  /** CHOICE: a bit that was not offered is ignored and reads 0. */
  accept(select: number, bits: number): void {
    if (select <= 1) this.#accepted[select] = bits & this.#offered[select]!;
  }
  reset(): void {
    this.#accepted.fill(0);
  }

  /** @returns true when the device can work with what the driver accepted. */
  get areValid(): boolean {
    if (!this.has(virtio.F_VERSION_1)) return false;
    if (this.offers(virtio.F_ACCESS_PLATFORM) && !this.has(virtio.F_ACCESS_PLATFORM)) return false;
    return virtio.NET_FEATURE_REQUIREMENTS.every(
      ([feature, ...needs]) => !this.has(feature) || needs.some((need) => this.has(need)),
    );
  }
}
