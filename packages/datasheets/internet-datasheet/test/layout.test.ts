import { describe, expect, it } from 'vitest';
import * as net from '../src/index.ts';

/** Fields of a header in the order of the specification's drawing: name, offset, width in octets. */
type Drawing = readonly (readonly [offset: number, widthBytes: number])[];

/** A drawing has no gap and no overlap: each field starts where the one before it ends. */
const endOf = (drawing: Drawing): number =>
  drawing.reduce((end, [offset, widthBytes]) => {
    expect(offset).toBe(end);
    return end + widthBytes;
  }, 0);

describe('headers tile their length exactly', () => {
  it('RFC 894 "Frame Format"', () => {
    const end = endOf([
      [net.ETHERNET_DESTINATION, 6],
      [net.ETHERNET_SOURCE, 6],
      [net.ETHERNET_TYPE, 2],
    ]);
    expect(end).toBe(net.ETHERNET_HEADER_BYTES);
    expect(net.ETHERNET_HEADER_BYTES + net.ETHERNET_MTU_BYTES).toBe(net.ETHERNET_MAX_FRAME_BYTES);
  });
  it('RFC 826 "Packet format"', () => {
    const end = endOf([
      [net.ARP_HARDWARE_TYPE, 2],
      [net.ARP_PROTOCOL_TYPE, 2],
      [net.ARP_HARDWARE_LENGTH, 1],
      [net.ARP_PROTOCOL_LENGTH, 1],
      [net.ARP_OPERATION, 2],
      [net.ARP_SENDER_HARDWARE, 6],
      [net.ARP_SENDER_PROTOCOL, 4],
      [net.ARP_TARGET_HARDWARE, 6],
      [net.ARP_TARGET_PROTOCOL, 4],
    ]);
    expect(end).toBe(net.ARP_PACKET_BYTES);
  });
  it('RFC 791 §3.1 "Internet Header Format"', () => {
    const end = endOf([
      [net.IPV4_VERSION_IHL, 1],
      [net.IPV4_TYPE_OF_SERVICE, 1],
      [net.IPV4_TOTAL_LENGTH, 2],
      [net.IPV4_IDENTIFICATION, 2],
      [net.IPV4_FLAGS_FRAGMENT_OFFSET, 2],
      [net.IPV4_TIME_TO_LIVE, 1],
      [net.IPV4_PROTOCOL, 1],
      [net.IPV4_HEADER_CHECKSUM, 2],
      [net.IPV4_SOURCE, 4],
      [net.IPV4_DESTINATION, 4],
    ]);
    expect(end).toBe(net.IPV4_HEADER_BYTES);
    expect(net.IPV4_IHL_MIN * 4).toBe(net.IPV4_HEADER_BYTES);
    expect(net.IPV4_MORE_FRAGMENTS & net.IPV4_FRAGMENT_OFFSET_MASK).toBe(0);
  });
  it('RFC 792 "Message Formats" and RFC 768 "Format"', () => {
    expect(
      endOf([
        [net.ICMP_TYPE, 1],
        [net.ICMP_CODE, 1],
        [net.ICMP_CHECKSUM, 2],
        [net.ICMP_REST, 4],
      ]),
    ).toBe(net.ICMP_HEADER_BYTES);
    expect(
      endOf([
        [net.UDP_SOURCE_PORT, 2],
        [net.UDP_DESTINATION_PORT, 2],
        [net.UDP_LENGTH, 2],
        [net.UDP_CHECKSUM, 2],
      ]),
    ).toBe(net.UDP_HEADER_BYTES);
  });
  it('RFC 9293 §3.1 "Header Format"', () => {
    const end = endOf([
      [net.TCP_SOURCE_PORT, 2],
      [net.TCP_DESTINATION_PORT, 2],
      [net.TCP_SEQUENCE_NUMBER, 4],
      [net.TCP_ACKNOWLEDGMENT_NUMBER, 4],
      [net.TCP_DATA_OFFSET, 1],
      [net.TCP_CONTROL_BITS, 1],
      [net.TCP_WINDOW, 2],
      [net.TCP_CHECKSUM, 2],
      [net.TCP_URGENT_POINTER, 2],
    ]);
    expect(end).toBe(net.TCP_HEADER_BYTES);
    expect(net.FIN | net.SYN | net.RST | net.PSH | net.ACK | net.URG).toBe(0x3f);
  });
});
