/** The same writes of the common configuration on both devices, and every field after each. */
import * as virtio from '@bulkhead/virtio-datasheet';
import { Verdict } from '../known-differences.ts';
import type { Width } from '../nic-rig.ts';
import type { VirtioDifference } from './known-differences.ts';
import { COMMON, DEVICE, ISR, type Structure, structuresOf, type VirtioRig } from './rig.ts';

/** Virtio 1.2 §4.1.4.3 "Common configuration structure layout": each field in its own width (§4.1.3.1). */
export const FIELDS = {
  DEVICE_FEATURE_SELECT: [virtio.DEVICE_FEATURE_SELECT, 4],
  DEVICE_FEATURE: [virtio.DEVICE_FEATURE, 4],
  DRIVER_FEATURE_SELECT: [virtio.DRIVER_FEATURE_SELECT, 4],
  DRIVER_FEATURE: [virtio.DRIVER_FEATURE, 4],
  CONFIG_MSIX_VECTOR: [virtio.CONFIG_MSIX_VECTOR, 2],
  NUM_QUEUES: [virtio.NUM_QUEUES, 2],
  DEVICE_STATUS: [virtio.DEVICE_STATUS, 1],
  CONFIG_GENERATION: [virtio.CONFIG_GENERATION, 1],
  QUEUE_SELECT: [virtio.QUEUE_SELECT, 2],
  QUEUE_SIZE: [virtio.QUEUE_SIZE, 2],
  QUEUE_MSIX_VECTOR: [virtio.QUEUE_MSIX_VECTOR, 2],
  QUEUE_ENABLE: [virtio.QUEUE_ENABLE, 2],
  QUEUE_NOTIFY_OFF: [virtio.QUEUE_NOTIFY_OFF, 2],
  QUEUE_DESC: [virtio.QUEUE_DESC, 4],
  QUEUE_DESC_HIGH: [virtio.QUEUE_DESC + 4, 4],
  QUEUE_DRIVER: [virtio.QUEUE_DRIVER, 4],
  QUEUE_DRIVER_HIGH: [virtio.QUEUE_DRIVER + 4, 4],
  QUEUE_DEVICE: [virtio.QUEUE_DEVICE, 4],
  QUEUE_DEVICE_HIGH: [virtio.QUEUE_DEVICE + 4, 4],
  QUEUE_RESET: [virtio.QUEUE_RESET, 2],
} as const satisfies Readonly<Record<string, readonly [number, Width]>>;
export type Field = keyof typeof FIELDS;
export const FIELD_NAMES: readonly Field[] = Object.keys(FIELDS) as Field[];

export interface FieldWrite {
  readonly field: Field;
  readonly value: number;
}

/** What both offer: features 0 to 31 and 32 to 63. */
export const OFFERED_BY_BOTH: readonly number[] = [0x30bf_802c, 0x8000_0103];
/** §5.1.3: CSUM, GUEST_CSUM, GUEST_TSO and HOST_TSO. */
const OFFLOADS = 0x0000_1983;
const CONTROL_QUEUE_ENTRIES = 64;

/**
 * Scripts of a driver that keeps to the book: bits that both offer, sizes and addresses before a queue is enabled. What
 * it does otherwise is in `MISTAKES`, one by one.
 */
export function compareCommon(
  ours: VirtioRig,
  theirs: VirtioRig,
  writes: readonly FieldWrite[],
  met: Set<VirtioDifference>,
): string[] {
  const verdict = new Verdict<VirtioDifference>(met);
  for (const rig of [ours, theirs]) {
    rig.reset();
    align(rig);
  }
  judgeFields(verdict, ours, theirs, 'after reset');
  writes.forEach(({ field, value }, number) => {
    if (verdict.unexplained.length > 0 || isFixed(ours, field)) return;
    for (const rig of [ours, theirs]) writeField(rig, { field, value });
    if (field === 'DEVICE_STATUS' && value === 0) {
      judgeKept(verdict, ours, theirs);
      for (const rig of [ours, theirs]) align(rig);
    }
    judgeFields(verdict, ours, theirs, `${number}: ${field} = ${value.toString(16)}`);
  });
  return verdict.unexplained;
}

/** What QEMU keeps over a reset. */
const KEPT: readonly Field[] = ['DRIVER_FEATURE', 'DRIVER_FEATURE_SELECT', 'DEVICE_FEATURE_SELECT', 'QUEUE_SELECT'];
function align(rig: VirtioRig): void {
  for (const field of KEPT.toReversed()) writeField(rig, { field, value: 0 });
}
function judgeKept(verdict: Verdict<VirtioDifference>, ours: VirtioRig, theirs: VirtioRig): void {
  for (const field of KEPT) {
    const [mine, other] = [readField(ours, field), readField(theirs, field)];
    if (!verdict.explains('kept-over-reset', mine === 0 && other !== 0)) verdict.same(`reset, ${field}`, mine, other);
  }
}

