/** The same frames into both devices, set up alike: heads, descriptors, buffers, counters, causes and messages. */
import { Chance } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { hex, type KnownDifference, Verdict } from './known-differences.ts';
import { type NicRig, RIG_RAM_START } from './nic-rig.ts';
import { psrctlOf, SPLIT_ENTRIES, type SplitSizes } from './packet-split.ts';
import { type PacketSpec, packetOf } from './packets.ts';

export interface ReceiveSetup {
  readonly usesMsix: boolean;
  readonly extended: boolean;
  /** Packet split, with `extended`: the sizes of a descriptor's buffers. */
  readonly split?: SplitSizes;
  /** CTRL, RCTL, RXCSUM, RFCTL and MRQC: bits beside those that every script sets. */
  readonly ctrl: number;
  readonly rctl: number;
  readonly rxcsum: number;
  readonly rfctl: number;
  readonly mrqc: number;
  /** For the hash key, the redirection table, the hash table and the VLAN filter. */
  readonly seed: number;
}
export interface ReceiveScript {
  readonly setup: ReceiveSetup;
  readonly packets: readonly PacketSpec[];
}

const RING_ENTRIES = 40;
const RING_BYTES: number = RING_ENTRIES * reg.RDESC_SIZE_BYTES;
const BUFFER_STRIDE = 0x2000;
const CTRL: number = reg.CTRL_INITIAL;
/** Each ring, and everything else, has a vector of its own. */
const IVAR = 0x000a_09b8;
const RECEIVE_CAUSES = 0x01f7_82d7;
/** Another address of the device, beside the one of its EEPROM. */
export const SECOND_ADDRESS: readonly number[] = [0x02, 0x11, 0x22, 0x33, 0x44, 0x55];
const SECOND_ADDRESS_LOW = 0x3322_1102;
const SECOND_ADDRESS_HIGH = 0x8000_5544;
const ringAt = (queue: number): number => RIG_RAM_START + queue * 0x1000;
const bufferAt = (queue: number, index: number): number =>
  RIG_RAM_START + 0x1_0000 + (queue * RING_ENTRIES + index) * BUFFER_STRIDE;

/** The datasheet's counters that a received frame can move, but for those that are judged one by one. */
const COUNTERS = {
  TPR: reg.TPR,
  GPRC: reg.GPRC,
  BPRC: reg.BPRC,
  GORCL: reg.GORCL,
  TORL: reg.TORL,
  MPC: reg.MPC,
  RNBC: reg.RNBC,
  CRCERRS: reg.CRCERRS,
};
const CLASSES = 6;
const TAG_BYTES = 4;

export function compareReception(
  ours: NicRig,
  theirs: NicRig,
  script: ReceiveScript,
  met: Set<KnownDifference>,
): string[] {
  const verdict = new Verdict(met);
  const rigs = [ours, theirs] as const;
  for (const rig of rigs) setUp(rig, script.setup);
  let fragments = 0;
  /** One of them took a frame that the other did not: from here on nothing compares. */
  let isParted = false;
  script.packets.forEach((spec, number) => {
    if (isParted || verdict.unexplained.length > 0) return;
    const { bytes } = packetOf(spec);
    const before = heads(ours);
    for (const rig of rigs) rig.receive(bytes);
    if (spec.fragment === true) fragments++;
    const where = `frame ${number} of ${bytes.length} bytes`;
    const after = heads(ours);
    const theirAfter = heads(theirs);
    if (after.join() !== theirAfter.join()) {
      isParted = isParted || partsWays(verdict, script.setup, spec, after.join() === before.join());
      if (!isParted) verdict.same(`${where}, heads`, after.join(), theirAfter.join());
    }
    if (isParted || verdict.unexplained.length > 0) return;
    for (const queue of [0, 1]) {
      const step = entriesOf(script.setup);
      for (let index = before[queue]!; index !== after[queue]!; index = (index + step) % RING_ENTRIES) {
        const isFirst = index === before[queue];
        judgeDescriptor(verdict, rigs, script.setup, spec, { queue, index, isFirst });
      }
    }
  });
  if (!isParted && verdict.unexplained.length === 0) judgeCounters(verdict, rigs, script, fragments > 0);
  return verdict.unexplained;
}

