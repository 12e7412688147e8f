/**
 * Where the device's structures stand. Virtio 1.2 §4.1.4 "Virtio Structure PCI Capabilities": the first capability of
 * each type counts, and one with a reserved type or BAR is passed over.
 */
import * as pci from '@bulkhead/pci-datasheet';
import * as virtio from '@bulkhead/virtio-datasheet';

export interface Place {
  readonly bar: number;
  readonly offset: number;
  readonly lenBytes: number;
}
export interface Layout {
  readonly common: Place;
  readonly notify: Place;
  readonly device: Place;
  /** Bytes from one queue's notification to the next one's. */
  readonly notifyMultiplier: number;
}

/** Capabilities are dwords above the header: a list with more entries than these runs in a circle. */
const CAPABILITIES_MAX: number = (0x100 - pci.CAPABILITIES_START) / 4;
const BYTE = 0xff;

/** @param read a dword of the device's configuration space. @throws when the device lacks a structure. */
export function findLayout(read: (offset: number) => number): Layout {
  const at = findCapabilities(read);
  const place = (type: number, what: string): Place => {
    const capability = at[type]!;
    if (capability === 0) throw new Error(`virtio-net-driver: the device has no ${what}`);
    return {
      bar: read(capability + virtio.CAP_BAR) & BYTE,
      offset: read(capability + virtio.CAP_OFFSET) >>> 0,
      lenBytes: read(capability + virtio.CAP_LENGTH) >>> 0,
    };
  };
  return {
    common: place(virtio.CAP_COMMON_CFG, 'common configuration'),
    notify: place(virtio.CAP_NOTIFY_CFG, 'notifications'),
    device: place(virtio.CAP_DEVICE_CFG, 'configuration of its own'),
    notifyMultiplier: read(at[virtio.CAP_NOTIFY_CFG]! + virtio.NOTIFY_CAP_MULTIPLIER) >>> 0,
  };
}

/** @returns by type, where the first capability of it stands; 0 when there is none. */
function findCapabilities(read: (offset: number) => number): Int32Array {
  const at = new Int32Array(virtio.CAP_DEVICE_CFG + 1);
  let pointer = read(pci.CAPABILITIES_POINTER) & pci.CAPABILITY_POINTER_MASK;
  for (let seen = 0; pointer >= pci.CAPABILITIES_START && seen < CAPABILITIES_MAX; seen++) {
    const header = read(pointer);
    const type = header >>> (virtio.CAP_CFG_TYPE * 8);
    const isVirtio = (header & BYTE) === pci.CAPABILITY_VENDOR_SPECIFIC && type < at.length;
    if (isVirtio && at[type] === 0 && (read(pointer + virtio.CAP_BAR) & BYTE) < pci.BAR_COUNT) at[type] = pointer;
    pointer = (header >>> 8) & pci.CAPABILITY_POINTER_MASK;
  }
  return at;
}
