/**
 * Frame counters. Intel 82574 Datasheet revision 3.4 §10.2.7 "Statistic Register Descriptions". Lengths are counted
 * with the frame check sequence.
 */
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { RegisterFile } from './register-file.ts';

const BROADCAST = 2;
const MULTICAST = 1;

/** @returns 0 for a unicast destination, 1 multicast, 2 broadcast. */
export function destinationKind(frame: Uint8Array): number {
  if ((frame[0]! & 1) === 0) return 0;
  for (let i = 0; i < 6; i++) if (frame[i] !== 0xff) return MULTICAST;
  return BROADCAST;
}

/** @returns the byte offset, from the counter of 64-byte frames, of the counter for this length. */
function lengthClass(lenBytes: number): number {
  if (lenBytes <= 64) return 0;
  if (lenBytes <= 127) return 4;
  if (lenBytes <= 255) return 8;
  if (lenBytes <= 511) return 12;
  return lenBytes <= 1023 ? 16 : 20;
}

/** Counts a frame of any kind, in TPR and TOR. */
export function countTotalReceived(registers: RegisterFile, lenBytes: number): void {
  registers.count(reg.TPR);
  registers.countBytes(reg.TORL, lenBytes);
}
export function countTotalTransmitted(registers: RegisterFile, lenBytes: number): void {
  registers.count(reg.TPT);
  registers.countBytes(reg.TOTL, lenBytes);
}

/** Counts a frame that passed the filters and fitted the packet buffer. */
export function countReceived(registers: RegisterFile, kind: number, lenBytes: number): void {
  countTotalReceived(registers, lenBytes);
  registers.count(reg.GPRC);
  registers.count(reg.PRC64 + lengthClass(lenBytes));
  registers.countBytes(reg.GORCL, lenBytes);
  if (kind === BROADCAST) registers.count(reg.BPRC);
  if (kind === MULTICAST) registers.count(reg.MPRC);
}

export function countTransmitted(registers: RegisterFile, kind: number, lenBytes: number): void {
  countTotalTransmitted(registers, lenBytes);
  registers.count(reg.GPTC);
  registers.count(reg.PTC64 + lengthClass(lenBytes));
  registers.countBytes(reg.GOTCL, lenBytes);
  if (kind === BROADCAST) registers.count(reg.BPTC);
  if (kind === MULTICAST) registers.count(reg.MPTC);
}

/** A read of a counter clears it; of a pair, the high half clears both. */
export function readStatistic(registers: RegisterFile, offset: number): number {
  const value = registers.get(offset);
  switch (offset) {
    case reg.GORCL:
    case reg.GOTCL:
    case reg.TORL:
    case reg.TOTL:
      return value;
    case reg.GORCH:
    case reg.GOTCH:
    case reg.TORH:
    case reg.TOTH:
      registers.set(offset - 4, 0);
      registers.set(offset, 0);
      return value;
    default:
      registers.set(offset, 0);
      return value;
  }
}
