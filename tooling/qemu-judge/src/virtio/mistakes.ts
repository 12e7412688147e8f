/**
 * What a driver must not do, or need not be answered to, on both devices: each with what comes of it. Where the two part,
 * `mistake-differences.ts` says how, and why.
 */
import * as virtio from '@bulkhead/virtio-datasheet';
import { hex } from '../known-differences.ts';
import { type Field, readField, writeField } from './common-comparison.ts';
import { type Chain, GUEST_QUEUE_ENTRIES, Guest, type Part, VERSION_1_AND_PLATFORM } from './guest.ts';
import { NOTIFY, type VirtioRig } from './rig.ts';

export interface Mistake {
  readonly name: string;
  /** Features 0 to 31 of a driver that has started; without them it has not. */
  readonly features?: number;
  /** @returns what is to be seen besides status, used rings and frames. */
  readonly does: (guest: Guest) => string | number;
}

const { DESC_F_INDIRECT: INDIRECT, DESC_F_NEXT: NEXT, DESC_F_WRITE: WRITE } = virtio;
const { NET_RECEIVEQ: RECEIVE, NET_TRANSMITQ: TRANSMIT, NET_CONTROLQ: CONTROL } = virtio;
const PLAIN = 1 << virtio.NET_F_MAC;
const WITH_TABLES = PLAIN | (1 << virtio.F_INDIRECT_DESC);
const WITH_CONTROL =
  PLAIN |
  (1 << virtio.NET_F_STATUS) |
  (1 << virtio.NET_F_CTRL_VQ) |
  (1 << virtio.NET_F_CTRL_RX) |
  (1 << virtio.NET_F_CTRL_VLAN) |
  (1 << virtio.NET_F_GUEST_ANNOUNCE);
const MEMORY = 0x1c_0000;
const TABLE = 0x1d_0000;
const NOWHERE = 0x3000_0000;
/** Features 32, 33 and 40. */
const WITH_RING_RESET = 0x103;
const FRAME_BYTES = 72;
const FRAME: Uint8Array = new Uint8Array(60).fill(0xff);

type Descriptor = readonly [address: number, lenBytes: number, flags: number, next: number];

/** Descriptors from 0 on as they are given; the first is offered. */
function raw(guest: Guest, queue: number, descriptors: readonly Descriptor[], at = guest.desc(queue)): void {
  descriptors.forEach((descriptor, i) => {
    guest.writeDescriptor(at, i, ...descriptor);
  });
}
const sends = (...descriptors: Descriptor[]): Mistake['does'] => offers(TRANSMIT, descriptors);
const offers =
  (queue: number, descriptors: readonly Descriptor[], frame?: Uint8Array): Mistake['does'] =>
  (guest) => {
    raw(guest, queue, descriptors);
    guest.offer(queue, 0);
    guest.notify(queue);
    if (frame !== undefined) guest.rig.receive(frame);
    return '';
  };
const sendsTable =
  (lenBytes: number, flags: number, ...descriptors: Descriptor[]): Mistake['does'] =>
  (guest) => {
    raw(guest, TRANSMIT, descriptors, TABLE);
    raw(guest, TRANSMIT, [
      [TABLE, lenBytes, INDIRECT | flags, 1],
      [MEMORY, FRAME_BYTES, 0, 0],
    ]);
    guest.offer(TRANSMIT, 0);
    guest.notify(TRANSMIT);
    return '';
  };
/** @returns the answer. */
const commands =
  (parts: readonly Part[], ...bytes: number[]): Mistake['does'] =>
  (guest) => {
    const chain: Chain = { parts, isIndirect: false, data: Uint8Array.from(bytes) };
    const placed = guest.add(CONTROL, chain);
    const last = parts.findIndex(({ isWrite }) => isWrite);
    if (last >= 0) guest.rig.writeRam(placed.at[last]!, Uint8Array.of(0xaa, 0xaa));
    guest.notify(CONTROL);
    return last < 0 ? '' : hex(guest.rig.readRam(placed.at[last]!, parts[last]!.lenBytes));
  };
