/**
 * Brings the device up. Virtio 1.2 §3.1 "Device Initialization", §4.1.5.1 "Device Initialization", §5.1.5 "Device
 * Initialization".
 */
import * as virtio from '@bulkhead/virtio-datasheet';
import type { QueueAddresses } from './queue.ts';
import { QUEUE_SIZE_MAX } from './queue.ts';
import type { Structures } from './structures.ts';

/** MSI-X vectors, and the tokens of their notifications. */
export const QUEUES_VECTOR = 0;
export const CONFIGURATION_VECTOR = 1;

/** What the device may take over a reset, or how often its configuration may change under us, before it is given up. */
const POLLS_MAX = 10_000;
const PAGE_SHIFT = 12;
/** What the driver can use. Without the first it cannot work; the second it accepts where its device is behind an IOMMU. */
const WANTED: readonly number[] = [
  virtio.F_VERSION_1,
  virtio.F_ACCESS_PLATFORM,
  virtio.F_EVENT_IDX,
  virtio.NET_F_MAC,
  virtio.NET_F_STATUS,
];
const NEEDED: readonly number[] = [virtio.F_VERSION_1, virtio.NET_F_MAC];

/** §4.1.4.3.2: the reset is over when the status reads 0. Its queues are then nobody's. */
export function reset(structures: Structures): void {
  structures.status = 0;
  for (let poll = 0; poll < POLLS_MAX; poll++) if (structures.status === 0) return;
  throw new Error('virtio-net-driver: the device does not end the reset');
}

/** The features that both sides have, two words of 32. */
export interface Features {
  has(feature: number): boolean;
}

/** §3.1.1, steps 2 to 6. @throws when the device cannot be driven. */
export function negotiate(structures: Structures): Features {
  const { common } = structures;
  structures.status = virtio.STATUS_ACKNOWLEDGE.mask;
  structures.status |= virtio.STATUS_DRIVER.mask;
  const accepted = [0, 1].map((select) => {
    common.store32(virtio.DEVICE_FEATURE_SELECT, select);
    const word = common.load32(virtio.DEVICE_FEATURE) & wordOf(select);
    common.store32(virtio.DRIVER_FEATURE_SELECT, select);
    common.store32(virtio.DRIVER_FEATURE, word);
    return word;
  });
  const has = (feature: number): boolean => (accepted[feature >>> 5]! & (1 << (feature & 31))) !== 0;
  for (const feature of NEEDED) if (!has(feature)) giveUp(structures, `the device does not offer feature ${feature}`);
  structures.status |= virtio.STATUS_FEATURES_OK.mask;
  const isTaken = (structures.status & virtio.STATUS_FEATURES_OK.mask) !== 0;
  if (!isTaken) giveUp(structures, 'the device refuses the features');
  return { has };
}

const wordOf = (select: number): number =>
  WANTED.reduce((word, feature) => (feature >>> 5 === select ? word | (1 << (feature & 31)) : word), 0);

function giveUp(structures: Structures, why: string): never {
  structures.status |= virtio.STATUS_FAILED.mask;
  throw new Error(`virtio-net-driver: ${why}`);
}

/** §4.1.5.1.3 "Virtqueue Configuration", steps 1 to 3. @returns the queue's size. */
export function selectQueue({ common }: Structures, index: number): number {
  common.store16(virtio.QUEUE_SELECT, index);
  const most = common.load16(virtio.QUEUE_SIZE);
  if (most < 2) throw new Error(`virtio-net-driver: the device has no queue ${index}`);
  const size = Math.min(most, QUEUE_SIZE_MAX);
  common.store16(virtio.QUEUE_SIZE, size);
  return size;
}

/** Steps 4 and 5, of the queue that is selected; it is enabled. @returns where it is notified. */
export function enableQueue(structures: Structures, { desc, driver, device }: QueueAddresses): number {
  const { common } = structures;
  storeAddress(structures, virtio.QUEUE_DESC, desc);
  storeAddress(structures, virtio.QUEUE_DRIVER, driver);
  storeAddress(structures, virtio.QUEUE_DEVICE, device);
  storeVector(structures, virtio.QUEUE_MSIX_VECTOR, QUEUES_VECTOR);
  common.store16(virtio.QUEUE_ENABLE, 1);
  return structures.notifyOffset;
}
/** An address is a page, and an offset in it. */
function storeAddress({ common }: Structures, register: number, { page, offset }: QueueAddresses['desc']): void {
  common.store32(register, (page << PAGE_SHIFT) | offset);
  common.store32(register + 4, page >>> (32 - PAGE_SHIFT));
}

/** §4.1.5.1.2.2: a mapping that failed reads back as none. */
function storeVector({ common }: Structures, register: number, vector: number): void {
  common.store16(register, vector);
  if (common.load16(register) !== vector) throw new Error(`virtio-net-driver: the device has no vector ${vector}`);
}

/** §3.1.1, step 8: the device is live. */
export function start(structures: Structures): void {
  storeVector(structures, virtio.CONFIG_MSIX_VECTOR, CONFIGURATION_VECTOR);
  structures.status |= virtio.STATUS_DRIVER_OK.mask;
}

/** The MAC address in network order: its first two bytes, and the other four. */
export interface MacAddress {
  readonly high: number;
  readonly low: number;
}

/** §2.5.1 "Driver Requirements: Device Configuration Space": read again when it changed meanwhile. */
export function macAddress({ common, device }: Structures): MacAddress {
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    const before = common.load8(virtio.CONFIG_GENERATION);
    const [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map((i) => device.load8(virtio.NET_CFG_MAC + i));
    const address = { high: (a! << 8) | b!, low: (c! << 24) | (d! << 16) | (e! << 8) | f! };
    if (common.load8(virtio.CONFIG_GENERATION) === before) return address;
  }
  throw new Error('virtio-net-driver: the configuration does not come to rest');
}

/** §5.1.4.2: without the status field the link is assumed to be up. */
export const isLinkUp = ({ device }: Structures, features: Features): boolean =>
  !features.has(virtio.NET_F_STATUS) || (device.load16(virtio.NET_CFG_STATUS) & virtio.NET_S_LINK_UP) !== 0;
