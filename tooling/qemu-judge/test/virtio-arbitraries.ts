/** Scripts for the queues of a virtio network device. */
import * as virtio from '@bulkhead/virtio-datasheet';
import fc from 'fast-check';
import { MAC } from '../src/nics.ts';
import type { Chain, Part } from '../src/virtio/guest.ts';
import type { QueueSetup, QueueStep } from '../src/virtio/queue-comparison.ts';

const { NET_CONTROLQ, NET_RECEIVEQ, NET_TRANSMITQ, NET_HDR_SIZE_BYTES } = virtio;
const CONTROL =
  (1 << virtio.NET_F_CTRL_VQ) |
  (1 << virtio.NET_F_CTRL_RX) |
  (1 << virtio.NET_F_CTRL_VLAN) |
  (1 << virtio.NET_F_CTRL_RX_EXTRA) |
  (1 << virtio.NET_F_CTRL_MAC_ADDR) |
  (1 << virtio.NET_F_GUEST_ANNOUNCE);
const BASE = (1 << virtio.NET_F_MAC) | (1 << virtio.NET_F_STATUS) | CONTROL;

const bitsOf = (...features: number[]): fc.Arbitrary<number> =>
  fc.subarray(features).map((some) => some.reduce((word, feature) => word | (1 << feature), 0));

export const setup: fc.Arbitrary<QueueSetup> = fc.record({
  usesMsix: fc.boolean(),
  features: bitsOf(virtio.F_INDIRECT_DESC, virtio.F_EVENT_IDX, virtio.NET_F_MRG_RXBUF).map((word) => BASE | word),
});

/** Cuts at random places into at most `most` pieces, none of them empty. */
const cuts = (total: fc.Arbitrary<number>, most: number): fc.Arbitrary<number[]> =>
  fc.tuple(total, fc.array(fc.nat(1000), { maxLength: most - 1 })).map(([lenBytes, places]) => {
    const edges = [0, ...places.map((place) => Math.floor((place * lenBytes) / 1001)).sort((a, b) => a - b), lenBytes];
    return edges
      .slice(1)
      .map((edge, i) => edge - edges[i]!)
      .filter((piece) => piece > 0);
  });
const partsOf = (pieces: readonly number[], isWrite: boolean): Part[] =>
  pieces.map((lenBytes) => ({ lenBytes, isWrite }));

function command(bytes: readonly number[]): Chain {
  const pieces = [2, bytes.length - 2].filter((piece) => piece > 0);
  return {
    parts: [...partsOf(pieces, false), { lenBytes: 1, isWrite: true }],
    isIndirect: false,
    data: Uint8Array.from(bytes),
  };
}

/** A frame behind a header of zeros. */
const transmitChain: fc.Arbitrary<Chain> = fc
  .tuple(
    cuts(
      fc.integer({ min: 14, max: 1514 }).map((bytes) => bytes + NET_HDR_SIZE_BYTES),
      6,
    ),
    fc.nat(255),
    fc.boolean(),
  )
  .map(([pieces, fill, isIndirect]) => {
    const data = new Uint8Array(pieces.reduce((sum, piece) => sum + piece, 0)).fill(fill);
    data.fill(0, 0, NET_HDR_SIZE_BYTES);
    return { parts: partsOf(pieces, false), isIndirect, data };
  });
/** QEMU's device is promiscuous at first. */
const FILTERING: QueueStep = {
  kind: 'offer',
  queue: NET_CONTROLQ,
  chains: [command([virtio.NET_CTRL_RX, virtio.NET_CTRL_RX_PROMISC, 0])],
  tells: true,
};
const suppress = (queue: number): fc.Arbitrary<QueueStep> =>
  fc.record({
    kind: fc.constant('suppress' as const),
    queue: fc.constant(queue),
    flags: fc.nat(1),
    event: fc.nat(12),
  });
const offer = (queue: number, chain: fc.Arbitrary<Chain>, maxLength: number): fc.Arbitrary<QueueStep> =>
  fc.record({
    kind: fc.constant('offer' as const),
    queue: fc.constant(queue),
    chains: fc.array(chain, { minLength: 1, maxLength }),
    tells: fc.constant(true),
  });
export const transmitSteps: fc.Arbitrary<QueueStep[]> = fc.array(
  fc.oneof({ weight: 3, arbitrary: offer(NET_TRANSMITQ, transmitChain, 3) }, suppress(NET_TRANSMITQ)),
  { minLength: 1, maxLength: 5 },
);

