/**
 * A capability slot: 32 bytes of the lent memory. A slot is named by the index of its first word, a multiple of 8;
 * slot 0 does not exist, because 0 in a link means "none".
 *
 *   word 0  header   31:30 –, 29 mapped in an IO space, 28 orphan, 27 mapped, 26 zombie, 25 first badged,
 *                    24 revocable, 23 device,
 *                    22:19 rights, 18:14 guard size · alignment of what an untyped zeroed (zeroing.ts),
 *                    13:8 size bits or radix, 7:0 type
 *   word 1  object   address / 16 (unsigned), or an interrupt's number
 *   word 2  data     badge · guard · watermark of an untyped in granules (unsigned) · ASID
 *                    or IO space of a mapping
 *   word 3  extra    page of a mapping · granule up to which an untyped zeroed memory (zeroing.ts)
 *   word 4  previous slot of the derivation list
 *   word 5  next slot of the derivation list
 *   word 6  how far ahead in the list the slot of word 7 was when this one joined it
 *           · while a zombie: previous of the zombies that one deletion will finish (a ring)
 *   word 7  a slot some way ahead: a hint, which may be stale · while a zombie: next of them
 */
export const HEADER = 0;
export const OBJECT = 1;
export const DATA = 2;
export const EXTRA = 3;
export const PREVIOUS = 4;
export const NEXT = 5;
export const DISTANCE = 6;
export const AHEAD = 7;
export const RING_PREVIOUS = 6;
export const RING_NEXT = 7;
export const SLOT_WORDS = 8;

export const TYPE_MASK = 0xff;
export const SIZE_SHIFT = 8;
export const SIZE_MASK = 0x3f;
export const GUARD_SIZE_SHIFT = 14;
export const GUARD_SIZE_MASK = 0x1f;
export const RIGHTS_SHIFT = 19;
export const RIGHTS_MASK: number = 0xf << RIGHTS_SHIFT;
export const DEVICE: number = 1 << 23;
export const REVOCABLE: number = 1 << 24;
export const FIRST_BADGED: number = 1 << 25;
export const ZOMBIE: number = 1 << 26;
export const MAPPED: number = 1 << 27;
export const ORPHAN: number = 1 << 28;
/** Beside MAPPED: the mapping is in an IO space. */
export const IO_MAPPED: number = 1 << 29;
