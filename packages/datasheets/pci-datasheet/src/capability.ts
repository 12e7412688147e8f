/**
 * The capability list. PCIe Base 5.0 §7.5.1.1.11 "Capabilities Pointer", §7.9 "Additional PCI and PCIe Capabilities".
 * Each structure opens with its ID and the offset of the next (0 ends the list), dword aligned, above the header.
 */
import { bits, type Field } from '@bulkhead/bits';

export const CAPABILITY_ID = 0x0; // RO, 8 bits
export const CAPABILITY_NEXT = 0x1; // RO, 8 bits
export const CAPABILITIES_START = 0x40; // none stands inside the header
export const CAPABILITY_POINTER_MASK = 0xfc; // the two low bits are reserved

/** PCI Code and ID Assignment 1.11 §2 "Capability IDs". */
export const CAPABILITY_NULL = 0x00;
export const CAPABILITY_POWER_MANAGEMENT = 0x01;
export const CAPABILITY_VPD = 0x03;
export const CAPABILITY_MSI = 0x05;
export const CAPABILITY_VENDOR_SPECIFIC = 0x09;
export const CAPABILITY_BRIDGE_SUBSYSTEM = 0x0d;
export const CAPABILITY_PCI_EXPRESS = 0x10;
export const CAPABILITY_MSIX = 0x11;
export const CAPABILITY_ADVANCED_FEATURES = 0x13;

/** §7.6.3 "PCI Express Extended Capability Header"; the list starts at 0x100, a header of 0 is an empty one. */
export const EXTENDED_CAPABILITIES_START = 0x100;
export const EXTENDED_CAPABILITY_ID: Field = bits(15, 0);
export const EXTENDED_CAPABILITY_VERSION: Field = bits(19, 16);
export const EXTENDED_CAPABILITY_NEXT: Field = bits(31, 20);

/** PCI Code and ID Assignment 1.11 §3 "Extended Capability IDs". */
export const EXTENDED_CAPABILITY_ADVANCED_ERROR_REPORTING = 0x0001;
export const EXTENDED_CAPABILITY_VIRTUAL_CHANNEL = 0x0002;
export const EXTENDED_CAPABILITY_DEVICE_SERIAL_NUMBER = 0x0003;
export const EXTENDED_CAPABILITY_VENDOR_SPECIFIC = 0x000b;
export const EXTENDED_CAPABILITY_ACCESS_CONTROL_SERVICES = 0x000d;
export const EXTENDED_CAPABILITY_ARI = 0x000e;
export const EXTENDED_CAPABILITY_ADDRESS_TRANSLATION_SERVICES = 0x000f;
export const EXTENDED_CAPABILITY_SR_IOV = 0x0010;
export const EXTENDED_CAPABILITY_PAGE_REQUEST = 0x0013;
export const EXTENDED_CAPABILITY_LATENCY_TOLERANCE_REPORTING = 0x0018;
export const EXTENDED_CAPABILITY_PASID = 0x001b;
