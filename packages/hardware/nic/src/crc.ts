/** The frame check sequence. IEEE 802.3-2018 §3.2.9 "Frame Check Sequence (FCS) field": CRC-32, reflected. */
const POLYNOMIAL = 0xedb88320;
const TABLE: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
  return crc;
});

/** @returns the check sequence of `bytes[at … at + lenBytes)`. */
function fcsOf(bytes: Uint8Array, at: number, lenBytes: number): number {
  let crc = -1;
  const end = at + lenBytes;
  for (let i = at; i < end; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc;
}

/** Writes the check sequence of `bytes[at … at + lenBytes)` behind it, first byte lowest. */
export function appendFcs(bytes: Uint8Array, at: number, lenBytes: number): void {
  const fcs = fcsOf(bytes, at, lenBytes);
  for (let i = 0; i < 4; i++) bytes[at + lenBytes + i] = fcs >>> (8 * i);
}
/** @returns true when the four bytes behind `bytes[0 … lenBytes)` are its check sequence. */
export function hasGoodFcs(bytes: Uint8Array, lenBytes: number): boolean {
  const fcs = fcsOf(bytes, 0, lenBytes);
  for (let i = 0; i < 4; i++) if (bytes[lenBytes + i] !== ((fcs >>> (8 * i)) & 0xff)) return false;
  return true;
}
