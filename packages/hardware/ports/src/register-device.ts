export type WidthBytes = 1 | 2 | 4;

/**
 * A device behind a range of addresses. Offsets are from the range's start and naturally aligned to
 * `widthBytes`; an access of eight bytes reaches a device by its doubleword methods, or, where it has none, as two of
 * four, the low half first. Values are unsigned on both ways.
 * Nothing that is read or written makes a device throw: what is not there reads as all ones or as 0,
 * as its specification says, and ignores writes.
 */
export interface RegisterDevice {
  read(offset: number, widthBytes: WidthBytes): number;
  write(offset: number, widthBytes: WidthBytes, value: number): void;
  /** Eight bytes at once: the low word into `into[0]`, the high one into `into[1]`. */
  readDoubleword?(offset: number, into: Int32Array): void;
  writeDoubleword?(offset: number, lo: number, hi: number): void;
}
