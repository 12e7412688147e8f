export type WidthBytes = 1 | 2 | 4;

/**
 * A device behind a range of addresses. Offsets are from the range's start and naturally aligned to
 * `widthBytes`; eight-byte accesses reach a device as two of four. Values are unsigned on both ways.
 * Nothing that is read or written makes a device throw: what is not there reads as all ones or as 0,
 * as its specification says, and ignores writes.
 */
export interface RegisterDevice {
  read(offset: number, widthBytes: WidthBytes): number;
  write(offset: number, widthBytes: WidthBytes, value: number): void;
}
