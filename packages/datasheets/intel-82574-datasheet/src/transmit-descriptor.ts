/**
 * Transmit descriptors, 16 bytes, little-endian. Intel 82574 Datasheet revision 3.4 §7.2 "Transmit Functionality".
 *
 *   legacy   0 buffer address (64) | 8 length 10 CSO 11 CMD                     | 12 STA 13 CSS 14 special
 *   data     0 buffer address (64) | 8 DTALEN 19:0, DTYP 23:20, DCMD 31:24      | 12 STA 13 POPTS 14 VLAN
 *   context  0 IPCSS 1 IPCSO 2 IPCSE 4 TUCSS 5 TUCSO 6 TUCSE | 8 PAYLEN 19:0, DTYP, TUCMD | 12 STA 13 HDRLEN 14 MSS
 */
import { bit, bits, type Field } from '@bulkhead/bits';

export const TDESC_SIZE_BYTES = 16;
export const TDESC_BUFFER_ADDRESS = 0; // le64
export const TDESC_BUFFER_ADDRESS_HIGH = 4;
export const TDESC_LOWER = 8; // le32: length, type, command
export const TDESC_UPPER = 12; // le32: status, options, VLAN

/** Legacy, by byte. */
export const TDESC_LENGTH = 8; // le16
export const TDESC_CSO = 10; // u8
export const TDESC_CMD = 11; // u8
export const TDESC_STA = 12; // u8
export const TDESC_CSS = 13; // u8
export const TDESC_SPECIAL = 14; // le16

/** Fields of the word at TDESC_LOWER. */
export const TDESC_LOWER_LENGTH: Field = bits(15, 0); // legacy
export const TDESC_LOWER_CSO: Field = bits(23, 16); // legacy
export const TDESC_LOWER_DTALEN: Field = bits(19, 0); // data
export const TDESC_LOWER_DTYP: Field = bits(23, 20); // data and context
export const TDESC_DTYP_CONTEXT = 0;
export const TDESC_DTYP_DATA = 1;
export const TDESC_CMD_EOP: Field = bit(24); // end of packet
export const TDESC_CMD_IFCS: Field = bit(25); // insert FCS
export const TDESC_CMD_IC: Field = bit(26); // legacy: insert checksum
export const TDESC_CMD_TSE: Field = bit(26); // data: TCP segmentation
export const TDESC_CMD_RS: Field = bit(27); // report status
export const TDESC_CMD_RPS: Field = bit(28);
export const TDESC_CMD_DEXT: Field = bit(29); // not legacy
export const TDESC_CMD_VLE: Field = bit(30); // insert a VLAN tag
export const TDESC_CMD_IDE: Field = bit(31); // delay the interrupt

/** Fields of the word at TDESC_UPPER. */
export const TDESC_STA_DD: Field = bit(0); // descriptor done
export const TDESC_STA_EC: Field = bit(1); // excess collisions
export const TDESC_STA_LC: Field = bit(2); // late collision
export const TDESC_POPTS_IXSM: Field = bit(8); // insert the IP checksum
export const TDESC_POPTS_TXSM: Field = bit(9); // insert the TCP or UDP checksum
export const TDESC_UPPER_VLAN: Field = bits(31, 16);

/** Context descriptor. */
export const TDESC_CONTEXT_IPCSS = 0; // u8: start of the IP checksum
export const TDESC_CONTEXT_IPCSO = 1; // u8: where it goes
export const TDESC_CONTEXT_IPCSE = 2; // le16: its end
export const TDESC_CONTEXT_TUCSS = 4; // u8
export const TDESC_CONTEXT_TUCSO = 5; // u8
export const TDESC_CONTEXT_TUCSE = 6; // le16
export const TDESC_CONTEXT_PAYLEN: Field = bits(19, 0); // of the word at TDESC_LOWER
export const TDESC_CONTEXT_TUCMD_TCP: Field = bit(24);
export const TDESC_CONTEXT_TUCMD_IP: Field = bit(25);
export const TDESC_CONTEXT_TUCMD_TSE: Field = bit(26);
/** Where these bytes stand in their words. */
export const TDESC_CONTEXT_START: Field = bits(7, 0); // IPCSS, TUCSS: of the words at 0 and 4
export const TDESC_CONTEXT_OFFSET: Field = bits(15, 8); // IPCSO, TUCSO
export const TDESC_CONTEXT_END: Field = bits(31, 16); // IPCSE, TUCSE: the last byte; 0: the end of the packet
export const TDESC_UPPER_CSS: Field = bits(15, 8); // legacy
export const TDESC_CONTEXT_HDRLEN: Field = bits(15, 8); // of the word at TDESC_UPPER
export const TDESC_CONTEXT_MSS: Field = bits(31, 16);
