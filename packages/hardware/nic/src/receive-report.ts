/**
 * What the device tells of a received frame. Intel 82574 Datasheet revision 3.4 §7.1.3 "Legacy Receive Descriptor
 * Format", §7.1.4 "Extended Rx Descriptor", §7.1.5 "Packet Split Receive Descriptor".
 *
 * CHOICE: IXSM is set in a frame of which nothing was checked. CHOICE: of a frame in several descriptors the last one
 * tells everything but the packet checksum, which the first tells as well.
 * UNIMPLEMENTED: headers of iSCSI and NFS are payload (RFCTL.ISCSI_DIS, NFSW_DIS and NFSR_DIS are held).
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { ChecksumCheck } from './checksum-check.ts';
import { Headers, IPV4, IPV6, NO_IP } from './headers.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import type { RegisterFile } from './register-file.ts';
import { Rss } from './rss.ts';

export class ReceiveReport {
  /** Of the frame that was examined last: its queue, and the words of its write-back. */
  queue = 0;
  status = 0;
  mrq = 0;
  /** The RSS hash; or the IP identification, below the packet checksum. */
  hashOrIdentification = 0;
  checksum = 0;
  tag = 0;
  /** It acknowledges a TCP segment. */
  isAck = false;
  readonly #registers: RegisterFile;
  readonly #buffer: PacketBuffer;
  readonly #headers: Headers = new Headers();
  readonly #checks: ChecksumCheck;
  readonly #rss: Rss;

  constructor(registers: RegisterFile, buffer: PacketBuffer) {
    this.#registers = registers;
    this.#buffer = buffer;
    this.#checks = new ChecksumCheck(buffer.bytes);
    this.#rss = new Rss(registers, buffer.bytes);
  }

  /** Looks at the oldest frame of the packet buffer. */
  examine(): void {
    const registers = this.#registers;
    const { bytes, at, lenBytes, tag } = this.#buffer;
    const rfctl = registers.get(reg.RFCTL);
    const rxcsum = registers.get(reg.RXCSUM);
    this.#headers.parse(bytes, at, lenBytes, registers.get(reg.VET));
    this.#checks.check(this.#headers, at, lenBytes, rxcsum, rfctl);
    this.queue = this.#rss.classify(this.#headers);
    this.isAck = !has(rfctl, reg.RFCTL_ACK_DIS) && this.#headers.isAck(has(rfctl, reg.RFCTL_ACKD_DIS));
    this.tag = tag;
    this.checksum = this.#checks.packet;
    this.status = this.#checks.status | this.#kind(rfctl);
    this.mrq = (this.queue << reg.RDESC_MRQ_QUEUE.shift) | this.#rss.type;
    this.hashOrIdentification = has(rxcsum, reg.RXCSUM_PCSD) ? this.#rss.hash : this.#identification(bytes);
  }

  /** How many bytes of the frame are headers that packet split puts apart, in a buffer of `sizeBytes`; 0: none. */
  headerBytes(sizeBytes: number): number {
    const { version, isFragment, payloadAt, transportAt } = this.#headers;
    if (version === NO_IP || transportAt === 0) return 0;
    if (isFragment && has(this.#registers.get(reg.RFCTL), reg.RFCTL_IPFRSP_DIS)) return 0;
    const lenBytes = (payloadAt !== 0 ? payloadAt : transportAt) - this.#buffer.at;
    return lenBytes <= sizeBytes ? lenBytes : 0;
  }

  #kind(rfctl: number): number {
    const inexact = this.#buffer.isInexact ? reg.RDESC_STATUS_PIF.mask : 0;
    const stripped = this.#buffer.isStripped ? reg.RDESC_STATUS_VP.mask : 0;
    const ack = this.isAck ? reg.RDESC_STATUS_ACK.mask : 0;
    const type = this.#packetType(rfctl) << reg.RDESC_STATUS_PACKET_TYPE.shift;
    return reg.RDESC_STATUS_DD.mask | reg.RDESC_STATUS_EOP.mask | inexact | stripped | ack | type;
  }
  #packetType(rfctl: number): number {
    const { version, payloadAt } = this.#headers;
    if (version === IPV4) return payloadAt !== 0 ? reg.RDESC_PACKET_TYPE_IPV4_L4 : reg.RDESC_PACKET_TYPE_IPV4;
    if (version !== IPV6 || has(rfctl, reg.RFCTL_IPV6_DIS)) return reg.RDESC_PACKET_TYPE_MAC;
    return payloadAt !== 0 ? reg.RDESC_PACKET_TYPE_IPV6_L4 : reg.RDESC_PACKET_TYPE_IPV6;
  }
  #identification(bytes: Uint8Array): number {
    const { version, ipAt } = this.#headers;
    if (version !== IPV4) return this.checksum << 16;
    this.status |= reg.RDESC_STATUS_IPIDV.mask;
    return (this.checksum << 16) | (bytes[ipAt + 4]! << 8) | bytes[ipAt + 5]!;
  }
}

/** RCTL.BSIZE, BSEX and FLXBUF: the size of a buffer outside of packet split. */
export function bufferSizeBytes(rctl: number): number {
  const flexible = get(rctl, reg.RCTL_FLXBUF);
  if (flexible !== 0) return flexible * 1024;
  return (2048 >>> get(rctl, reg.RCTL_BSIZE)) * (has(rctl, reg.RCTL_BSEX) ? 16 : 1);
}
