/**
 * The control queue. Virtio 1.2 §5.1.6.5 "Control Virtqueue": class and command, their data, and one byte that the device
 * answers with.
 *
 * CHOICE: a command whose feature was not negotiated, that does not exist, or whose data is not as long as it must be, is
 * answered by VIRTIO_NET_ERR and changes nothing. One without a class, a command and room for the answer breaks the
 * device.
 */
import type { AlarmId } from '@bulkhead/clock';
import { ETHERNET_ADDRESS_BYTES, VLAN_ID_MASK } from '@bulkhead/internet-datasheet';
import * as virtio from '@bulkhead/virtio-datasheet';
import { ChainList } from './chain-list.ts';
import type { DeviceParts } from './parts.ts';
import { type ReceiveFilter, TABLE_ADDRESSES } from './receive-filter.ts';
import { BROKEN, type Virtqueue } from './virtqueue.ts';

/** Index and heads; descriptors; command; an indirect table or data elsewhere. */
const DEPENDENT_READS = 4;
const COUNT_BYTES = 4;
/** The longest data that is read in one piece. */
const DATA_BYTES = 16;

/** What commands do to the rest of the device. */
export interface ControlEffects {
  setAddress(address: Uint8Array): void;
  acknowledgeAnnouncement(): void;
  /** Offloads, as bits by the number of their feature. */
  setGuestOffloads(offloads: number): void;
}

export class Controller {
  readonly #parts: DeviceParts;
  readonly #queue: Virtqueue;
  readonly #filter: ReceiveFilter;
  readonly #effects: ControlEffects;
  readonly #alarm: AlarmId;
  readonly #chains: ChainList = new ChainList();
  readonly #command: Uint8Array = new Uint8Array(virtio.NET_CTRL_DATA);
  readonly #data: Uint8Array = new Uint8Array(DATA_BYTES);
  readonly #answer: Uint8Array = new Uint8Array(1);
  #dataBytes = 0;

  constructor(parts: DeviceParts, queue: Virtqueue, filter: ReceiveFilter, effects: ControlEffects) {
    this.#parts = parts;
    this.#queue = queue;
    this.#filter = filter;
    this.#effects = effects;
    this.#alarm = parts.clock.createAlarm(() => this.#run());
  }

