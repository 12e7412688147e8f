/**
 * The tag of a message, and how large a message may be. seL4 reference manual 13.0.0 §4.1 "Message Registers", §4.2
 * "Capability Transfer".
 *
 * DEVIATION: a tag is one 32-bit word, so labels have 20 bits where the manual's 64-bit kernel has 52.
 */
import { bits, type Field, get, set } from '@bulkhead/bits';

export const MAX_MESSAGE_WORDS = 120;
export const MAX_EXTRA_CAPS = 3;
/** Words of a message that travel in registers; the others are in the message buffer. */
export const MESSAGE_REGISTERS = 4;
/** Extra capabilities of a message are named by 32-bit pointers; labels have 20 bits. */
export const MAX_LABEL = 0xfffff;

const LABEL: Field = bits(31, 12);
const CAPS_UNWRAPPED: Field = bits(11, 9);
const EXTRA_CAPS: Field = bits(8, 7);
const LENGTH: Field = bits(6, 0);

/** @returns the tag's word. Bits that do not fit a field are cut off. */
export const messageTag = (label: number, capsUnwrapped: number, extraCaps: number, lengthWords: number): number =>
  set(set(set(set(0, LABEL, label), CAPS_UNWRAPPED, capsUnwrapped), EXTRA_CAPS, extraCaps), LENGTH, lengthWords);

export const labelOf = (tag: number): number => get(tag, LABEL);
/** Bit i: extra capability i was to the receiver's own endpoint, and its badge was delivered instead. */
export const capsUnwrappedOf = (tag: number): number => get(tag, CAPS_UNWRAPPED);
export const extraCapsOf = (tag: number): number => get(tag, EXTRA_CAPS);
/** Never above 120, whatever the sender wrote. */
export const lengthOf = (tag: number): number => Math.min(get(tag, LENGTH), MAX_MESSAGE_WORDS);