/** @returns true when the filters are known to differ over this frame. */
function partsWays(
  verdict: Verdict,
  { rctl }: ReceiveSetup,
  { destination }: PacketSpec,
  isRefusedByUs: boolean,
): boolean {
  const isUnicast = (destination[0]! & 1) === 0;
  return verdict.explains('unicast-by-hash', isRefusedByUs && isUnicast && !has(rctl, reg.RCTL_UPE.mask));
}

const entriesOf = ({ split }: ReceiveSetup): number => (split === undefined ? 1 : SPLIT_ENTRIES);
const heads = (rig: NicRig): readonly number[] =>
  [0, 1].map((queue) => rig.read(reg.RDH + queue * reg.QUEUE_STRIDE_BYTES));

function setUp(rig: NicRig, setup: ReceiveSetup): void {
  const chance = new Chance(setup.seed);
  const many = (register: number, count: number, mask: number): void => {
    for (let i = 0; i < count; i++) rig.write(register + i * 4, chance.next() & mask);
  };
  rig.reset();
  if (setup.usesMsix) rig.enableMsix();
  rig.write(reg.CTRL, CTRL | setup.ctrl);
  rig.write(reg.IVAR, IVAR);
  rig.write(reg.IMS, RECEIVE_CAUSES);
  rig.write(reg.RFCTL, (setup.extended ? reg.RFCTL_EXTEN.mask : 0) | setup.rfctl);
  rig.write(reg.RXCSUM, setup.rxcsum);
  rig.write(reg.MRQC, setup.mrqc);
  many(reg.RSSRK, reg.RSSRK_COUNT, -1);
  many(reg.RETA, reg.RETA_COUNT, 0x8080_8080);
  many(reg.MTA, reg.MTA_COUNT, chance.next());
  many(reg.VFTA, reg.VFTA_COUNT, -1);
  rig.write(reg.RAL + reg.RA_STRIDE_BYTES, SECOND_ADDRESS_LOW);
  rig.write(reg.RAH + reg.RA_STRIDE_BYTES, SECOND_ADDRESS_HIGH);
  if (setup.split !== undefined) rig.write(reg.PSRCTL, psrctlOf(setup.split));
  for (const queue of [0, 1]) startRing(rig, queue, setup);
  const type = setup.split === undefined ? reg.RCTL_DTYP_LEGACY : reg.RCTL_DTYP_PACKET_SPLIT;
  rig.write(reg.RCTL, reg.RCTL_EN.mask | reg.RCTL_SECRC.mask | (type << reg.RCTL_DTYP.shift) | setup.rctl);
}

/** A descriptor of four buffers takes two entries, and parts the room of their two buffers. */
function startRing(rig: NicRig, queue: number, setup: ReceiveSetup): void {
  const ring = new DataView(new ArrayBuffer(RING_BYTES));
  const entries = entriesOf(setup);
  const buffers = setup.split === undefined ? 1 : reg.RDESC_SPLIT_BUFFER_COUNT;
  for (let i = 0; i < RING_ENTRIES; i += entries) {
    for (let n = 0; n < buffers; n++) {
      const address = bufferAt(queue, i) + (n * entries * BUFFER_STRIDE) / buffers;
      ring.setUint32(i * reg.RDESC_SIZE_BYTES + n * 8, address, true);
    }
  }
  rig.writeRam(ringAt(queue), new Uint8Array(ring.buffer));
  const at = queue * reg.QUEUE_STRIDE_BYTES;
  rig.write(reg.RDBAL + at, ringAt(queue));
  rig.write(reg.RDLEN + at, RING_BYTES);
  rig.write(reg.RDT + at, RING_ENTRIES - entries);
}

