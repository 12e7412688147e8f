/**
 * The tag of a message, how large a message may be, and the buffer in which it lies. seL4 reference manual 13.0.0 §4.1 "Message Registers", §4.2
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

const SHORT_MASK: number = EXTRA_CAPS.mask | LENGTH.mask;
const PLAIN_MASK: number = LABEL.mask | LENGTH.mask;
/** @returns whether a message fits the registers and has no capabilities: one comparison, as the fields lie side by side. */
export const isShort = (tag: number): boolean => (tag & SHORT_MASK) <= MESSAGE_REGISTERS;
/** The tag with which a short message arrives. */
export const shortTag = (tag: number): number => tag & PLAIN_MASK;

export const labelOf = (tag: number): number => get(tag, LABEL);
/** Bit i: extra capability i was to the receiver's own endpoint, and its badge was delivered instead. */
export const capsUnwrappedOf = (tag: number): number => get(tag, CAPS_UNWRAPPED);
export const extraCapsOf = (tag: number): number => get(tag, EXTRA_CAPS);
/** Never above 120, whatever the sender wrote. */
export const lengthOf = (tag: number): number => Math.min(get(tag, LENGTH), MAX_MESSAGE_WORDS);

/**
 * The IPC buffer: where the words of a message are that no register holds, and the pointers of extra capabilities.
 * seL4 reference manual 13.0.0 §4.1 "Message Registers", table "Fields of the seL4_IPCBuffer structure".
 *
 *     word 0         tag; unused by the kernel
 *     words 1…120    message; the first four are in registers instead
 *     word 121       user data; unused by the kernel
 *     words 122…124  sent: pointers of extra capabilities; received: badges of those that were unwrapped
 *     words 125…127  root, index and depth of the slot for a capability received
 *
 * A word has 64 bits: two 32-bit lanes, low lane first. The buffer has 1 KiB, and lies in one frame, so that one index
 * finds it in memory and one virtual address in its thread's world.
 */
export const WORD_LANES = 2;
/** In lanes, from the buffer's first. */
export const BUFFER_MESSAGE: number = WORD_LANES;
export const CAPS_OR_BADGES: number = BUFFER_MESSAGE + MAX_MESSAGE_WORDS * WORD_LANES + WORD_LANES;
export const RECEIVE_ROOT: number = CAPS_OR_BADGES + 3 * WORD_LANES;
export const RECEIVE_INDEX: number = RECEIVE_ROOT + WORD_LANES;
export const RECEIVE_DEPTH: number = RECEIVE_INDEX + WORD_LANES;
export const BUFFER_LANES = 256;
