/** The same descriptors for both devices: frames, write-backs, counters, causes and messages. */

import * as reg from '@bulkhead/intel-82574-datasheet';
import { TCTL_PSP } from '@bulkhead/intel-82574-datasheet';
import { hex, type KnownDifference, Verdict } from './known-differences.ts';
import { type NicRig, RIG_RAM_START } from './nic-rig.ts';
import { onesSum, type Packet, type PacketSpec, packetOf, pseudoSum } from './packets.ts';
import { judgeCauses, judgeClasses } from './receive-comparison.ts';

export interface Send {
  readonly packet: PacketSpec;
  /** `plain` leaves everything to software; `insert` inserts checksums; `segment` cuts. */
  readonly how: 'legacy' | 'legacy-checksum' | 'plain' | 'insert' | 'segment';
  /** TDESC_POPTS_IXSM and TDESC_POPTS_TXSM. */
  readonly options: number;
  /** A tag to insert, or undefined. */
  readonly insertedTag: number | undefined;
  readonly reports: boolean;
  readonly segmentBytes: number;
  /** Where the data are cut into descriptors, in thousandths. */
  readonly cuts: readonly number[];
}
export interface TransmitScript {
  readonly usesMsix: boolean;
  readonly queue: number;
  readonly ctrl: number;
  readonly tctl: number;
  readonly sends: readonly Send[];
}

const RING: number = RIG_RAM_START;
const RING_ENTRIES = 64;
const BUFFERS: number = RIG_RAM_START + 0x1_0000;
const BUFFER_STRIDE = 0x1_0000;
const IVAR = 0x000a_09b8;
const CAUSES = 0x01f7_82d7;
const TAG_BYTES = 4;
const ADDRESSES_BYTES = 12;
const TPID_AND = 0x8100_0000;
const PROTOCOLS = { tcp: 6, udp: 17, other: 253 };
const COUNTERS = { MPTC: reg.MPTC, BPTC: reg.BPTC, GPTC: reg.GPTC, TPT: reg.TPT };

/** What a driver prepares: for insertion the pseudo header's sum, for segmentation the same without the length. */
function prepared({ packet: spec, how }: Send): Packet {
  const packet = packetOf(spec, how !== 'legacy' && how !== 'plain');
  const view = new DataView(packet.bytes.buffer);
  const offloads = how === 'insert' || how === 'segment';
  if (offloads && spec.network === 'ipv4') view.setUint16(packet.networkAt + 10, 0);
  if (how !== 'segment') return packet;
  const isIpv6 = spec.network === 'ipv6';
  view.setUint16(packet.checksumAt, pseudoSum(packet.bytes, packet.networkAt, isIpv6, PROTOCOLS[spec.transport], 0));
  return packet;
}

function contextOf(send: Send, { bytes, networkAt, transportAt, checksumAt, payloadAt }: Packet): readonly number[] {
  const { how, packet, segmentBytes } = send;
  const command =
    reg.TDESC_CMD_DEXT.mask |
    (packet.transport === 'tcp' ? reg.TDESC_CONTEXT_TUCMD_TCP.mask : 0) |
    (packet.network === 'ipv4' ? reg.TDESC_CONTEXT_TUCMD_IP.mask : 0) |
    (how === 'segment' ? reg.TDESC_CONTEXT_TUCMD_TSE.mask : 0);
  return [
    networkAt | ((networkAt + 10) << 8) | ((transportAt - 1) << 16),
    transportAt | (checksumAt << 8),
    (bytes.length - payloadAt) | command,
    (payloadAt << 8) | ((how === 'segment' ? segmentBytes : 0) << 16),
  ];
}

function descriptorsOf(send: Send, packet: Packet, address: number): readonly (readonly number[])[] {
  const { how, options, insertedTag, reports } = send;
  const { length } = packet.bytes;
  const edges = [
    0,
    ...send.cuts.map((cut) => 1 + Math.floor((cut * (length - 2)) / 1000)).sort((a, b) => a - b),
    length,
  ];
  const isLegacy = how === 'legacy' || how === 'legacy-checksum';
  const common =
    reg.TDESC_CMD_IFCS.mask |
    (reports ? reg.TDESC_CMD_RS.mask : 0) |
    (insertedTag === undefined ? 0 : reg.TDESC_CMD_VLE.mask) |
    (isLegacy ? 0 : reg.TDESC_CMD_DEXT.mask | (reg.TDESC_DTYP_DATA << reg.TDESC_LOWER_DTYP.shift)) |
    (how === 'legacy-checksum' ? reg.TDESC_CMD_IC.mask | (packet.checksumAt << 16) : 0) |
    (how === 'segment' ? reg.TDESC_CMD_TSE.mask : 0);
  const upper =
    ((insertedTag ?? 0) << 16) | ((how === 'legacy-checksum' ? packet.transportAt : isLegacy ? 0 : options) << 8);
  const data = edges.slice(1).map((end, i) => {
    const isLast = i === edges.length - 2;
    return [address + edges[i]!, 0, common | (end - edges[i]!) | (isLast ? reg.TDESC_CMD_EOP.mask : 0), upper];
  });
  return how === 'insert' || how === 'segment' ? [contextOf(send, packet), ...data] : data;
}

