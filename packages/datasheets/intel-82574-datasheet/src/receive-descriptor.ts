/**
 * Receive descriptors, 16 bytes, little-endian. Intel 82574 Datasheet revision 3.4 §7.1 "Receive Functionality".
 *
 *   legacy               0 buffer address (64)                   | 8 length 10 checksum 12 status 13 errors 14 special
 *   extended, read       0 buffer address (64)                   | 8 reserved: status must be written 0
 *   extended, write-back 0 MRQ (32)  4 RSS hash | 4 IP ID 6 csum | 8 status and errors (32) 12 length 14 VLAN tag
 */
import { bit, bits, type Field } from '@bulkhead/bits';

export const RDESC_SIZE_BYTES = 16;
export const RDESC_BUFFER_ADDRESS = 0; // le64
export const RDESC_BUFFER_ADDRESS_HIGH = 4;

/** Legacy write-back. */
export const RDESC_LENGTH = 8; // le16
export const RDESC_CHECKSUM = 10; // le16
export const RDESC_STATUS = 12; // u8
export const RDESC_ERRORS = 13; // u8
export const RDESC_SPECIAL = 14; // le16: VLAN tag

/** Extended write-back (RFCTL.EXTEN). */
export const RDESC_EXT_MRQ = 0; // le32
export const RDESC_EXT_RSS_HASH = 4; // le32, RXCSUM.PCSD = 1
export const RDESC_EXT_IP_ID = 4; // le16, RXCSUM.PCSD = 0
export const RDESC_EXT_CHECKSUM = 6; // le16
export const RDESC_EXT_STATUS_ERROR = 8; // le32
export const RDESC_EXT_LENGTH = 12; // le16
export const RDESC_EXT_VLAN = 14; // le16

/**
 * Packet split (RCTL.DTYP = 1, with RFCTL.EXTEN): 32 bytes, the addresses of a header buffer and of three more. The first
 * 16 bytes of the write-back are those of an extended one; its length is that of buffer 0.
 *
 *   read       0 buffer 0 (64)   | 8 buffer 1 (64)                        | 16 buffer 2 (64) | 24 buffer 3 (64)
 *   write-back 0 MRQ, hash or ID | 8 status and errors, length 0, VLAN tag | 16 header status, lengths 1, 2, 3 | 24 0
 */
export const RDESC_SPLIT_SIZE_BYTES = 32;
export const RDESC_SPLIT_BUFFER_COUNT = 4;
export const RDESC_SPLIT_HEADER_STATUS = 16; // le16
export const RDESC_SPLIT_LENGTH_1 = 18; // le16, and two more
export const RDESC_SPLIT_HLEN: Field = bits(9, 0); // of the header status: the length of the headers
export const RDESC_SPLIT_HDRSP: Field = bit(15); // the headers stand alone in buffer 0

/** Status. Bits 7:0 are the legacy status byte; the rest are of the extended word alone. */
export const RDESC_STATUS_DD: Field = bit(0); // descriptor done
export const RDESC_STATUS_EOP: Field = bit(1); // last of the packet
export const RDESC_STATUS_IXSM: Field = bit(2); // ignore the checksum indications
export const RDESC_STATUS_VP: Field = bit(3); // a VLAN tag was stripped
export const RDESC_STATUS_UDPCS: Field = bit(4);
export const RDESC_STATUS_TCPCS: Field = bit(5); // TCP or UDP checksum was checked
export const RDESC_STATUS_IPCS: Field = bit(6); // IPv4 checksum was checked
export const RDESC_STATUS_PIF: Field = bit(7); // passed by hash, not exactly
export const RDESC_STATUS_IPIDV: Field = bit(9);
export const RDESC_STATUS_UDPV: Field = bit(10);
export const RDESC_STATUS_ACK: Field = bit(15);
export const RDESC_STATUS_PACKET_TYPE: Field = bits(19, 16);
export const RDESC_PACKET_TYPE_MAC = 0;
export const RDESC_PACKET_TYPE_IPV4 = 1;
export const RDESC_PACKET_TYPE_IPV4_L4 = 2;
export const RDESC_PACKET_TYPE_IPV6 = 5;
export const RDESC_PACKET_TYPE_IPV6_L4 = 6;

/** Errors of the extended word; the legacy error byte holds the same, 24 bits lower. */
export const RDESC_ERROR_CE: Field = bit(24); // CRC or alignment
export const RDESC_ERROR_SE: Field = bit(25); // symbol
export const RDESC_ERROR_SEQ: Field = bit(26); // sequence
export const RDESC_ERROR_CXE: Field = bit(28); // carrier extension
export const RDESC_ERROR_TCPE: Field = bit(29); // TCP or UDP checksum
export const RDESC_ERROR_IPE: Field = bit(30); // IPv4 checksum
export const RDESC_ERROR_RXE: Field = bit(31); // receive data
export const RDESC_ERRORS_SHIFT = 24;

/** MRQ word of the extended write-back. */
export const RDESC_MRQ_RSS_TYPE: Field = bits(3, 0);
export const RDESC_RSS_TYPE_NONE = 0;
export const RDESC_RSS_TYPE_TCP_IPV4 = 1;
export const RDESC_RSS_TYPE_IPV4 = 2;
export const RDESC_RSS_TYPE_TCP_IPV6 = 3;
export const RDESC_RSS_TYPE_IPV6_EX = 4;
export const RDESC_RSS_TYPE_IPV6 = 5;
export const RDESC_MRQ_QUEUE: Field = bits(12, 8);

/** §7.1 "Receive Packet Storage": what is on the wire besides the payload. */
export const FRAME_CHECK_SEQUENCE_BYTES = 4;
export const FRAME_MIN_BYTES = 60; // without FCS; shorter frames are padded
export const FRAME_MAX_BYTES = 1518; // without FCS, one VLAN tag included; above it only with RCTL.LPE
