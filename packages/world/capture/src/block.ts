/**
 * One block under construction. draft-ietf-opsawg-pcapng §3.1 "General Block Structure":
 *
 *     type u32 | total length u32 | body, padded to four bytes | total length u32
 */
import { invariant } from '@bulkhead/result';
import { utf8 } from './utf8.ts';

const padded = (lenBytes: number): number => Math.ceil(lenBytes / 4) * 4;

export class Block {
  #data: Uint8Array;
  #view: DataView;
  #at = 0;

  /** @param bodyLenBytes roughly how long it will be: no more than a hint. */
  constructor(type: number, bodyLenBytes = 0) {
    this.#data = new Uint8Array(padded(bodyLenBytes) + 64);
    this.#view = new DataView(this.#data.buffer);
    this.word32(type);
    this.word32(0);
  }
  word16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
  }
  word32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }
  /** Bytes, then zeros up to a multiple of four. */
  bytes(from: Uint8Array, lenBytes: number): void {
    invariant(lenBytes >= 0 && lenBytes <= from.length, 'a frame is as long as it says');
    this.#reserve(padded(lenBytes));
    this.#data.set(from.subarray(0, lenBytes), this.#at);
    this.#at += padded(lenBytes);
  }
  /** §3.5 "Options": code u16, length u16, value padded to four bytes. */
  option(code: number, value: ArrayLike<number>): void {
    invariant(value.length <= 0xffff, 'the length of an option has 16 bits');
    this.word16(code);
    this.word16(value.length);
    this.bytes(Uint8Array.from(value), value.length);
  }
  textOption(code: number, text: string): void {
    this.option(code, utf8(text));
  }
  /** @returns the block, with its length at both ends. */
  end(): Uint8Array {
    const lenBytes = this.#at + 4;
    this.word32(lenBytes);
    this.#view.setUint32(4, lenBytes, true);
    return this.#data.slice(0, lenBytes);
  }
  #reserve(lenBytes: number): void {
    if (this.#at + lenBytes <= this.#data.length) return;
    const larger = new Uint8Array((this.#at + lenBytes) * 2);
    larger.set(this.#data);
    this.#data = larger;
    this.#view = new DataView(larger.buffer);
  }
}
