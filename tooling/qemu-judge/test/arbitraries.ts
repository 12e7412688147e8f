/** Frames and settings that a script is made of. */
import * as reg from '@bulkhead/intel-82574-datasheet';
import fc from 'fast-check';
import {
  MAC,
  type PacketSpec,
  packetOf,
  type ReceiveScript,
  type ReceiveSetup,
  SECOND_ADDRESS,
  type Send,
  type SplitSizes,
  type TransmitScript,
} from '../src/index.ts';

/** 0, or the bits given, for each of them. */
export const bitsOf = (...masks: readonly number[]): fc.Arbitrary<number> =>
  fc.tuple(...masks.map((mask) => fc.constantFrom(0, mask))).map((chosen) => chosen.reduce((all, one) => all | one, 0));

export const seed: fc.Arbitrary<number> = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const byte = fc.integer({ min: 0, max: 255 });
/** 1 in 4. */
const seldom = fc.constantFrom(true, false, false, false);

export const destination: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([...MAC]) },
  fc.constant(SECOND_ADDRESS),
  fc.constant([255, 255, 255, 255, 255, 255]),
  fc.tuple(byte, byte, byte).map((last) => [0x01, 0x00, 0x5e, ...last]),
  fc.constant([2, 9, 9, 9, 9, 9]),
);

/** The device's limit without LPE is 1522 bytes with FCS, QEMU's 1522 without. */
const isLongForOne = (lenBytes: number): boolean => lenBytes > 1518 && lenBytes <= 1522;
/** Whatever arrives. */
const arriving = (optionWords: readonly number[]): fc.Arbitrary<PacketSpec> =>
  fc
    .record({
      destination,
      vlanTag: fc.option(fc.nat(0xffff), { nil: undefined, freq: 2 }),
      network: fc.constantFrom('ipv4', 'ipv4', 'ipv6', 'arp', 'other'),
      transport: fc.constantFrom('tcp', 'udp', 'other'),
      networkOptions: fc.constantFrom(0, ...optionWords),
      transportOptions: fc.constantFrom(0, ...optionWords),
      payloadBytes: fc.oneof(fc.nat(30), fc.nat(1400), fc.integer({ min: 1400, max: 1800 })),
      fragment: seldom,
      networkError: fc.constantFrom(0, 0, 1),
      transportError: fc.constantFrom(0, 0, 1),
      withoutChecksum: seldom,
      seed,
    })
    .map((spec) => spec as PacketSpec)
    .filter((spec) => !isLongForOne(packetOf(spec).bytes.length));

/** §10.2.5 MRQC: hashes are asked for only where the packet checksum, whose place they take, is not. */
export const receiveSetup: fc.Arbitrary<ReceiveSetup> = fc
  .record({
    usesMsix: fc.boolean(),
    extended: fc.boolean(),
    ctrl: bitsOf(reg.CTRL_VME.mask),
    rctl: bitsOf(
      reg.RCTL_UPE.mask,
      reg.RCTL_MPE.mask,
      reg.RCTL_LPE.mask,
      reg.RCTL_BAM.mask,
      reg.RCTL_VFE.mask,
      1 << 16,
      1 << 17,
      1 << 12,
      1 << 13,
    ),
    rxcsum: bitsOf(reg.RXCSUM_IPOFLD.mask, reg.RXCSUM_TUOFLD.mask, reg.RXCSUM_PCSD.mask, 14),
    rfctl: bitsOf(reg.RFCTL_IPV6_DIS.mask, reg.RFCTL_IPV6_XSUM_DIS.mask, reg.RFCTL_ACK_DIS.mask),
    mrqc: fc.oneof(
      fc.constant(0),
      fc.nat(31).map((fields) => (fields << 16) | 1),
    ),
    seed,
  })
  .map((setup) => (setup.mrqc === 0 ? setup : { ...setup, rxcsum: setup.rxcsum | reg.RXCSUM_PCSD.mask }));

const receiving = (optionWords: readonly number[]): fc.Arbitrary<ReceiveScript> =>
  fc.record({ setup: receiveSetup, packets: fc.array(arriving(optionWords), { minLength: 1, maxLength: 4 }) });
export const receiveScript: fc.Arbitrary<ReceiveScript> = receiving([0, 1, 3]);

const splitSizes: fc.Arbitrary<SplitSizes> = fc
  .tuple(fc.constantFrom(0, 1, 1, 2, 4), fc.nat(2), fc.nat(2), fc.nat(1))
  .filter(([, ...others]) => others.some((size) => size > 0));
/** Most options that there can be make headers longer than the smallest buffer 0. */
export const splitScript: fc.Arbitrary<ReceiveScript> = fc
  .tuple(receiving([3, 10, 10]), splitSizes, bitsOf(reg.RFCTL_IPFRSP_DIS.mask))
  .map(([{ setup, packets }, split, bits]) => ({
    setup: { ...setup, extended: true, split, rfctl: setup.rfctl | bits },
    packets,
  }));

/** What software sends. A legacy checksum and an offload need a transport; a large send has more payload. */
export const send: fc.Arbitrary<Send> = fc
  .record({
    packet: fc.record({
      destination,
      vlanTag: fc.option(fc.nat(0xffff), { nil: undefined, freq: 3 }),
      network: fc.constantFrom('ipv4', 'ipv6'),
      transport: fc.constantFrom('tcp', 'udp'),
      networkOptions: fc.nat(3),
      transportOptions: fc.nat(3),
      payloadBytes: fc.oneof(fc.nat(40), fc.nat(1400)),
      networkError: fc.constant(0),
      transportError: fc.constant(0),
      seed,
    }),
    how: fc.constantFrom('legacy', 'legacy-checksum', 'plain', 'insert', 'segment'),
    options: fc.nat(3),
    insertedTag: fc.option(fc.nat(0xffff), { nil: undefined, freq: 2 }),
    reports: fc.boolean(),
    segmentBytes: fc.constantFrom(536, 1000, 1460),
    cuts: fc.array(fc.nat(1000), { maxLength: 3 }),
  })
  .map((send) => forOffload(send as Send));

/** §7.3: a large send has its checksums inserted, as every driver asks for. The header checksum is IPv4's. */
function forOffload(send: Send): Send {
  const { packet, how, options } = send;
  const isIpv4 = packet.network === 'ipv4';
  if (how === 'plain') return { ...send, options: 0 };
  if (how !== 'segment') return { ...send, options: isIpv4 ? options : options & ~1 };
  return { ...send, options: isIpv4 ? 3 : 2, packet: { ...packet, payloadBytes: 1 + packet.payloadBytes * 5 } };
}

export const transmitScript: fc.Arbitrary<TransmitScript> = fc.record({
  usesMsix: fc.boolean(),
  queue: fc.nat(1),
  ctrl: bitsOf(reg.CTRL_VME.mask),
  tctl: bitsOf(reg.TCTL_PSP.mask),
  sends: fc.array(send, { minLength: 1, maxLength: 6 }),
});
