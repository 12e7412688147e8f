/**
 * Descriptor chains as the device has read them: for each its head, and the pieces of memory that it names, those to
 * read before those to write. Everything is allocated once.
 */

/** The most chains, and pieces of all of them together. */
const CHAIN_CAPACITY = 256;
const SEGMENT_CAPACITY = 1024;

export class ChainList {
  count = 0;
  /** Of each chain: its head, its first segment, its first segment to write, and the first that is not its own. */
  readonly head: Int32Array = new Int32Array(CHAIN_CAPACITY);
  readonly firstRead: Int32Array = new Int32Array(CHAIN_CAPACITY);
  readonly firstWrite: Int32Array = new Int32Array(CHAIN_CAPACITY);
  readonly end: Int32Array = new Int32Array(CHAIN_CAPACITY);
  readonly readBytes: Float64Array = new Float64Array(CHAIN_CAPACITY);
  readonly writeBytes: Float64Array = new Float64Array(CHAIN_CAPACITY);
  /** Of each segment. */
  readonly page: Float64Array = new Float64Array(SEGMENT_CAPACITY);
  readonly offset: Int32Array = new Int32Array(SEGMENT_CAPACITY);
  readonly lenBytes: Float64Array = new Float64Array(SEGMENT_CAPACITY);
  #segments = 0;

  clear(): void {
    this.count = 0;
    this.#segments = 0;
  }
  get isFull(): boolean {
    return this.count === CHAIN_CAPACITY;
  }

  /** Begins a chain; it counts once it is closed. */
  open(head: number): void {
    const chain = this.count;
    this.head[chain] = head;
    this.firstRead[chain] = this.#segments;
    this.firstWrite[chain] = this.#segments;
    this.end[chain] = this.#segments;
    this.readBytes[chain] = 0;
    this.writeBytes[chain] = 0;
  }
  /** True when the open chain has a segment to write: none to read may follow. */
  get hasWrites(): boolean {
    return this.end[this.count]! > this.firstWrite[this.count]!;
  }
  /** @returns false when there is no room. */
  add(page: number, offset: number, lenBytes: number, isWrite: boolean): boolean {
    const chain = this.count;
    const segment = this.end[chain]!;
    if (segment === SEGMENT_CAPACITY) return false;
    this.page[segment] = page;
    this.offset[segment] = offset;
    this.lenBytes[segment] = lenBytes;
    this.end[chain] = segment + 1;
    if (isWrite) this.writeBytes[chain] = this.writeBytes[chain]! + lenBytes;
    else {
      this.firstWrite[chain] = segment + 1;
      this.readBytes[chain] = this.readBytes[chain]! + lenBytes;
    }
    return true;
  }
  close(): void {
    this.#segments = this.end[this.count]!;
    this.count += 1;
  }
}
