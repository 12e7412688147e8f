/**
 * Where a function's configuration space stands. PCIe Base 5.0 §7.2.2 "PCI Express Enhanced Configuration Access
 * Mechanism (ECAM)": base + (bus << 20 | device << 15 | function << 12 | register). §2.2.6.2 "Transaction Descriptor -
 * Transaction ID Field": the requester ID is the same numbers without the register.
 */
import { bits, type Field } from '@bulkhead/bits';

export const ECAM_BUS_SHIFT = 20;
export const ECAM_DEVICE_SHIFT = 15;
export const ECAM_FUNCTION_SHIFT = 12;
export const ECAM_BUS: Field = bits(27, 20);
export const ECAM_DEVICE: Field = bits(19, 15);
export const ECAM_FUNCTION: Field = bits(14, 12);
export const ECAM_REGISTER: Field = bits(11, 0);
export const ECAM_BUS_SIZE_BYTES = 0x10_0000;
export const CONFIGURATION_SPACE_SIZE_BYTES = 0x1000;
export const BUS_COUNT = 256;
export const DEVICES_PER_BUS = 32;
export const FUNCTIONS_PER_DEVICE = 8;

export const REQUESTER_ID_BUS: Field = bits(15, 8);
export const REQUESTER_ID_DEVICE: Field = bits(7, 3);
export const REQUESTER_ID_FUNCTION: Field = bits(2, 0);
