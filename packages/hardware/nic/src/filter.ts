/**
 * Which frames the device takes. Intel 82574 Datasheet revision 3.4 §7.1 "Packet Address Filtering",
 * §10.2.5 "Multicast Table Array - MTA".
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { RegisterFile } from './register-file.ts';
import { destinationKind } from './statistics.ts';
import { isTagged, passesVlan, tagOf } from './vlan.ts';

export const REJECTED = 0;
/** Passed by an exact address, broadcast, or promiscuously. */
export const PASSED = 1;
/** Passed by the hash alone: software must look again (status PIF). */
export const PASSED_INEXACTLY = 2;

/** By RCTL.MO: how far the two last bytes of the address are shifted to give the 12 bits of the hash. */
const MULTICAST_SHIFT: readonly number[] = [4, 3, 2, 0];

/** @returns REJECTED, PASSED or PASSED_INEXACTLY. Frames shorter than an address never come here. */
export function filter(registers: RegisterFile, frame: Uint8Array, lenBytes: number): number {
  const rctl = registers.get(reg.RCTL);
  const isVlan = has(rctl, reg.RCTL_VFE) && isTagged(registers, frame, lenBytes);
  if (isVlan && !passesVlan(registers, rctl, tagOf(frame))) return REJECTED;
  const kind = destinationKind(frame);
  if (kind === 0 && has(rctl, reg.RCTL_UPE)) return PASSED;
  if (kind !== 0 && has(rctl, reg.RCTL_MPE)) return PASSED;
  if (kind === 2 && has(rctl, reg.RCTL_BAM)) return PASSED;
  if (matchesExactly(registers, frame)) return PASSED;
  return hashes(registers, rctl, frame) ? PASSED_INEXACTLY : REJECTED;
}

function matchesExactly(registers: RegisterFile, frame: Uint8Array): boolean {
  const low = frame[0]! | (frame[1]! << 8) | (frame[2]! << 16) | (frame[3]! << 24);
  const high = frame[4]! | (frame[5]! << 8);
  for (let i = 0; i < reg.RA_COUNT; i++) {
    const rah = registers.get(reg.RAH + i * reg.RA_STRIDE_BYTES);
    if (!has(rah, reg.RAH_AV) || (rah & reg.RAH_ADDRESS.mask) !== high) continue;
    if (registers.get(reg.RAL + i * reg.RA_STRIDE_BYTES) === low) return true;
  }
  return false;
}

/** The table is of group addresses: a unicast one is looked up nowhere else (§7.1.1.2 "Multicast Filter (Partial)"). */
function hashes(registers: RegisterFile, rctl: number, frame: Uint8Array): boolean {
  if ((frame[0]! & 1) === 0) return false;
  const shift = MULTICAST_SHIFT[get(rctl, reg.RCTL_MO)]!;
  const hash = (((frame[5]! << 8) | frame[4]!) >>> shift) & 0xfff;
  return (registers.get(reg.MTA + (hash >>> 5) * 4) & (1 << (hash & 31))) !== 0;
}
