/** The guest's RAM: a file that QEMU maps, shared, and that is read and written here in place. */
import { readSync, writeSync } from 'node:fs';

export class Ram {
  readonly #file: number;
  readonly #word: Buffer = Buffer.alloc(4);

  constructor(file: number) {
    this.#file = file;
  }
  read(address: number, into: Uint8Array, at: number, lenBytes: number): void {
    readSync(this.#file, into, at, lenBytes, address);
  }
  write(address: number, from: Uint8Array, at: number, lenBytes: number): void {
    writeSync(this.#file, from, at, lenBytes, address);
  }
  bytes(address: number, lenBytes: number): Uint8Array {
    const bytes = new Uint8Array(lenBytes);
    this.read(address, bytes, 0, lenBytes);
    return bytes;
  }
  /** @returns the signed word. */
  load32(address: number): number {
    this.read(address, this.#word, 0, 4);
    return this.#word.readInt32LE();
  }
  store32(address: number, value: number): void {
    this.#word.writeInt32LE(value | 0);
    this.write(address, this.#word, 0, 4);
  }
}
