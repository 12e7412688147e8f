/**
 * Which frames the driver sees. Virtio 1.2 §5.1.6.5.1 "Packet Receive Filtering", §5.1.6.5.2 "Setting MAC Address
 * Filtering", §5.1.6.5.3 "VLAN Filtering".
 *
 * CHOICE: without VIRTIO_NET_F_CTRL_RX a driver cannot ask for groups, so all groups pass. CHOICE: a table of more than
 * 64 addresses of a kind is not kept; every address of the kind then passes.
 */
import * as net from '@bulkhead/internet-datasheet';
import * as virtio from '@bulkhead/virtio-datasheet';
import { load16 } from './checksum.ts';
import type { Features } from './features.ts';

export const TABLE_ADDRESSES = 64;
const ADDRESS_BYTES = net.ETHERNET_ADDRESS_BYTES;
const VLAN_IDS = 4096;
const TAGGED_BYTES = net.ETHERNET_TYPE + net.VLAN_TAG_BYTES;
const MODES = virtio.NET_CTRL_RX_NOBCAST + 1;

/** One table of addresses. */
class AddressTable {
  readonly bytes: Uint8Array = new Uint8Array(TABLE_ADDRESSES * ADDRESS_BYTES);
  count = 0;
  /** There were too many to keep. */
  overflows = false;

  holds(frame: Uint8Array): boolean {
    for (let i = 0; i < this.count; i++) if (isAt(frame, this.bytes, i * ADDRESS_BYTES)) return true;
    return this.overflows;
  }
  clear(): void {
    this.count = 0;
    this.overflows = false;
  }
}

export class ReceiveFilter {
  /** The device's own address. */
  readonly address: Uint8Array;
  /** By command of class VIRTIO_NET_CTRL_RX: 1 when the mode is on. */
  readonly modes: Uint8Array = new Uint8Array(MODES);
  readonly unicast: AddressTable = new AddressTable();
  readonly multicast: AddressTable = new AddressTable();
  readonly #vlans: Int32Array = new Int32Array(VLAN_IDS / 32);
  readonly #features: Features;

  constructor(features: Features, address: Uint8Array) {
    this.#features = features;
    this.address = address;
  }
  reset(): void {
    this.modes.fill(0);
    this.unicast.clear();
    this.multicast.clear();
    this.#vlans.fill(0);
  }
  setVlan(id: number, passes: boolean): void {
    const bit = 1 << (id & 31);
    const word = this.#vlans[id >>> 5]!;
    this.#vlans[id >>> 5] = passes ? word | bit : word & ~bit;
  }

  /** @returns true for a frame that the driver is to see. It has an Ethernet header. */
  passes(frame: Uint8Array, lenBytes: number): boolean {
    if (this.modes[virtio.NET_CTRL_RX_PROMISC] === 1) return true;
    if (!this.#passesVlan(frame, lenBytes)) return false;
    if ((frame[0]! & 1) === 0) return this.#passesUnicast(frame);
    return isBroadcast(frame) ? this.modes[virtio.NET_CTRL_RX_NOBCAST] === 0 : this.#passesMulticast(frame);
  }

  #passesVlan(frame: Uint8Array, lenBytes: number): boolean {
    if (!this.#features.has(virtio.NET_F_CTRL_VLAN) || lenBytes < TAGGED_BYTES) return true;
    if (load16(frame, net.ETHERNET_TYPE) !== net.ETHERTYPE_VLAN) return true;
    const id = load16(frame, net.ETHERNET_TYPE + 2) & net.VLAN_ID_MASK;
    return (this.#vlans[id >>> 5]! & (1 << (id & 31))) !== 0;
  }
  #passesUnicast(frame: Uint8Array): boolean {
    if (this.modes[virtio.NET_CTRL_RX_NOUNI] === 1) return false;
    if (this.modes[virtio.NET_CTRL_RX_ALLUNI] === 1) return true;
    return isAt(frame, this.address, 0) || this.unicast.holds(frame);
  }
  #passesMulticast(frame: Uint8Array): boolean {
    if (!this.#features.has(virtio.NET_F_CTRL_RX)) return true;
    if (this.modes[virtio.NET_CTRL_RX_NOMULTI] === 1) return false;
    return this.modes[virtio.NET_CTRL_RX_ALLMULTI] === 1 || this.multicast.holds(frame);
  }
}

function isAt(frame: Uint8Array, addresses: Uint8Array, at: number): boolean {
  for (let i = 0; i < ADDRESS_BYTES; i++) if (frame[i] !== addresses[at + i]) return false;
  return true;
}
function isBroadcast(frame: Uint8Array): boolean {
  for (let i = 0; i < ADDRESS_BYTES; i++) if (frame[i] !== 0xff) return false;
  return true;
}
