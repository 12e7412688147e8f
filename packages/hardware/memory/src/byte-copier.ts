/**
 * Copies between byte arrays at any alignment without garbage.
 *
 * What is short is copied by words. What is long is copied by the engine's own `set`, block by block: that is many times
 * as fast a byte, but it takes whole arrays, and a view a copy would be garbage. So each array has views of its aligned
 * blocks, made when one is first copied from and kept for the few arrays that were used last: a device has one or two.
 */
const KEPT = 8;
/** Below this a loop over bytes is as fast, and needs no view. */
const SHORT_BYTES = 16;
/** Below this the words around whole blocks cost more than blocks save. */
const LONG_BYTES = 384;
const BLOCK_BYTES = 256;
/** Blocks are looked up in groups, for most of a large array is never copied from. */
const GROUP_BLOCKS_LOG2 = 8;
const GROUP_BLOCKS = 2 ** GROUP_BLOCKS_LOG2;

type Group = (Uint8Array | null)[];

/** An array with the views that its copies need. */
class Viewed {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #groups: (Group | null)[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** @returns the n-th whole block. */
  block(n: number): Uint8Array {
    const group = this.#groups[n >>> GROUP_BLOCKS_LOG2];
    const found = group?.[n & (GROUP_BLOCKS - 1)];
    return found ?? this.#makeBlock(n);
  }
  #makeBlock(n: number): Uint8Array {
    const index = n >>> GROUP_BLOCKS_LOG2;
    const groups = this.#groups;
    while (groups.length <= index) groups.push(null);
    const group: Group = groups[index] ?? new Array<Uint8Array | null>(GROUP_BLOCKS).fill(null);
    const made = this.bytes.subarray(n * BLOCK_BYTES, (n + 1) * BLOCK_BYTES);
    groups[index] = group;
    group[n & (GROUP_BLOCKS - 1)] = made;
    return made;
  }
}

export class ByteCopier {
  readonly #kept: Viewed[] = Array.from({ length: KEPT }, () => new Viewed(new Uint8Array(0)));
  #next = 0;

  /** Both ranges are inside their arrays and do not overlap. */
  copy(to: Uint8Array, toAt: number, from: Uint8Array, fromAt: number, lenBytes: number): void {
    if (lenBytes < SHORT_BYTES) copyBytes(to, toAt, from, fromAt, lenBytes);
    else if (lenBytes < LONG_BYTES) copyWords(this.#viewed(to).view, toAt, this.#viewed(from).view, fromAt, lenBytes);
    else copyBlocks(this.#viewed(to), toAt, this.#viewed(from), fromAt, lenBytes);
  }

  #viewed(bytes: Uint8Array): Viewed {
    const kept = this.#kept;
    for (let i = 0; i < KEPT; i++) if (kept[i]!.bytes === bytes) return kept[i]!;
    const slot = this.#next;
    this.#next = (slot + 1) % KEPT;
    kept[slot] = new Viewed(bytes);
    return kept[slot]!;
  }
}

function copyBytes(to: Uint8Array, toAt: number, from: Uint8Array, fromAt: number, lenBytes: number): void {
  for (let i = 0; i < lenBytes; i++) to[toAt + i] = from[fromAt + i]!;
}

function copyWords(to: DataView, toAt: number, from: DataView, fromAt: number, lenBytes: number): void {
  let i = 0;
  for (; i + 16 <= lenBytes; i += 16) {
    to.setInt32(toAt + i, from.getInt32(fromAt + i, true), true);
    to.setInt32(toAt + i + 4, from.getInt32(fromAt + i + 4, true), true);
    to.setInt32(toAt + i + 8, from.getInt32(fromAt + i + 8, true), true);
    to.setInt32(toAt + i + 12, from.getInt32(fromAt + i + 12, true), true);
  }
  for (; i + 4 <= lenBytes; i += 4) to.setInt32(toAt + i, from.getInt32(fromAt + i, true), true);
  for (; i < lenBytes; i++) to.setUint8(toAt + i, from.getUint8(fromAt + i));
}

/** Whole blocks of `from`, and what stands before and behind them. */
function copyBlocks(to: Viewed, toAt: number, from: Viewed, fromAt: number, lenBytes: number): void {
  const first = Math.ceil(fromAt / BLOCK_BYTES);
  const end = Math.floor((fromAt + lenBytes) / BLOCK_BYTES);
  let done = first * BLOCK_BYTES - fromAt;
  copyWords(to.view, toAt, from.view, fromAt, done);
  for (let n = first; n < end; n++) {
    to.bytes.set(from.block(n), toAt + done);
    done += BLOCK_BYTES;
  }
  copyWords(to.view, toAt + done, from.view, fromAt + done, lenBytes - done);
}