const answered = (lenBytes: number): readonly Part[] => [
  { lenBytes, isWrite: false },
  { lenBytes: 1, isWrite: true },
];
const command = (...bytes: number[]): Mistake['does'] => commands(answered(bytes.length), ...bytes);
/** Writes fields one after the other. @returns those named last. */
const writes =
  (fields: readonly (readonly [Field, number])[], ...shown: Field[]): Mistake['does'] =>
  ({ rig }) => {
    for (const [field, value] of fields) writeField(rig, { field, value });
    return shown.map((field) => readField(rig, field).toString(16)).join();
  };
const negotiates = (low: number, high: number): readonly (readonly [Field, number])[] => [
  ...([1, 3] as const).map((status) => ['DEVICE_STATUS', status] as const),
  ['DRIVER_FEATURE_SELECT', 0],
  ['DRIVER_FEATURE', low],
  ['DRIVER_FEATURE_SELECT', 1],
  ['DRIVER_FEATURE', high],
  ['DEVICE_STATUS', 0xb],
];

const OF_CHAINS: readonly Mistake[] = [
  {
    name: 'a head beyond the table',
    features: PLAIN,
    does: (guest) => {
      guest.offer(TRANSMIT, GUEST_QUEUE_ENTRIES);
      guest.notify(TRANSMIT);
      return '';
    },
  },
  {
    name: 'an available index further ahead than the queue is long',
    features: PLAIN,
    does: (guest) => {
      guest.store16(guest.avail(TRANSMIT) + virtio.AVAIL_IDX, GUEST_QUEUE_ENTRIES + 1);
      guest.notify(TRANSMIT);
      return '';
    },
  },
  { name: 'a link beyond the table', features: PLAIN, does: sends([MEMORY, FRAME_BYTES, NEXT, GUEST_QUEUE_ENTRIES]) },
  { name: 'a chain that runs in a circle', features: PLAIN, does: sends([MEMORY, FRAME_BYTES, NEXT, 0]) },
  { name: 'an empty chain', features: PLAIN, does: sends([MEMORY, 0, 0, 0]) },
  {
    name: 'an empty piece behind a packet',
    features: PLAIN,
    does: sends([MEMORY, FRAME_BYTES, NEXT, 1], [MEMORY, 0, 0, 0]),
  },
  {
    name: 'a piece to read behind one to write',
    features: PLAIN,
    does: sends([MEMORY, FRAME_BYTES, WRITE | NEXT, 1], [MEMORY, FRAME_BYTES, 0, 0]),
  },
  { name: 'a packet to write', features: PLAIN, does: sends([MEMORY, FRAME_BYTES, WRITE, 0]) },
  { name: 'less than a header', features: PLAIN, does: sends([MEMORY, virtio.NET_HDR_SIZE_BYTES - 1, 0, 0]) },
  { name: 'a header alone', features: PLAIN, does: sends([MEMORY, virtio.NET_HDR_SIZE_BYTES, 0, 0]) },
  { name: 'a packet where no memory is', features: PLAIN, does: sends([NOWHERE, FRAME_BYTES, 0, 0]) },
  { name: 'an indirect table that was not negotiated', features: PLAIN, does: sendsTable(16, 0, [MEMORY, 72, 0, 0]) },
  { name: 'an indirect table of no length', features: WITH_TABLES, does: sendsTable(0, 0) },
  {
    name: 'an indirect table that ends within a descriptor',
    features: WITH_TABLES,
    does: sendsTable(24, 0, [MEMORY, FRAME_BYTES, 0, 0]),
  },
  {
    name: 'a descriptor that is indirect and goes on',
    features: WITH_TABLES,
    does: sendsTable(16, NEXT, [MEMORY, FRAME_BYTES, 0, 0]),
  },
  {
    name: 'an indirect table in an indirect table',
    features: WITH_TABLES,
    does: sendsTable(16, 0, [MEMORY, 16, INDIRECT, 0]),
  },
  {
    name: 'a link beyond the indirect table',
    features: WITH_TABLES,
    does: sendsTable(16, 0, [MEMORY, FRAME_BYTES, NEXT, 1]),
  },
  { name: 'a receive buffer to read', features: PLAIN, does: offers(RECEIVE, [[MEMORY, 2048, 0, 0]], FRAME) },
  { name: 'an empty receive buffer', features: PLAIN, does: offers(RECEIVE, [[MEMORY, 0, WRITE, 0]], FRAME) },
  {
    name: 'a receive buffer shorter than a header',
    features: PLAIN,
    does: offers(RECEIVE, [[MEMORY, 8, WRITE, 0]], FRAME),
  },
  {
    name: 'a receive buffer where no memory is',
    features: PLAIN,
    does: offers(RECEIVE, [[NOWHERE, 2048, WRITE, 0]], FRAME),
  },
];