  poke(): void {
    const { clock, timing } = this.#parts;
    if (clock.isArmed(this.#alarm) || !this.#mayRun()) return;
    clock.setAfter(this.#alarm, timing.doorbellCycles + DEPENDENT_READS * timing.dmaReadCycles);
  }
  stop(): void {
    this.#parts.clock.cancel(this.#alarm);
  }

  #mayRun(): boolean {
    return this.#queue.enabled && this.#parts.isLive() && this.#parts.features.has(virtio.NET_F_CTRL_VQ);
  }

  /** One command after the other, those that are there. */
  #run(): void {
    if (!this.#mayRun()) return;
    let left = this.#queue.refresh();
    let result = left;
    while (result >= 0 && left > 0) {
      result = this.#serve();
      left -= 1;
    }
    if (result < 0 || this.#queue.wantNotifications(true) < 0) {
      this.#parts.fail();
      return;
    }
    const told = this.#queue.publish();
    if (told < 0) this.#parts.fail();
    else if (told > 0) this.#parts.notify(this.#queue);
  }

  #serve(): number {
    const chains = this.#chains;
    chains.clear();
    if (this.#queue.walk(0, chains) < 0) return BROKEN;
    if (chains.readBytes[0]! < virtio.NET_CTRL_DATA || chains.writeBytes[0]! === 0) return BROKEN;
    if (this.#queue.gather(chains, 0, 0, this.#command, 0, virtio.NET_CTRL_DATA) < 0) return BROKEN;
    this.#dataBytes = chains.readBytes[0]! - virtio.NET_CTRL_DATA;
    if (this.#readData(0, Math.min(DATA_BYTES, this.#dataBytes)) < 0) return BROKEN;
    const done = this.#execute(this.#command[virtio.NET_CTRL_CLASS]!, this.#command[virtio.NET_CTRL_COMMAND]!);
    if (done < 0) return BROKEN;
    this.#answer[0] = done;
    if (this.#queue.scatter(chains, 0, 0, this.#answer, 0, 1) < 0) return BROKEN;
    this.#queue.advance(1);
    return this.#queue.use(chains.head[0]!, 1);
  }

  #readData(skip: number, lenBytes: number): number {
    return this.#queue.gather(this.#chains, 0, virtio.NET_CTRL_DATA + skip, this.#data, 0, lenBytes);
  }

  /** @returns NET_CTRL_OK, NET_CTRL_ERR or BROKEN. */
  #execute(kind: number, command: number): number {
    switch (kind) {
      case virtio.NET_CTRL_RX:
        return this.#setMode(command);
      case virtio.NET_CTRL_MAC:
        return this.#setAddresses(command);
      case virtio.NET_CTRL_VLAN:
        return this.#setVlan(command);
      case virtio.NET_CTRL_ANNOUNCE:
        return this.#acknowledge(command);
      case virtio.NET_CTRL_GUEST_OFFLOADS:
        return this.#setOffloads(command);
      default:
        return virtio.NET_CTRL_ERR;
    }
  }

  #has(feature: number): boolean {
    return this.#parts.features.has(feature);
  }

  #setMode(command: number): number {
    const isExtra = command > virtio.NET_CTRL_RX_ALLMULTI;
    const isKnown = command <= virtio.NET_CTRL_RX_NOBCAST;
    if (!isKnown || !this.#has(isExtra ? virtio.NET_F_CTRL_RX_EXTRA : virtio.NET_F_CTRL_RX)) return virtio.NET_CTRL_ERR;
    if (this.#dataBytes !== 1) return virtio.NET_CTRL_ERR;
    this.#filter.modes[command] = this.#data[0] === 0 ? 0 : 1;
    return virtio.NET_CTRL_OK;
  }

  #setAddresses(command: number): number {
    if (command === virtio.NET_CTRL_MAC_ADDR_SET) {
      if (!this.#has(virtio.NET_F_CTRL_MAC_ADDR) || this.#dataBytes !== ETHERNET_ADDRESS_BYTES)
        return virtio.NET_CTRL_ERR;
      this.#effects.setAddress(this.#data);
      return virtio.NET_CTRL_OK;
    }
    if (command !== virtio.NET_CTRL_MAC_TABLE_SET || !this.#has(virtio.NET_F_CTRL_RX)) return virtio.NET_CTRL_ERR;
    return this.#setTables();
  }

  /** Two tables, one behind the other, each with its count before it. Their lengths are checked before either changes. */
  #setTables(): number {
    const unicast = this.#countAt(0);
    if (unicast < 0) return unicast === BROKEN ? BROKEN : virtio.NET_CTRL_ERR;
    const second = COUNT_BYTES + unicast * ETHERNET_ADDRESS_BYTES;
    const multicast = this.#countAt(second);
    if (multicast < 0) return multicast === BROKEN ? BROKEN : virtio.NET_CTRL_ERR;
    if (second + COUNT_BYTES + multicast * ETHERNET_ADDRESS_BYTES !== this.#dataBytes) return virtio.NET_CTRL_ERR;
    if (this.#loadTable(this.#filter.unicast, COUNT_BYTES, unicast) < 0) return BROKEN;
    if (this.#loadTable(this.#filter.multicast, second + COUNT_BYTES, multicast) < 0) return BROKEN;
    return virtio.NET_CTRL_OK;
  }
  /** @returns the count that stands at `skip`, MISSING or BROKEN. */
  #countAt(skip: number): number {
    if (skip + COUNT_BYTES > this.#dataBytes) return MISSING;
    if (this.#readData(skip, COUNT_BYTES) < 0) return BROKEN;
    const data = this.#data;
    return (data[0]! | (data[1]! << 8) | (data[2]! << 16) | (data[3]! << 24)) >>> 0;
  }
  #loadTable(table: ReceiveFilter['unicast'], skip: number, count: number): number {
    const kept = count > TABLE_ADDRESSES ? 0 : count;
    table.overflows = count > TABLE_ADDRESSES;
    table.count = kept;
    const at = virtio.NET_CTRL_DATA + skip;
    return this.#queue.gather(this.#chains, 0, at, table.bytes, 0, kept * ETHERNET_ADDRESS_BYTES);
  }

  #setVlan(command: number): number {
    const isAdd = command === virtio.NET_CTRL_VLAN_ADD;
    if (!isAdd && command !== virtio.NET_CTRL_VLAN_DEL) return virtio.NET_CTRL_ERR;
    const id = this.#data[0]! | (this.#data[1]! << 8);
    if (!this.#has(virtio.NET_F_CTRL_VLAN) || this.#dataBytes !== 2 || id > VLAN_ID_MASK) return virtio.NET_CTRL_ERR;
    this.#filter.setVlan(id, isAdd);
    return virtio.NET_CTRL_OK;
  }

  #acknowledge(command: number): number {
    if (command !== virtio.NET_CTRL_ANNOUNCE_ACK || !this.#has(virtio.NET_F_GUEST_ANNOUNCE)) return virtio.NET_CTRL_ERR;
    this.#effects.acknowledgeAnnouncement();
    return virtio.NET_CTRL_OK;
  }

  /** §5.1.6.5.8: only what was negotiated may be switched on. */
  #setOffloads(command: number): number {
    const isSet = command === virtio.NET_CTRL_GUEST_OFFLOADS_SET;
    if (!isSet || !this.#has(virtio.NET_F_CTRL_GUEST_OFFLOADS) || this.#dataBytes !== 8) return virtio.NET_CTRL_ERR;
    const data = this.#data;
    const low = data[0]! | (data[1]! << 8) | (data[2]! << 16) | (data[3]! << 24);
    const high = data[4]! | (data[5]! << 8) | (data[6]! << 16) | (data[7]! << 24);
    const allowed = GUEST_OFFLOADS.reduce((bits, feature) => (this.#has(feature) ? bits | (1 << feature) : bits), 0);
    if (high !== 0 || (low & ~allowed) !== 0) return virtio.NET_CTRL_ERR;
    this.#effects.setGuestOffloads(low);
    return virtio.NET_CTRL_OK;
  }
}

/** The data end before the count. */
const MISSING = -3;
const GUEST_OFFLOADS: readonly number[] = [virtio.NET_F_GUEST_CSUM, virtio.NET_F_GUEST_TSO4, virtio.NET_F_GUEST_TSO6];
