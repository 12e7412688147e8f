/**
 * Kinds of objects, and how large they are. Manual §2.4 "Kernel Memory Allocation", with the sizes of the 64-bit
 * configuration with scheduling contexts (MCS).
 *
 * Types from UNTYPED to LAST_RETYPE can be made by retype; the others name no memory. Numbers between are free for
 * objects to come.
 */
export const NULL = 0;
export const UNTYPED = 1;
export const TCB = 2;
export const ENDPOINT = 3;
export const NOTIFICATION = 4;
export const REPLY = 5;
export const CNODE = 6;
export const FRAME = 7;
/** A page table of any level. The root of an address space is one that was given an ASID. */
export const PAGE_TABLE = 8;
/** Its size is the maker's choice: larger ones hold more refills. */
export const SCHED_CONTEXT = 9;
export const IO_PAGE_TABLE = 10;
/** Made from an untyped of exactly its size by the control of ASIDs, not by retype. */
export const ASID_POOL = 11;
export const IRQ_CONTROL = 16;
export const IRQ_HANDLER = 17;
export const ASID_CONTROL = 18;
export const SCHED_CONTROL = 19;
export const DOMAIN = 20;
/** CHOICE: what the manual's kernel mints from a master capability is issued by a control, so that revoking it works. */
export const IO_SPACE_CONTROL = 21;
export const IO_SPACE = 22;

export const LAST_RETYPE: number = IO_PAGE_TABLE;
export const TYPE_COUNT = 23;

export const NAMES: readonly string[] = [
  'Null',
  'Untyped',
  'TCB',
  'Endpoint',
  'Notification',
  'Reply',
  'CNode',
  'Frame',
  'PageTable',
  'SchedContext',
  'IOPageTable',
  'ASIDPool',
  ...new Array<string>(4).fill('(free)'),
  'IRQControl',
  'IRQHandler',
  'ASIDControl',
  'SchedControl',
  'Domain',
  'IOSpaceControl',
  'IOSpace',
];

/** Objects are named in units of 16 bytes, the smallest object there is. */
export const GRANULE_BITS = 4;
export const SLOT_BITS = 5;
export const UNTYPED_MIN_BITS = 4;
/** 64 GiB of physical addresses. CHOICE: the manual's 47 bits less what an object number of 32 bits cannot name. */
export const UNTYPED_MAX_BITS = 36;
/** Objects that one retype may make. Manual §10.3. */
export const FAN_OUT_LIMIT = 256;
export const SCHED_CONTEXT_MIN_BITS = 7;
export const ASID_POOL_BITS = 12;
export const FRAME_4K_BITS = 12;
export const FRAME_2M_BITS = 21;
export const FRAME_1G_BITS = 30;

/** -1: names no memory. 0: the size is in the capability. */
const SIZE_BITS: Int8Array = new Int8Array(256).fill(-1);
SIZE_BITS[UNTYPED] = 0;
SIZE_BITS[FRAME] = 0;
SIZE_BITS[CNODE] = 0;
SIZE_BITS[TCB] = 11;
SIZE_BITS[ENDPOINT] = 4;
SIZE_BITS[NOTIFICATION] = 6;
SIZE_BITS[REPLY] = 5;
SIZE_BITS[PAGE_TABLE] = 12;
SIZE_BITS[SCHED_CONTEXT] = 0;
SIZE_BITS[IO_PAGE_TABLE] = 12;
SIZE_BITS[ASID_POOL] = ASID_POOL_BITS;

/** @returns log2 of the bytes that an object takes, or -1. `parameter` is a CNode's radix, else the bits that the capability says. */
export function objectBits(type: number, parameter: number): number {
  const fixed = SIZE_BITS[type & 0xff]!;
  if (fixed !== 0) return fixed;
  return type === CNODE ? parameter + SLOT_BITS : parameter;
}

/** @returns whether a capability records the size of its object, because the type does not say it. */
export const hasVariableSize = (type: number): boolean => SIZE_BITS[type & 0xff] === 0;

/** Rights. Manual §3.1.4 "Capability Rights". */
export const WRITE = 1;
export const READ = 2;
export const GRANT = 4;
export const GRANT_REPLY = 8;
export const ALL_RIGHTS = 15;

/** Rights that capabilities of a type carry at all: what is not here is neither given nor taken. */
const CARRIED: Uint8Array = new Uint8Array(256);
CARRIED[ENDPOINT] = ALL_RIGHTS;
CARRIED[NOTIFICATION] = READ | WRITE;
CARRIED[REPLY] = GRANT;
CARRIED[FRAME] = READ | WRITE;

export const carriedRights = (type: number): number => CARRIED[type & 0xff]!;

/** 2^0 … 2^63, for sizes that a shift would cut. */
const POWERS: Float64Array = Float64Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

/** @returns 2^exponent, exactly; 1 for what is no exponent. */
export const power = (exponent: number): number => POWERS[exponent & 63]!;
