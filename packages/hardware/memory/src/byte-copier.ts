/**
 * Copies between byte arrays at any alignment, sixteen bytes a step, without garbage.
 *
 * A loop over bytes costs five times as much; `to.set(from.subarray(…))` makes a view a copy. The views that are needed
 * here are made once an array and kept for the few arrays that were used last: a device has one or two.
 */
const KEPT = 8;
/** Below this a loop over bytes is as fast, and needs no view. */
const SHORT_BYTES = 16;

export class ByteCopier {
  readonly #arrays: Uint8Array[] = Array<Uint8Array>(KEPT).fill(new Uint8Array(0));
  readonly #views: DataView[] = Array<DataView>(KEPT).fill(new DataView(new ArrayBuffer(0)));
  #next = 0;

  /** Both ranges are inside their arrays and do not overlap. */
  copy(to: Uint8Array, toAt: number, from: Uint8Array, fromAt: number, lenBytes: number): void {
    if (lenBytes < SHORT_BYTES) copyShort(to, toAt, from, fromAt, lenBytes);
    else copyLong(this.#viewOf(to), toAt, this.#viewOf(from), fromAt, lenBytes);
  }

  #viewOf(bytes: Uint8Array): DataView {
    for (let i = 0; i < KEPT; i++) if (this.#arrays[i] === bytes) return this.#views[i]!;
    const slot = this.#next;
    this.#next = (slot + 1) % KEPT;
    this.#arrays[slot] = bytes;
    this.#views[slot] = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.#views[slot]!;
  }
}

function copyShort(to: Uint8Array, toAt: number, from: Uint8Array, fromAt: number, lenBytes: number): void {
  for (let i = 0; i < lenBytes; i++) to[toAt + i] = from[fromAt + i]!;
}

function copyLong(to: DataView, toAt: number, from: DataView, fromAt: number, lenBytes: number): void {
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
