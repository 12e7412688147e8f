/** Ethernet II header. RFC 894 "Frame Format". A MAC address is held as its first two bytes and its last four. */
import {
  ETHERNET_DESTINATION,
  ETHERNET_HEADER_BYTES,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
} from '@bulkhead/internet-datasheet';
import type { Window } from '@bulkhead/runtime';
import { loadBe16, loadBe32, storeBe16, storeBe32 } from './big-endian.ts';

export const BROADCAST_HIGH = 0xffff;
export const BROADCAST_LOW = -1;

/** What is read of one header; reused for every frame. */
export class EthernetHeader {
  destinationHigh = 0;
  destinationLow = 0;
  sourceHigh = 0;
  sourceLow = 0;
  type = 0;

  /** @returns false when the frame is too short to have a header. */
  parse(window: Window, at: number, lenBytes: number): boolean {
    if (lenBytes < ETHERNET_HEADER_BYTES) return false;
    this.destinationHigh = loadBe16(window, at + ETHERNET_DESTINATION);
    this.destinationLow = loadBe32(window, at + ETHERNET_DESTINATION + 2);
    this.sourceHigh = loadBe16(window, at + ETHERNET_SOURCE);
    this.sourceLow = loadBe32(window, at + ETHERNET_SOURCE + 2);
    this.type = loadBe16(window, at + ETHERNET_TYPE);
    return true;
  }
  emit(window: Window, at: number): void {
    emitDestination(window, at, this.destinationHigh, this.destinationLow);
    storeBe16(window, at + ETHERNET_SOURCE, this.sourceHigh);
    storeBe32(window, at + ETHERNET_SOURCE + 2, this.sourceLow);
    storeBe16(window, at + ETHERNET_TYPE, this.type);
  }
}

/** Writes the destination alone: a neighbour's address may become known after the rest was written. */
export function emitDestination(window: Window, at: number, high: number, low: number): void {
  storeBe16(window, at + ETHERNET_DESTINATION, high);
  storeBe32(window, at + ETHERNET_DESTINATION + 2, low);
}

/** @returns true for a group address: bit 0 of the first octet. IEEE 802.3-2018 §3.2.3. */
export const isGroup = (high: number): boolean => (high & 0x0100) !== 0;
