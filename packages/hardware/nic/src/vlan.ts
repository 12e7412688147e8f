/** Tags of virtual LANs. Intel 82574 Datasheet revision 3.4 §7.5 "802.1q VLAN Support"; IEEE 802.1Q-2018 §9.3. */
import { has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { RegisterFile } from './register-file.ts';

/** Destination and source, behind which a tag stands. */
export const ADDRESSES_BYTES = 12;
export const TAG_BYTES = 4;
const VLAN_ID = 0xfff;
const CANONICAL_FORM = 0x1000;

/** @returns true when a frame of `lenBytes` carries a tag of the type that VET names. */
export function isTagged(registers: RegisterFile, frame: Uint8Array, lenBytes: number): boolean {
  if (lenBytes < ADDRESSES_BYTES + TAG_BYTES) return false;
  return ((frame[ADDRESSES_BYTES]! << 8) | frame[ADDRESSES_BYTES + 1]!) === registers.get(reg.VET);
}
/** @returns priority, canonical form and VLAN ID: the tag control information. */
export const tagOf = (frame: Uint8Array): number => (frame[ADDRESSES_BYTES + 2]! << 8) | frame[ADDRESSES_BYTES + 3]!;

/** §7.5.3 "802.1q VLAN Packet Filtering": the VLAN filter table, then the canonical form indicator. */
export function passesVlan(registers: RegisterFile, rctl: number, tag: number): boolean {
  const vlan = tag & VLAN_ID;
  if ((registers.get(reg.VFTA + (vlan >>> 5) * 4) & (1 << (vlan & 31))) === 0) return false;
  return !has(rctl, reg.RCTL_CFIEN) || ((tag & CANONICAL_FORM) !== 0) === has(rctl, reg.RCTL_CFI);
}

/** §7.5.2.1 "Adding 802.1q Tags on Transmits". The array has room. @returns the new length. */
export function insertTag(frame: Uint8Array, lenBytes: number, type: number, tag: number): number {
  frame.copyWithin(ADDRESSES_BYTES + TAG_BYTES, ADDRESSES_BYTES, lenBytes);
  frame[ADDRESSES_BYTES] = type >>> 8;
  frame[ADDRESSES_BYTES + 1] = type;
  frame[ADDRESSES_BYTES + 2] = tag >>> 8;
  frame[ADDRESSES_BYTES + 3] = tag;
  return lenBytes + TAG_BYTES;
}
/** §7.5.2.2 "Stripping 802.1q Tags on Receives": the frame then begins TAG_BYTES later. */
export function stripTag(bytes: Uint8Array, at: number): void {
  for (let i = at + ADDRESSES_BYTES - 1; i >= at; i--) bytes[i + TAG_BYTES] = bytes[i]!;
}
