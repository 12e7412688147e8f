/** Fields of the transmit registers. Intel 82574 Datasheet revision 3.4 §10.2.6 "Transmit Register Descriptions". */
import { bit, bits, type Field } from '@bulkhead/bits';

/** Transmit Control Register - TCTL. */
export const TCTL_EN: Field = bit(1);
export const TCTL_PSP: Field = bit(3); // pad short packets to 64 bytes with FCS
export const TCTL_CT: Field = bits(11, 4);
export const TCTL_COLD: Field = bits(21, 12);
export const TCTL_SWXOFF: Field = bit(22); // send a pause frame, self-clearing
export const TCTL_RTLC: Field = bit(24);
export const TCTL_MULR: Field = bit(28); // multiple requests

/** Transmit descriptor ring: base, length, head, tail. */
export const TDBAL_MASK = 0xfffffff0;
export const TDLEN_MASK = 0x000fff80; // multiples of 128 bytes
export const TDH_MASK = 0xffff;
export const TDT_MASK = 0xffff;

/** Transmit Descriptor Control - TXDCTL. */
export const TXDCTL_PTHRESH: Field = bits(5, 0);
export const TXDCTL_HTHRESH: Field = bits(13, 8);
export const TXDCTL_WTHRESH: Field = bits(21, 16);
export const TXDCTL_GRAN: Field = bit(24); // WTHRESH counts descriptors
export const TXDCTL_LWTHRESH: Field = bits(31, 25);

/** Transmit Arbitration Counter - TARC: set at reset; cleared, the queue does not transmit. */
export const TARC_ENABLE: Field = bit(10);

/** Transmit Inter-Packet Gap - TIPG. */
export const TIPG_IPGT: Field = bits(9, 0);
export const TIPG_IPGR1: Field = bits(19, 10);
export const TIPG_IPGR: Field = bits(29, 20);
