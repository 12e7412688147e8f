/**
 * The older format, for tools that read no other. draft-ietf-opsawg-pcap ("PCAP Capture File Format"): one header, and
 * a record a frame, without padding. Times are nanoseconds.
 */
import { invariant } from '@bulkhead/result';
import { LINKTYPE_ETHERNET } from './pcapng.ts';

/** §4 "General File Structure": the magic of nanosecond files. */
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const HEADER_BYTES = 24;
const RECORD_BYTES = 16;
const MAX_SNAP_LEN_BYTES = 262_144;

/** §4: the file header. */
export function pcapHeader(): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC_NANOSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, MAX_SNAP_LEN_BYTES, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  return bytes;
}

/** §5 "Packet Record". @param timeNs whole nanoseconds since the start of time. */
export function pcapRecord(timeNs: number, frame: Uint8Array, lenBytes: number = frame.length): Uint8Array {
  invariant(lenBytes >= 0 && lenBytes <= frame.length, 'a frame is as long as it says');
  const bytes = new Uint8Array(RECORD_BYTES + lenBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(timeNs / 1e9), true);
  view.setUint32(4, timeNs % 1e9, true);
  view.setUint32(8, lenBytes, true);
  view.setUint32(12, lenBytes, true);
  bytes.set(frame.subarray(0, lenBytes), RECORD_BYTES);
  return bytes;
}
