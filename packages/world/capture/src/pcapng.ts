/**
 * Frames as pcapng, block by block. draft-ietf-opsawg-pcapng ("PCAP Next Generation (pcapng) Capture File Format").
 *
 * Every function gives one block, complete and padded to four bytes; a file is a section header, one description an
 * interface, and packets, one after the other. All numbers are little-endian, as the byte-order magic tells.
 */
import { Block } from './block.ts';

/** §11.1 "Standardized Block Type Codes". */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 0x00000001;
const ENHANCED_PACKET = 0x00000006;

/** §4.1 "Section Header Block". */
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MAJOR_VERSION = 1;
const MINOR_VERSION = 0;
const UNSPECIFIED_LENGTH = 0xffffffff;

/** §3.5 "Options". */
const OPT_ENDOFOPT = 0;
const SHB_HARDWARE = 2;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;

/** A power of ten below a second: nanoseconds. §4.2 "Interface Description Block", if_tsresol. */
const NANOSECONDS = 9;

/** LINKTYPE_ETHERNET: frames from the destination address on, without preamble. */
export const LINKTYPE_ETHERNET = 1;

export interface SectionOptions {
  /** What the frames were captured on. */
  readonly hardware?: string;
  /** What wrote the file. */
  readonly application?: string;
}

/** §4.1 "Section Header Block": how a file begins. */
export function sectionHeader({ hardware, application }: SectionOptions = {}): Uint8Array {
  const block = new Block(SECTION_HEADER);
  block.word32(BYTE_ORDER_MAGIC);
  block.word16(MAJOR_VERSION);
  block.word16(MINOR_VERSION);
  block.word32(UNSPECIFIED_LENGTH);
  block.word32(UNSPECIFIED_LENGTH);
  if (hardware !== undefined) block.textOption(SHB_HARDWARE, hardware);
  if (application !== undefined) block.textOption(SHB_USERAPPL, application);
  if (hardware !== undefined || application !== undefined) block.option(OPT_ENDOFOPT, []);
  return block.end();
}

export interface InterfaceOptions {
  readonly name?: string;
  /** The most that is kept of a frame; 0 is no limit. @defaultValue 0 */
  readonly snapLenBytes?: number;
}

/** §4.2 "Interface Description Block": an Ethernet whose times are nanoseconds. Interfaces are numbered from 0. */
export function interfaceDescription({ name, snapLenBytes = 0 }: InterfaceOptions = {}): Uint8Array {
  const block = new Block(INTERFACE_DESCRIPTION);
  block.word16(LINKTYPE_ETHERNET);
  block.word16(0);
  block.word32(snapLenBytes);
  if (name !== undefined) block.textOption(IF_NAME, name);
  block.option(IF_TSRESOL, [NANOSECONDS]);
  block.option(OPT_ENDOFOPT, []);
  return block.end();
}

/** §4.3.1 "Enhanced Packet Block Flags Word", bits 1:0. */
export const INBOUND = 1;
export const OUTBOUND = 2;

export interface PacketOptions {
  /** The number of its interface. @defaultValue 0 */
  readonly interfaceIndex?: number;
  /** Nanoseconds since the start of time, whole, up to 2^53. */
  readonly timeNs: number;
  readonly frame: Uint8Array;
  /** How much of `frame` is the frame. @defaultValue all of it */
  readonly lenBytes?: number;
  /** How long it was on the wire. @defaultValue lenBytes */
  readonly originalLenBytes?: number;
  /** INBOUND or OUTBOUND. */
  readonly direction?: typeof INBOUND | typeof OUTBOUND;
}

/** §4.3 "Enhanced Packet Block". */
export function enhancedPacket(packet: PacketOptions): Uint8Array {
  const { interfaceIndex = 0, timeNs, frame, lenBytes = frame.length, direction } = packet;
  const block = new Block(ENHANCED_PACKET, lenBytes);
  block.word32(interfaceIndex);
  block.word32(Math.floor(timeNs / 0x1_0000_0000));
  block.word32(timeNs % 0x1_0000_0000);
  block.word32(lenBytes);
  block.word32(packet.originalLenBytes ?? lenBytes);
  block.bytes(frame, lenBytes);
  if (direction !== undefined) {
    block.option(EPB_FLAGS, [direction, 0, 0, 0]);
    block.option(OPT_ENDOFOPT, []);
  }
  return block.end();
}
