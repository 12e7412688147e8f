/**
 * Base Address Registers. PCIe Base 5.0 §7.5.1.2.1 "Base Address Registers".
 *
 *   memory  | 31 … 4 base | 3 prefetchable | 2:1 type | 0 = 0 |
 *   I/O     | 31 … 2 base                  | 1 = 0    | 0 = 1 |
 *
 * Sizing: with decoding off write all ones, read back, clear the low bits; the size is the two's complement.
 */
import { bit, bits, type Field } from '@bulkhead/bits';

export const BAR_SPACE_INDICATOR: Field = bit(0);
export const BAR_SPACE_MEMORY = 0;
export const BAR_SPACE_IO = 1;
export const BAR_MEMORY_TYPE: Field = bits(2, 1);
export const BAR_MEMORY_TYPE_32 = 0;
export const BAR_MEMORY_TYPE_64 = 2; // the next register holds the upper half
export const BAR_MEMORY_PREFETCHABLE: Field = bit(3);
export const BAR_MEMORY_BASE: Field = bits(31, 4);
export const BAR_IO_BASE: Field = bits(31, 2);
export const BAR_SIZING = 0xffffffff;

/** §7.5.1.2.4 "Expansion ROM Base Address Register". */
export const EXPANSION_ROM_ENABLE: Field = bit(0);
export const EXPANSION_ROM_BASE: Field = bits(31, 11);