const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer);
const STATUS_CHECKED: number = reg.RDESC_STATUS_IPCS.mask | reg.RDESC_STATUS_TCPCS.mask | reg.RDESC_STATUS_UDPCS.mask;

function judgeDescriptor(
  verdict: Verdict,
  rigs: readonly [NicRig, NicRig],
  setup: ReceiveSetup,
  spec: PacketSpec,
  { queue, index, isFirst }: { readonly queue: number; readonly index: number; readonly isFirst: boolean },
): void {
  const where = `queue ${queue}, descriptor ${index}`;
  const entries = entriesOf(setup);
  const [ours, theirs] = rigs.map((rig) => words(rig.readRam(ringAt(queue) + index * 16, entries * 16))) as [
    Uint32Array,
    Uint32Array,
  ];
  const status = ours[setup.extended ? 2 : 3]!;
  if (has(status, reg.RDESC_STATUS_EOP.mask) && has(status, reg.RDESC_STATUS_VP.mask)) verdict.strippedFrames++;
  excuse(verdict, ours, theirs, setup, spec);
  const isToldAgain = setup.split !== undefined && !isFirst && (ours[4]! & 0xffff) === 0 && (theirs[4]! & 0xffff) !== 0;
  if (verdict.explains('header-told-again', isToldAgain)) theirs[4] = theirs[4]! & ~0xffff;
  const [mine, other] = rigs.map((rig) => hex(rig.readRam(bufferAt(queue, index), entries * BUFFER_STRIDE)));
  verdict.same(`${where}, buffers`, mine, other);
  verdict.same(where, hex(new Uint8Array(ours.buffer)), hex(new Uint8Array(theirs.buffer)));
}

/** Makes in `theirs` what a known difference explains as it is in `ours`. */
function excuse(verdict: Verdict, ours: Uint32Array, theirs: Uint32Array, setup: ReceiveSetup, spec: PacketSpec): void {
  const statusAt = setup.extended ? 2 : 3;
  const errorsShift = setup.extended ? 0 : 16; // legacy: the errors follow the status byte
  const take = (known: KnownDifference, word: number, mask: number, isSo: boolean): void => {
    const differs = ((ours[word]! ^ theirs[word]!) & mask) !== 0;
    if (verdict.explains(known, differs && isSo)) theirs[word] = (theirs[word]! & ~mask) | (ours[word]! & mask);
  };
  const isIpv6 = spec.network === 'ipv6';
  const checks = STATUS_CHECKED | reg.RDESC_STATUS_IXSM.mask | (reg.RDESC_ERROR_TCPE.mask >>> errorsShift);
  const udpWithoutSum = isIpv6 && spec.transport === 'udp' && spec.withoutChecksum === true;
  take('udp-without-checksum', statusAt, checks, udpWithoutSum && !has(setup.rfctl, reg.RFCTL_IPV6_DIS.mask));
  take(
    'ipv6-disable',
    statusAt,
    checks | (0xf_0000 * Number(setup.extended)),
    isIpv6 && has(setup.rfctl, reg.RFCTL_IPV6_DIS.mask),
  );
  take('checksum-indication', statusAt, reg.RDESC_STATUS_IXSM.mask, (ours[statusAt]! & STATUS_CHECKED) === 0);
  take('inexact-filter', statusAt, reg.RDESC_STATUS_PIF.mask, (ours[statusAt]! & reg.RDESC_STATUS_PIF.mask) !== 0);
  if (setup.extended) {
    take('ack-disable', statusAt, reg.RDESC_STATUS_ACK.mask, has(setup.rfctl, reg.RFCTL_ACK_DIS.mask));
    take(
      'first-fragment',
      statusAt,
      0xf_0000 | reg.RDESC_STATUS_ACK.mask,
      spec.fragment === true && spec.network === 'ipv4',
    );
    take('packet-checksum', 1, 0xffff_0000, !has(setup.rxcsum, reg.RXCSUM_PCSD.mask) && theirs[1]! >>> 16 === 0);
  } else take('packet-checksum', 2, 0xffff_0000, theirs[2]! >>> 16 === 0);
}
const has = (word: number, mask: number): boolean => (word & mask) !== 0;