export function compareTransmission(
  ours: NicRig,
  theirs: NicRig,
  script: TransmitScript,
  met: Set<KnownDifference>,
): string[] {
  const verdict = new Verdict(met);
  const rigs = [ours, theirs] as const;
  const at = script.queue * reg.QUEUE_STRIDE_BYTES;
  for (const rig of rigs) setUp(rig, script);
  const frames: Uint8Array[] = [];
  let segmented = 0;
  let tail = 0;
  script.sends.forEach((send, number) => {
    if (verdict.unexplained.length > 0) return;
    const packet = prepared(send);
    const address = BUFFERS + number * BUFFER_STRIDE;
    const descriptors = descriptorsOf(send, packet, address);
    const words = new DataView(new ArrayBuffer(descriptors.length * reg.TDESC_SIZE_BYTES));
    descriptors.flat().forEach((word, i) => {
      words.setUint32(i * 4, word >>> 0, true);
    });
    for (const rig of rigs) {
      rig.writeRam(address, packet.bytes);
      rig.writeRam(RING + tail * reg.TDESC_SIZE_BYTES, new Uint8Array(words.buffer));
      rig.write(reg.TDT + at, tail + descriptors.length);
    }
    tail += descriptors.length;
    const [mine, other] = rigs.map((rig) => rig.sent()) as [Uint8Array[], Uint8Array[]];
    frames.push(...mine);
    if (send.how === 'segment') segmented++;
    judgeFrames(verdict, script, send, packet, mine, other, `send ${number}`);
  });
  if (verdict.unexplained.length > 0) return verdict.unexplained;
  const ring = rigs.map((rig) => hex(rig.readRam(RING, tail * reg.TDESC_SIZE_BYTES)));
  verdict.same('ring', ring[0], ring[1]);
  verdict.same('TDH', ...(rigs.map((rig) => rig.read(reg.TDH + at)) as [number, number]));
  judgeCounters(verdict, rigs, frames, segmented > 0);
  judgeCauses(verdict, rigs);
  return verdict.unexplained;
}

function setUp(rig: NicRig, { usesMsix, queue, ctrl, tctl }: TransmitScript): void {
  const at = queue * reg.QUEUE_STRIDE_BYTES;
  rig.reset();
  if (usesMsix) rig.enableMsix();
  rig.write(reg.CTRL, reg.CTRL_INITIAL | ctrl);
  rig.write(reg.IVAR, IVAR);
  rig.write(reg.IMS, CAUSES);
  rig.write(reg.TDBAL + at, RING);
  rig.write(reg.TDLEN + at, RING_ENTRIES * reg.TDESC_SIZE_BYTES);
  rig.write(reg.TCTL, reg.TCTL_EN.mask | tctl);
}

function judgeFrames(
  verdict: Verdict,
  script: TransmitScript,
  send: Send,
  packet: Packet,
  mine: readonly Uint8Array[],
  other: readonly Uint8Array[],
  where: string,
): void {
  const isOne = packet.bytes.length - packet.transportAt <= send.segmentBytes && send.packet.transport === 'tcp';
  if (send.how === 'segment' && !isOne) {
    verdict.explains('fragments-for-segments', true);
    verdict.same(`${where}, what is wrong with its segments`, segmentErrors(mine, script, send, packet), '');
    return;
  }
  verdict.same(`${where}, frames`, mine.length, other.length);
  if (mine.length !== other.length || mine.length === 0) return;
  const [ours, theirs] = [mine[0]!, excused(verdict, script, send, packet, mine[0]!, other[0]!)];
  verdict.same(where, hex(ours), hex(theirs));
}

/** @returns `theirs` as it would be without the differences that are known. */
function excused(
  verdict: Verdict,
  { ctrl, tctl }: TransmitScript,
  send: Send,
  packet: Packet,
  ours: Uint8Array,
  theirs: Uint8Array,
): Uint8Array {
  let frame = theirs;
  const inserts = send.insertedTag !== undefined && (ctrl & reg.CTRL_VME.mask) !== 0;
  if (
    verdict.explains(
      'no-second-tag',
      inserts && send.packet.vlanTag !== undefined && frame.length === packet.bytes.length,
    )
  ) {
    frame = tagged(packet.bytes, frame, send.insertedTag!);
  }
  const shift = inserts ? TAG_BYTES : 0;
  if (send.how === 'legacy-checksum') frame = withChecksum(verdict, packet, frame, shift);
  if (send.how === 'segment' && send.packet.network === 'ipv6') {
    const at = packet.networkAt + 10 + shift;
    const restored = Uint8Array.from(frame);
    restored.set(ours.subarray(at, at + 2), at);
    if (verdict.explains('ipv4-sum-in-ipv6', hex(restored) !== hex(frame))) frame = restored;
  }
  const isShort = (tctl & TCTL_PSP.mask) !== 0 && frame.length < reg.FRAME_MIN_BYTES;
  if (!verdict.explains('no-padding', isShort)) return frame;
  const whole = new Uint8Array(reg.FRAME_MIN_BYTES);
  whole.set(frame);
  return whole;
}