export function writeField(rig: VirtioRig, { field, value }: FieldWrite): void {
  const [at, width] = FIELDS[field];
  rig.write(COMMON + at, value, width);
}
export function readField(rig: VirtioRig, field: Field): number {
  const [at, width] = FIELDS[field];
  return rig.read(COMMON + at, width);
}

/** §4.1.4.3.2: a driver configures a queue before it enables it, and negotiates before FEATURES_OK. */
function isFixed(rig: VirtioRig, field: Field): boolean {
  if (field === 'DRIVER_FEATURE') return (readField(rig, 'DEVICE_STATUS') & virtio.STATUS_FEATURES_OK.mask) !== 0;
  const isOfQueue = field.startsWith('QUEUE_') && field !== 'QUEUE_SELECT';
  return isOfQueue && readField(rig, 'QUEUE_ENABLE') === 1;
}

function judgeFields(verdict: Verdict<VirtioDifference>, ours: VirtioRig, theirs: VirtioRig, where: string): void {
  for (const field of FIELD_NAMES) {
    const [mine, other] = [readField(ours, field), readField(theirs, field)];
    if (mine === other || isKnown(verdict, ours, field, mine, other)) continue;
    verdict.same(`${where}, ${field}`, mine, other);
  }
}

function isKnown(
  verdict: Verdict<VirtioDifference>,
  rig: VirtioRig,
  field: Field,
  mine: number,
  other: number,
): boolean {
  if (field === 'DEVICE_FEATURE') return verdict.explains('offloads', (mine ^ other) === OFFLOADS);
  if (field !== 'QUEUE_SIZE' || readField(rig, 'QUEUE_SELECT') !== virtio.NET_CONTROLQ) return false;
  return verdict.explains('control-queue-size', other === CONTROL_QUEUE_ENTRIES);
}

/** §4.1.4 "Virtio Structure PCI Capabilities": what both tell of each structure; the first of a kind counts. */
export function compareCapabilities(ours: VirtioRig, theirs: VirtioRig, met: Set<VirtioDifference>): string[] {
  const verdict = new Verdict<VirtioDifference>(met);
  const [mine, others] = [ours, theirs].map((rig) => {
    rig.reset();
    return structuresOf((at, width) => rig.readConfig(at, width));
  }) as [Structure[], Structure[]];
  verdict.same('types', kindsOf(mine), kindsOf(others));
  verdict.explains(
    'order-of-capabilities',
    mine.map(({ type }) => type).join() !== others.map(({ type }) => type).join(),
  );
  for (const structure of mine) {
    const other = others.find(({ type }) => type === structure.type)!;
    const what = `structure ${structure.type}`;
    verdict.same(`${what}, cap_len`, structure.capabilityBytes, other.capabilityBytes);
    verdict.same(`${what}, multiplier`, structure.multiplier, other.multiplier);
    if (verdict.explains('whole-pages', structure.lenBytes < other.lenBytes && other.lenBytes === PAGE_BYTES)) continue;
    verdict.same(`${what}, length`, structure.lenBytes, other.lenBytes);
  }
  return verdict.unexplained;
}
const PAGE_BYTES = 4096;
const kindsOf = (structures: readonly Structure[]): string =>
  structures
    .map(({ type }) => type)
    .sort((a, b) => a - b)
    .join();

const DEVICE_WIDTHS: readonly Width[] = [1, 2, 4];

/** §5.1.4 "Device configuration layout" at every offset and in every width; §4.1.4.5 ISR. */
export function compareDevice(ours: VirtioRig, theirs: VirtioRig, met: Set<VirtioDifference>): string[] {
  const verdict = new Verdict<VirtioDifference>(met);
  for (const rig of [ours, theirs]) rig.reset();
  for (const width of DEVICE_WIDTHS) {
    for (let at = 0; at < virtio.NET_CFG_SIZE_BYTES + 16; at += width) {
      const [mine, other] = [ours.read(DEVICE + at, width), theirs.read(DEVICE + at, width)];
      const isBeyond = at + width > virtio.NET_CFG_SIZE_BYTES;
      if (verdict.explains('beyond-the-end', isBeyond && mine !== other && other === ONES[width])) continue;
      verdict.same(`device configuration ${at}, ${width} bytes`, mine, other);
    }
  }
  verdict.same('ISR', ours.read(ISR, 1), theirs.read(ISR, 1));
  return verdict.unexplained;
}
const ONES = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff } as const;
