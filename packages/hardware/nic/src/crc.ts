/** The frame check sequence. IEEE 802.3-2018 §3.2.9 "Frame Check Sequence (FCS) field": CRC-32, reflected. */
const POLYNOMIAL = 0xedb88320;
const TABLE: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
  return crc;
});

/** Writes the check sequence of `bytes[at … at + lenBytes)` behind it, first byte lowest. */
export function appendFcs(bytes: Uint8Array, at: number, lenBytes: number): void {
  let crc = -1;
  const end = at + lenBytes;
  for (let i = at; i < end; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!;
  for (let i = 0; i < 4; i++) bytes[end + i] = ~crc >>> (8 * i);
}
