/**
 * Receive side scaling: which queue a frame goes to. Intel 82574 Datasheet revision 3.4 §7.1 "Receive-Side Scaling
 * (RSS)": the Toeplitz hash of addresses and ports under RSSRK; its low seven bits index RETA.
 *
 * MRQC enables each of five kinds of input; of those that fit a frame the most specific is used. For IPv6 with extensions
 * a home address stands in for the source and a routing header of type 2 for the destination, unless RFCTL forbids it.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { type Headers, IPV4, IPV6 } from './headers.ts';
import type { RegisterFile } from './register-file.ts';

const IPV4_SOURCE = 12;
const IPV4_ADDRESSES_BYTES = 8;
const IPV6_SOURCE = 8;
const IPV6_DESTINATION = 24;
const IPV6_ADDRESS_BYTES = 16;
const PORTS_BYTES = 4;
/** The longest input, two addresses and two ports, and the last bit's window of 32. */
const WINDOWS = (2 * IPV6_ADDRESS_BYTES + PORTS_BYTES) * 8;

export class Rss {
  /** Of the last frame: the hash, and its kind as the write-back spells it (0: none). */
  hash = 0;
  type: number = reg.RDESC_RSS_TYPE_NONE;
  readonly #registers: RegisterFile;
  readonly #bytes: Uint8Array;
  /** The key that `#windows` was made of, and the 32 bits of it that start at each bit. */
  readonly #key: Int32Array = new Int32Array(reg.RSSRK_COUNT);
  readonly #windows: Int32Array = new Int32Array(WINDOWS);

  /** @param bytes where the frames stand. */
  constructor(registers: RegisterFile, bytes: Uint8Array) {
    this.#registers = registers;
    this.#bytes = bytes;
  }

  get isOn(): boolean {
    const registers = this.#registers;
    if (get(registers.get(reg.MRQC), reg.MRQC_MULTIPLE_RECEIVE_QUEUES_ENABLE) !== reg.MRQC_ENABLE_RSS) return false;
    return has(registers.get(reg.RXCSUM), reg.RXCSUM_PCSD) && has(registers.get(reg.RFCTL), reg.RFCTL_EXTEN);
  }

  /** @returns the queue for the frame with these headers. */
  classify(headers: Headers): number {
    this.hash = 0;
    this.type = reg.RDESC_RSS_TYPE_NONE;
    if (!this.isOn) return 0;
    this.#refreshKey();
    if (headers.version === IPV4) this.#hashIpv4(headers);
    else if (headers.version === IPV6) this.#hashIpv6(headers);
    if (this.type === reg.RDESC_RSS_TYPE_NONE) return 0;
    return this.#redirect(this.hash & (reg.RETA_ENTRY_COUNT - 1));
  }
  #hashIpv4(headers: Headers): void {
    const mrqc = this.#registers.get(reg.MRQC);
    const withPorts = headers.hasTcpPorts && has(mrqc, reg.MRQC_RSS_TCP_IPV4);
    if (!withPorts && !has(mrqc, reg.MRQC_RSS_IPV4)) return;
    this.type = withPorts ? reg.RDESC_RSS_TYPE_TCP_IPV4 : reg.RDESC_RSS_TYPE_IPV4;
    this.#add(headers.ipAt + IPV4_SOURCE, IPV4_ADDRESSES_BYTES, 0);
    if (withPorts) this.#add(headers.transportAt, PORTS_BYTES, IPV4_ADDRESSES_BYTES);
  }

  #hashIpv6(headers: Headers): void {
    const mrqc = this.#registers.get(reg.MRQC);
    const rfctl = this.#registers.get(reg.RFCTL);
    const isMobile = headers.homeAddressAt !== 0 || headers.routedAddressAt !== 0;
    const mayExtend =
      !(headers.hasExtensions && has(rfctl, reg.RFCTL_IPV6_EX_DIS)) &&
      !(isMobile && has(rfctl, reg.RFCTL_NEW_IPV6_EXT_DIS));
    if (mayExtend && headers.hasTcpPorts && has(mrqc, reg.MRQC_RSS_TCP_IPV6)) {
      this.type = reg.RDESC_RSS_TYPE_TCP_IPV6;
      this.#addAddresses(headers, true);
      this.#add(headers.transportAt, PORTS_BYTES, 2 * IPV6_ADDRESS_BYTES);
    } else if (mayExtend && has(mrqc, reg.MRQC_RSS_IPV6_EX)) {
      this.type = reg.RDESC_RSS_TYPE_IPV6_EX;
      this.#addAddresses(headers, true);
    } else if (has(mrqc, reg.MRQC_RSS_IPV6)) {
      this.type = reg.RDESC_RSS_TYPE_IPV6;
      this.#addAddresses(headers, false);
    }
  }
  #addAddresses({ ipAt, homeAddressAt, routedAddressAt }: Headers, extends_: boolean): void {
    const source = extends_ && homeAddressAt !== 0 ? homeAddressAt : ipAt + IPV6_SOURCE;
    const destination = extends_ && routedAddressAt !== 0 ? routedAddressAt : ipAt + IPV6_DESTINATION;
    this.#add(source, IPV6_ADDRESS_BYTES, 0);
    this.#add(destination, IPV6_ADDRESS_BYTES, IPV6_ADDRESS_BYTES);
  }

  #redirect(entry: number): number {
    const word = this.#registers.get(reg.RETA + (entry & ~3));
    return has(word >>> ((entry & 3) * 8), reg.RETA_QUEUE) ? 1 : 0;
  }

  /** For every set bit of the input, the 32 bits of the key that start at the bit's place. */
  #add(at: number, lenBytes: number, keyAt: number): void {
    let hash = this.hash;
    for (let i = 0; i < lenBytes; i++) {
      const byte = this.#bytes[at + i]!;
      for (let bit = 0; bit < 8; bit++) {
        if ((byte & (0x80 >>> bit)) !== 0) hash ^= this.#windows[(keyAt + i) * 8 + bit]!;
      }
    }
    this.hash = hash;
  }

  #refreshKey(): void {
    let isSame = true;
    for (let i = 0; i < reg.RSSRK_COUNT; i++) {
      const word = this.#registers.get(reg.RSSRK + i * 4);
      isSame &&= this.#key[i] === word;
      this.#key[i] = word;
    }
    if (isSame) return;
    for (let start = 0; start < WINDOWS; start++) this.#windows[start] = this.#windowAt(start);
  }
  /** The 32 bits of the key from bit `start`; byte 0 of RSSRK comes first, its high bit first. */
  #windowAt(start: number): number {
    const byte = start >>> 3;
    const shift = start & 7;
    const head =
      (this.#keyByte(byte) << 24) |
      (this.#keyByte(byte + 1) << 16) |
      (this.#keyByte(byte + 2) << 8) |
      this.#keyByte(byte + 3);
    return shift === 0 ? head : (head << shift) | (this.#keyByte(byte + 4) >>> (8 - shift));
  }
  #keyByte(byte: number): number {
    return (this.#key[byte >>> 2]! >>> ((byte & 3) * 8)) & 0xff;
  }
}
