/**
 * Whole translations that were just done, by requester and page: what a transfer asks again and again. It holds nothing
 * that the directory's cache and the caches of leaves do not hold: it forgets a page when the first stage's cache loses
 * the page's leaf, and everything when one of them loses anything else. So it never answers what they would not, and no
 * statistics can tell that it is there.
 *
 * Invariant: a tag is a device_id and the epoch in which it was put there; a new epoch empties all at once.
 */
const PAGES = 256;
/** Entries for one place of a page, by requester. */
const WAYS = 4;
const ENTRIES: number = PAGES * WAYS;
const FREE = -1;
const EPOCH = 0x1000000;
const LAST_EPOCH = 0x7f;

export class Recent {
  readonly #tag: Int32Array = new Int32Array(ENTRIES).fill(FREE);
  readonly #ioPage: Float64Array = new Float64Array(ENTRIES);
  readonly #page: Float64Array = new Float64Array(ENTRIES);
  readonly #access: Int32Array = new Int32Array(ENTRIES);
  #epoch = 0;
  #filled = false;
  /** False while somebody counts what it would hide. */
  enabled = true;

  /** @returns the physical page, or -1. */
  lookup(deviceId: number, ioPage: number, access: number): number {
    const index = indexOf(deviceId, ioPage);
    return this.#tag[index] === (deviceId | this.#epoch) &&
      this.#ioPage[index] === ioPage &&
      (this.#access[index]! & access) === access &&
      deviceId >>> 24 === 0
      ? this.#page[index]!
      : -1;
  }
  fill(deviceId: number, ioPage: number, access: number, page: number): void {
    if (!this.enabled || deviceId >>> 24 !== 0) return; // it would look like another device of another epoch
    const index = indexOf(deviceId, ioPage);
    const tag = deviceId | this.#epoch;
    const before = this.#tag[index] === tag && this.#ioPage[index] === ioPage ? this.#access[index]! : 0;
    this.#tag[index] = tag;
    this.#ioPage[index] = ioPage;
    this.#access[index] = before | access;
    this.#page[index] = page;
    this.#filled = true;
  }
  /** Forgets one page, whoever asked for it. */
  forget(ioPage: number): void {
    for (let index = indexOf(0, ioPage); index < ENTRIES; index += PAGES)
      if (this.#ioPage[index] === ioPage) this.#tag[index] = FREE;
  }
  clear(): void {
    if (!this.#filled) return;
    this.#filled = false;
    if (this.#epoch < LAST_EPOCH * EPOCH) this.#epoch += EPOCH;
    else {
      this.#epoch = 0;
      this.#tag.fill(FREE);
    }
  }
}

/** Functions of one device share a way: its number stands above three bits for them. */
const indexOf = (deviceId: number, ioPage: number): number =>
  ((deviceId << 5) & (ENTRIES - PAGES)) | (ioPage & (PAGES - 1));
