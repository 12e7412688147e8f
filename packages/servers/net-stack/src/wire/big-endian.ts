/** Words in network byte order. RFC 791 appendix B "Data Transmission Order". A word must not straddle two pages. */
import { swap16, swap32 } from '@bulkhead/bits';
import type { Window } from '@bulkhead/runtime';

export const loadBe16 = (window: Window, offset: number): number => swap16(window.load16(offset));
/** @returns the word, signed. */
export const loadBe32 = (window: Window, offset: number): number => swap32(window.load32(offset));
export const storeBe16 = (window: Window, offset: number, value: number): void =>
  window.store16(offset, swap16(value & 0xffff));
export const storeBe32 = (window: Window, offset: number, value: number): void => window.store32(offset, swap32(value));
