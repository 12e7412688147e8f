/** ARP for IPv4 over Ethernet. RFC 826 "Packet format". */
import {
  ARP_HARDWARE_ETHERNET,
  ARP_HARDWARE_LENGTH,
  ARP_HARDWARE_TYPE,
  ARP_OPERATION,
  ARP_PACKET_BYTES,
  ARP_PROTOCOL_LENGTH,
  ARP_PROTOCOL_TYPE,
  ARP_SENDER_HARDWARE,
  ARP_SENDER_PROTOCOL,
  ARP_TARGET_HARDWARE,
  ARP_TARGET_PROTOCOL,
  ETHERNET_ADDRESS_BYTES,
  ETHERTYPE_IPV4,
} from '@bulkhead/internet-datasheet';
import type { Window } from '@bulkhead/runtime';
import { loadBe16, loadBe32, storeBe16, storeBe32 } from './big-endian.ts';

const IPV4_ADDRESS_BYTES = 4;

/** What is read of one packet; reused for every packet. */
export class ArpPacket {
  operation = 0;
  senderHigh = 0;
  senderLow = 0;
  senderAddress = 0;
  targetHigh = 0;
  targetLow = 0;
  targetAddress = 0;

  /** @returns false when it is not a whole ARP packet for IPv4 over Ethernet. */
  parse(window: Window, at: number, lenBytes: number): boolean {
    if (lenBytes < ARP_PACKET_BYTES) return false;
    if (loadBe16(window, at + ARP_HARDWARE_TYPE) !== ARP_HARDWARE_ETHERNET) return false;
    if (loadBe16(window, at + ARP_PROTOCOL_TYPE) !== ETHERTYPE_IPV4) return false;
    if (window.load8(at + ARP_HARDWARE_LENGTH) !== ETHERNET_ADDRESS_BYTES) return false;
    if (window.load8(at + ARP_PROTOCOL_LENGTH) !== IPV4_ADDRESS_BYTES) return false;
    this.operation = loadBe16(window, at + ARP_OPERATION);
    this.senderHigh = loadBe16(window, at + ARP_SENDER_HARDWARE);
    this.senderLow = loadBe32(window, at + ARP_SENDER_HARDWARE + 2);
    this.senderAddress = loadBe32(window, at + ARP_SENDER_PROTOCOL);
    this.targetHigh = loadBe16(window, at + ARP_TARGET_HARDWARE);
    this.targetLow = loadBe32(window, at + ARP_TARGET_HARDWARE + 2);
    this.targetAddress = loadBe32(window, at + ARP_TARGET_PROTOCOL);
    return true;
  }
  emit(window: Window, at: number): void {
    storeBe16(window, at + ARP_HARDWARE_TYPE, ARP_HARDWARE_ETHERNET);
    storeBe16(window, at + ARP_PROTOCOL_TYPE, ETHERTYPE_IPV4);
    window.store8(at + ARP_HARDWARE_LENGTH, ETHERNET_ADDRESS_BYTES);
    window.store8(at + ARP_PROTOCOL_LENGTH, IPV4_ADDRESS_BYTES);
    storeBe16(window, at + ARP_OPERATION, this.operation);
    storeBe16(window, at + ARP_SENDER_HARDWARE, this.senderHigh);
    storeBe32(window, at + ARP_SENDER_HARDWARE + 2, this.senderLow);
    storeBe32(window, at + ARP_SENDER_PROTOCOL, this.senderAddress);
    storeBe16(window, at + ARP_TARGET_HARDWARE, this.targetHigh);
    storeBe32(window, at + ARP_TARGET_HARDWARE + 2, this.targetLow);
    storeBe32(window, at + ARP_TARGET_PROTOCOL, this.targetAddress);
  }
}