const OF_COMMANDS: readonly Mistake[] = [
  {
    name: 'a command without room for the answer',
    features: WITH_CONTROL,
    does: commands([{ lenBytes: 3, isWrite: false }], 0, 0, 0),
  },
  { name: 'an answer without a command', features: WITH_CONTROL, does: commands([{ lenBytes: 1, isWrite: true }]) },
  { name: 'half a command', features: WITH_CONTROL, does: command(0) },
  {
    name: 'more room than the answer takes',
    features: WITH_CONTROL,
    does: commands(
      [
        { lenBytes: 3, isWrite: false },
        { lenBytes: 2, isWrite: true },
      ],
      0,
      0,
      0,
    ),
  },
  { name: 'a mode with surplus data', features: WITH_CONTROL, does: command(0, 0, 0, 0) },
  { name: 'a VLAN with surplus data', features: WITH_CONTROL, does: command(2, 0, 1, 0, 0) },
  { name: 'a VLAN beyond the last', features: WITH_CONTROL, does: command(2, 0, 0, 16) },
  { name: 'tables with surplus data', features: WITH_CONTROL, does: command(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9) },
  {
    name: 'a table of more addresses than there are',
    features: WITH_CONTROL,
    does: command(1, 0, 2, 0, 0, 0, 0, 0, 0, 0),
  },
  { name: 'an announcement acknowledged that was not asked for', features: WITH_CONTROL, does: command(3, 0) },
  { name: 'a mode that was not negotiated', features: WITH_CONTROL, does: command(0, 2, 1) },
  { name: 'an address that may not be set', features: WITH_CONTROL, does: command(1, 1, 2, 0, 0, 0, 0, 9) },
  { name: 'queue pairs that were not negotiated', features: WITH_CONTROL, does: command(4, 0, 1, 0) },
];