function judgeCounters(
  verdict: Verdict,
  rigs: readonly [NicRig, NicRig],
  script: ReceiveScript,
  hasFragment: boolean,
): void {
  const both = (offset: number): [number, number] => [rigs[0].read(offset), rigs[1].read(offset)];
  const lengths = script.packets.map((spec) => packetOf(spec).bytes.length);
  const [multicasts, theirMulticasts] = both(reg.MPRC);
  const groups = script.packets.filter(({ destination }) => (destination[0]! & 1) !== 0).length;
  const isTwice = theirMulticasts > multicasts && theirMulticasts <= multicasts + groups;
  if (!verdict.explains('hashed-are-counted-twice', isTwice)) {
    verdict.same('MPRC', multicasts, theirMulticasts);
  }
  const countedByAll = (name: string, offset: number, whole: number): void => {
    const [ours, theirs] = both(offset);
    if (!verdict.explains('refused-are-counted', ours < theirs && theirs === whole)) verdict.same(name, ours, theirs);
  };
  countedByAll('RUC', reg.RUC, lengths.filter((length) => length < reg.FRAME_MIN_BYTES).length);
  countedByAll('ROC', reg.ROC, lengths.filter((length) => length > reg.FRAME_MAX_BYTES).length);
  judgeClasses(verdict, both, reg.PRC64, both(reg.GPRC)[0]);
  for (const [name, offset] of Object.entries(COUNTERS)) {
    const [ours, theirs] = both(offset);
    const isOctets = offset === reg.GORCL || offset === reg.TORL;
    const tags = verdict.strippedFrames * TAG_BYTES;
    if (isOctets && verdict.explains('octets-without-tag', tags > 0 && ours === theirs + tags)) continue;
    if (offset !== reg.GPRC) verdict.same(name, ours, theirs);
  }
  judgeCauses(verdict, rigs, hasFragment);
}

/** The counters of six lengths: ours hold all frames that were counted. */
export function judgeClasses(
  verdict: Verdict,
  both: (offset: number) => [number, number],
  first: number,
  total: number,
): void {
  const pairs = Array.from({ length: CLASSES }, (_, i) => both(first + i * 4));
  verdict.same(
    'frames by length',
    pairs.reduce((sum, [ours]) => sum + ours, 0),
    total,
  );
  verdict.explains(
    'sizes-without-fcs',
    pairs.some(([ours, theirs]) => ours !== theirs),
  );
}

/** ICR and messages, and that an interrupt was counted by both or by none. */
export function judgeCauses(verdict: Verdict, rigs: readonly [NicRig, NicRig], hasFragment = false): void {
  const [ours, theirs] = rigs.map((rig) => rig.read(reg.ICR)) as [number, number];
  const ack = reg.ICR_ACK.mask | reg.ICR_OTHER.mask;
  const isFragment = verdict.explains('first-fragment', hasFragment && ((ours ^ theirs) & ack) !== 0);
  const isCrossed = verdict.explains('threshold-crossed', (ours & ~theirs & reg.ICR_RXDMT0.mask) !== 0);
  const mask = (isFragment ? ~(ack | reg.ICR_INT_ASSERTED.mask) : -1) & ~(isCrossed ? reg.ICR_RXDMT0.mask : 0);
  verdict.same('ICR', ours & mask, theirs & mask);
  verdict.same('IMS', ...(rigs.map((rig) => rig.read(reg.IMS)) as [number, number]));
  const messages = rigs.map((rig) => rig.messages().filter((vector) => !isFragment || vector !== 2));
  verdict.same('messages', messages[0]!.join(), messages[1]!.join());
  const [counted, theirCount] = rigs.map((rig) => rig.read(reg.IAC)) as [number, number];
  verdict.explains('interrupt-count', counted !== theirCount);
}