const OURS: readonly number[] = [...MAC];
export const ADDRESSES: readonly (readonly number[])[] = [
  OURS,
  [2, 0x11, 0x22, 0x33, 0x44, 0x55],
  [2, 0x11, 0x22, 0x33, 0x44, 0x56],
  [1, 0, 0x5e, 0, 0, 1],
  [0x33, 0x33, 0, 0, 0, 1],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
];
const frame: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(...ADDRESSES),
    fc.option(fc.constantFrom(0, 1, 2, 100, 4095), { nil: undefined }),
    fc.integer({ min: 60, max: 1514 }),
    fc.nat(255),
  )
  .map(([destination, vlan, lenBytes, fill]) => {
    const bytes = new Uint8Array(lenBytes).fill(fill);
    bytes.set([...destination, 2, 0, 0, 0, 0, 1, 0x88, 0xb5]);
    if (vlan !== undefined) bytes.set([0x81, 0, vlan >> 8, vlan & 0xff, 0x88, 0xb5], 12);
    return bytes;
  });
const receiveChain: fc.Arbitrary<Chain> = fc
  .tuple(cuts(fc.oneof(fc.integer({ min: 1526, max: 2048 }), fc.integer({ min: 12, max: 700 })), 3), fc.boolean())
  .map(([pieces, isIndirect]) => ({ parts: partsOf(pieces, true), isIndirect }));
const arrives: fc.Arbitrary<QueueStep> = fc.record({ kind: fc.constant('frame' as const), frame });
/** Frames that pass any filter: one that does not waits for buffers in QEMU, and holds up those behind it. */
const passes: fc.Arbitrary<QueueStep> = fc.record({
  kind: fc.constant('frame' as const),
  frame: frame.map((bytes) => {
    bytes.set([...OURS, 2, 0, 0, 0, 0, 1, 0x88, 0xb5]);
    return bytes;
  }),
});
export const receiveSteps: fc.Arbitrary<QueueStep[]> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: offer(NET_RECEIVEQ, receiveChain, 2) },
      { weight: 5, arbitrary: passes },
      suppress(NET_RECEIVEQ),
    ),
    { minLength: 2, maxLength: 10 },
  )
  .map((steps) => [FILTERING, ...steps]);

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const le32 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];
const table = fc.subarray(ADDRESSES.slice(1));
const commands: fc.Arbitrary<number[]> = fc.oneof(
  fc.tuple(fc.nat(6), fc.nat(1)).map(([mode, on]) => [virtio.NET_CTRL_RX, mode, on]),
  fc.constantFrom(...ADDRESSES.slice(0, 3)).map((to) => [virtio.NET_CTRL_MAC, virtio.NET_CTRL_MAC_ADDR_SET, ...to]),
  fc
    .tuple(table, table)
    .map(([unicast, multicast]) => [
      ...[virtio.NET_CTRL_MAC, virtio.NET_CTRL_MAC_TABLE_SET],
      ...[...le32(unicast.length), ...unicast.flat(), ...le32(multicast.length), ...multicast.flat()],
    ]),
  fc
    .tuple(fc.nat(2), fc.constantFrom(0, 1, 2, 100, 4095, 4096))
    .map(([command, id]) => [virtio.NET_CTRL_VLAN, command, id & 0xff, id >> 8]),
  fc
    .tuple(fc.integer({ min: 4, max: 8 }), fc.nat(3), fc.nat(4))
    .map(([kind, code, count]) => [kind, code, ...zeros(count)]),
  // Too short for what they ask.
  fc
    .tuple(fc.nat(2), fc.nat(1), fc.nat(4))
    .map(([kind, code, count]) => [kind, code, ...zeros(Math.min(count, kind && kind === 1 ? 4 : 1))]),
);
const controlChain: fc.Arbitrary<Chain> = fc
  .tuple(commands, fc.boolean())
  .map(([bytes, isIndirect]) => ({ ...command(bytes), isIndirect }));
const ROOM: QueueStep = {
  kind: 'offer',
  queue: NET_RECEIVEQ,
  chains: Array.from({ length: 20 }, () => ({ parts: partsOf([1600], true), isIndirect: false })),
  tells: true,
};
export const controlSteps: fc.Arbitrary<QueueStep[]> = fc
  .array(fc.oneof(offer(NET_CONTROLQ, controlChain, 2), arrives), { minLength: 2, maxLength: 12 })
  .map((steps) => [ROOM, FILTERING, ...steps]);