const OF_CONFIGURATION: readonly Mistake[] = [
  { name: 'queue_enable = 0', does: writes([['QUEUE_ENABLE', 0]], 'QUEUE_ENABLE') },
  { name: 'queue_enable = 2', does: writes([['QUEUE_ENABLE', 2]], 'QUEUE_ENABLE') },
  {
    name: 'a queue whose area is not aligned',
    does: writes(
      [...negotiates(0, VERSION_1_AND_PLATFORM), ['QUEUE_DESC', MEMORY + 1], ['QUEUE_ENABLE', 1]],
      'QUEUE_ENABLE',
    ),
  },
  {
    name: 'an area that changes while its queue is enabled',
    does: writes(
      [...negotiates(0, VERSION_1_AND_PLATFORM), ['QUEUE_DESC', MEMORY], ['QUEUE_ENABLE', 1], ['QUEUE_DESC', TABLE]],
      'QUEUE_DESC',
    ),
  },
  {
    name: 'a size that changes while its queue is enabled',
    does: writes(
      [...negotiates(0, VERSION_1_AND_PLATFORM), ['QUEUE_SIZE', 16], ['QUEUE_ENABLE', 1], ['QUEUE_SIZE', 32]],
      'QUEUE_SIZE',
    ),
  },
  ...[0, 3, 100, 512, 0x8000].map(
    (value): Mistake => ({ name: `queue_size = ${value}`, does: writes([['QUEUE_SIZE', value]], 'QUEUE_SIZE') }),
  ),
  {
    name: 'a queue that is not there',
    does: writes(
      [['QUEUE_SELECT', 3]],
      'QUEUE_SIZE',
      'QUEUE_MSIX_VECTOR',
      'QUEUE_ENABLE',
      'QUEUE_NOTIFY_OFF',
      'QUEUE_DESC',
    ),
  },
  {
    name: 'an area of a queue that is not there',
    does: writes(
      [
        ['QUEUE_SELECT', 3],
        ['QUEUE_DESC', MEMORY],
      ],
      'QUEUE_DESC',
    ),
  },
  { name: 'FEATURES_OK first', does: writes([['DEVICE_STATUS', 8]], 'DEVICE_STATUS') },
  { name: 'DEVICE_NEEDS_RESET by the driver', does: writes([['DEVICE_STATUS', 0x41]], 'DEVICE_STATUS') },
  { name: 'reserved bits of the status', does: writes([['DEVICE_STATUS', 0x31]], 'DEVICE_STATUS') },
  {
    name: 'a status taken back bit by bit',
    does: writes(
      [
        ['DEVICE_STATUS', 3],
        ['DEVICE_STATUS', 1],
      ],
      'DEVICE_STATUS',
    ),
  },
  { name: 'features without VERSION_1', does: writes(negotiates(0, 2), 'DEVICE_STATUS') },
  { name: 'features without ACCESS_PLATFORM', does: writes(negotiates(0, 1), 'DEVICE_STATUS') },
  { name: 'CTRL_RX without CTRL_VQ', does: writes(negotiates(1 << virtio.NET_F_CTRL_RX, 3), 'DEVICE_STATUS') },
  { name: 'a feature that is not offered', does: writes(negotiates(1 << 4, 3), 'DEVICE_STATUS') },
  {
    name: 'a feature after FEATURES_OK',
    does: writes([...negotiates(0, 3), ['DRIVER_FEATURE_SELECT', 0], ['DRIVER_FEATURE', 0x20]], 'DRIVER_FEATURE'),
  },
  {
    name: 'features beyond bit 63',
    does: writes(
      [
        ['DRIVER_FEATURE_SELECT', 2],
        ['DRIVER_FEATURE', 0x20],
      ],
      'DRIVER_FEATURE',
    ),
  },
  {
    name: 'a notification of a queue that is not there',
    features: PLAIN,
    does: ({ rig }) => {
      rig.write(NOTIFY + 12, 3, 2);
      return '';
    },
  },
  {
    name: 'a queue reset that was not negotiated',
    features: PLAIN,
    does: writes(
      [
        ['QUEUE_SELECT', 1],
        ['QUEUE_RESET', 1],
      ],
      'QUEUE_RESET',
      'QUEUE_ENABLE',
      'QUEUE_SIZE',
      'QUEUE_DESC',
    ),
  },
];

const OF_RESET: readonly Mistake[] = [
  {
    name: 'a queue reset',
    does: writes(
      [
        ...negotiates(PLAIN, WITH_RING_RESET),
        ['QUEUE_SELECT', TRANSMIT],
        ['QUEUE_SIZE', 16],
        ['QUEUE_DESC', MEMORY],
        ['QUEUE_MSIX_VECTOR', 1],
        ['QUEUE_ENABLE', 1],
        ['QUEUE_RESET', 1],
      ],
      'QUEUE_RESET',
      'QUEUE_ENABLE',
      'QUEUE_SIZE',
      'QUEUE_MSIX_VECTOR',
    ),
  },
];

export const MISTAKES: readonly Mistake[] = [...OF_CHAINS, ...OF_COMMANDS, ...OF_CONFIGURATION, ...OF_RESET];

/** Makes the mistake. @returns status, used elements of the three queues, lengths of frames sent, and what it shows. */
export function outcomeOf(rig: VirtioRig, { features, does }: Mistake): string {
  rig.reset();
  const guest = new Guest(rig);
  if (features !== undefined) guest.start([features, VERSION_1_AND_PLATFORM]);
  const shown = does(guest);
  const used = [RECEIVE, TRANSMIT, CONTROL].map((queue) => guest.usedElements(queue).join(' '));
  const sent = rig.sent().map(({ length }) => length);
  return `status ${guest.status.toString(16)}, used [${used.join('|')}], sent [${sent.join(' ')}], ${shown}`;
}
