/**
 * Receive side scaling: which queue a frame goes to. Intel 82574 Datasheet revision 3.4 §7.1 "Receive-Side Scaling
 * (RSS)": the Toeplitz hash of addresses and ports under RSSRK; its low seven bits index RETA.
 * UNIMPLEMENTED: IPv6, and frames with a VLAN tag; they go to queue 0.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { RegisterFile } from './register-file.ts';

const IP_AT = 14;
const ETHERTYPE_IPV4 = 0x0800;
const PROTOCOL_TCP = 6;
const IPV4_HEADER_BYTES = 20;
const ADDRESSES_BYTES = 8;
const RSS_TYPE_TCP_IPV4 = 1;
const RSS_TYPE_IPV4 = 2;

export class Rss {
  /** Of the last frame: the hash, and its kind as the write-back spells it (0: none). */
  hash = 0;
  type = 0;
  readonly #registers: RegisterFile;

  constructor(registers: RegisterFile) {
    this.#registers = registers;
  }

  /** @returns the queue for the frame that stands at `at`. */
  classify(bytes: Uint8Array, at: number, lenBytes: number): number {
    this.hash = 0;
    this.type = 0;
    const mrqc = this.#registers.get(reg.MRQC);
    if (!this.#isOn(mrqc) || !isIpv4(bytes, at, lenBytes)) return 0;
    const ip = at + IP_AT;
    const headerBytes = (bytes[ip]! & 0xf) * 4;
    const isFragment = (((bytes[ip + 6]! << 8) | bytes[ip + 7]!) & 0x3fff) !== 0;
    const hasPorts = bytes[ip + 9] === PROTOCOL_TCP && !isFragment && lenBytes >= IP_AT + headerBytes + 4;
    if (hasPorts && has(mrqc, reg.MRQC_RSS_TCP_IPV4)) {
      this.type = RSS_TYPE_TCP_IPV4;
      this.hash = this.#toeplitz(bytes, ip + 12, ADDRESSES_BYTES, 0, 0);
      this.hash = this.#toeplitz(bytes, ip + headerBytes, 4, ADDRESSES_BYTES, this.hash);
    } else if (has(mrqc, reg.MRQC_RSS_IPV4)) {
      this.type = RSS_TYPE_IPV4;
      this.hash = this.#toeplitz(bytes, ip + 12, ADDRESSES_BYTES, 0, 0);
    } else return 0;
    return this.#redirect(this.hash & (reg.RETA_ENTRY_COUNT - 1));
  }

  #isOn(mrqc: number): boolean {
    if (get(mrqc, reg.MRQC_MULTIPLE_RECEIVE_QUEUES_ENABLE) !== reg.MRQC_ENABLE_RSS) return false;
    return (
      has(this.#registers.get(reg.RXCSUM), reg.RXCSUM_PCSD) && has(this.#registers.get(reg.RFCTL), reg.RFCTL_EXTEN)
    );
  }

  #redirect(entry: number): number {
    const word = this.#registers.get(reg.RETA + (entry & ~3));
    return has(word >>> ((entry & 3) * 8), reg.RETA_QUEUE) ? 1 : 0;
  }

  /** For every set bit of the input, the 32 bits of the key that start at the bit's place. */
  #toeplitz(bytes: Uint8Array, at: number, lenBytes: number, keyAt: number, seed: number): number {
    let hash = seed;
    for (let i = 0; i < lenBytes; i++) {
      for (let bit = 0; bit < 8; bit++) {
        if ((bytes[at + i]! & (0x80 >>> bit)) !== 0) hash ^= this.#keyWindow((keyAt + i) * 8 + bit);
      }
    }
    return hash;
  }

  /** The 32 bits of the key from bit `start`; byte 0 of RSSRK comes first, its high bit first. */
  #keyWindow(start: number): number {
    const byte = start >>> 3;
    const shift = start & 7;
    const head =
      (this.#key(byte) << 24) | (this.#key(byte + 1) << 16) | (this.#key(byte + 2) << 8) | this.#key(byte + 3);
    return shift === 0 ? head : (head << shift) | (this.#key(byte + 4) >>> (8 - shift));
  }
  #key(byte: number): number {
    return (this.#registers.get(reg.RSSRK + (byte & ~3)) >>> ((byte & 3) * 8)) & 0xff;
  }
}

function isIpv4(bytes: Uint8Array, at: number, lenBytes: number): boolean {
  if (lenBytes < IP_AT + IPV4_HEADER_BYTES) return false;
  return ((bytes[at + 12]! << 8) | bytes[at + 13]!) === ETHERTYPE_IPV4 && bytes[at + IP_AT]! >>> 4 === 4;
}