/** Their one tag is what was to be inserted: it is put before the one that the frame had. */
function tagged(original: Uint8Array, frame: Uint8Array, tag: number): Uint8Array {
  const whole = new Uint8Array(frame.length + TAG_BYTES);
  whole.set(frame.subarray(0, ADDRESSES_BYTES));
  new DataView(whole.buffer).setUint32(ADDRESSES_BYTES, (TPID_AND | tag) >>> 0);
  whole.set(frame.subarray(ADDRESSES_BYTES), ADDRESSES_BYTES + TAG_BYTES);
  whole.set(original.subarray(ADDRESSES_BYTES, ADDRESSES_BYTES + TAG_BYTES), ADDRESSES_BYTES + TAG_BYTES);
  return whole;
}
/** What IC asks for: the sum from CSS to the end, in the place of the pseudo header's. */
function withChecksum(verdict: Verdict, packet: Packet, frame: Uint8Array, shift: number): Uint8Array {
  const whole = Uint8Array.from(frame);
  const sum = ~onesSum(packet.bytes, packet.transportAt, packet.bytes.length) & 0xffff;
  new DataView(whole.buffer).setUint16(packet.checksumAt + shift, sum);
  return verdict.explains('no-legacy-checksum', hex(whole) !== hex(frame)) ? whole : frame;
}

/** QEMU is no judge of segments; a slow reader is. @returns what is wrong, or nothing. */
function segmentErrors(
  frames: readonly Uint8Array[],
  { ctrl, tctl }: TransmitScript,
  send: Send,
  packet: Packet,
): string {
  const extra = send.insertedTag !== undefined && (ctrl & reg.CTRL_VME.mask) !== 0 ? TAG_BYTES : 0;
  const shortest = (tctl & TCTL_PSP.mask) === 0 ? 0 : reg.FRAME_MIN_BYTES;
  const payload = packet.bytes.subarray(packet.payloadAt);
  const isIpv6 = send.packet.network === 'ipv6';
  const [networkAt, transportAt, payloadAt] = [
    packet.networkAt + extra,
    packet.transportAt + extra,
    packet.payloadAt + extra,
  ];
  if (frames.length !== Math.ceil(payload.length / send.segmentBytes)) return `${frames.length} frames`;
  for (const [number, frame] of frames.entries()) {
    const expected = payload.subarray(number * send.segmentBytes, (number + 1) * send.segmentBytes);
    const end = payloadAt + expected.length;
    if (frame.length !== Math.max(end, shortest)) return `length of frame ${number}`;
    if (hex(frame.subarray(payloadAt, end)) !== hex(expected)) return `payload of frame ${number}`;
    const sum = pseudoSum(frame, networkAt, isIpv6, PROTOCOLS[send.packet.transport], end - transportAt);
    if (onesSum(frame, transportAt, end, sum) !== 0xffff) return `checksum of frame ${number}`;
    if (!isIpv6 && onesSum(frame, networkAt, transportAt) !== 0xffff) return `header checksum of frame ${number}`;
  }
  return '';
}

function judgeCounters(
  verdict: Verdict,
  rigs: readonly [NicRig, NicRig],
  frames: readonly Uint8Array[],
  hasSegmented: boolean,
): void {
  const both = (offset: number): [number, number] => [rigs[0].read(offset), rigs[1].read(offset)];
  const octets = frames.reduce((sum, { length }) => sum + length + reg.FRAME_CHECK_SEQUENCE_BYTES, 0);
  for (const [name, offset] of [
    ['GOTCL', reg.GOTCL],
    ['TOTL', reg.TOTL],
  ] as const) {
    const [ours, theirs] = both(offset);
    verdict.same(name, ours, octets);
    verdict.explains('bytes-without-fcs', theirs !== ours);
  }
  judgeClasses(verdict, both, reg.PTC64, frames.length);
  for (const [name, offset] of Object.entries(COUNTERS)) {
    const [ours, theirs] = both(offset);
    if (!verdict.explains('fragments-for-segments', hasSegmented && ours > theirs)) verdict.same(name, ours, theirs);
  }
}
