/** A virtio network device on a bench: what can be done to it and seen of it, whoever made it. */
import * as pci from '@bulkhead/pci-datasheet';
import * as virtio from '@bulkhead/virtio-datasheet';
import type { NicRig, Width } from '../nic-rig.ts';

/** As `read` and `write` take it: the structure's cfg_type, shifted, and the offset within it. */
export const COMMON: number = virtio.CAP_COMMON_CFG << 12;
export const NOTIFY: number = virtio.CAP_NOTIFY_CFG << 12;
export const ISR: number = virtio.CAP_ISR_CFG << 12;
export const DEVICE: number = virtio.CAP_DEVICE_CFG << 12;

export interface VirtioRig extends NicRig {
  readConfig(offset: number, width: Width): number;
}

/** One capability of Virtio 1.2 §4.1.4 "Virtio Structure PCI Capabilities". */
export interface Structure {
  readonly type: number;
  readonly bar: number;
  readonly offset: number;
  readonly lenBytes: number;
  readonly capabilityBytes: number;
  /** Of notifications: notify_off_multiplier. 0 elsewhere. */
  readonly multiplier: number;
}

/** The list of capabilities, in its order. */
export function structuresOf(readConfig: (offset: number, width: Width) => number): Structure[] {
  const found: Structure[] = [];
  for (let at = readConfig(pci.CAPABILITIES_POINTER, 1); at !== 0; at = readConfig(at + pci.CAPABILITY_NEXT, 1)) {
    if (readConfig(at, 1) !== pci.CAPABILITY_VENDOR_SPECIFIC) continue;
    const type = readConfig(at + virtio.CAP_CFG_TYPE, 1);
    found.push({
      type,
      bar: readConfig(at + virtio.CAP_BAR, 1),
      offset: readConfig(at + virtio.CAP_OFFSET, 4),
      lenBytes: readConfig(at + virtio.CAP_LENGTH, 4),
      capabilityBytes: readConfig(at + virtio.CAP_LEN, 1),
      multiplier: type === virtio.CAP_NOTIFY_CFG ? readConfig(at + virtio.NOTIFY_CAP_MULTIPLIER, 4) : 0,
    });
  }
  return found;
}

/** Where an offset of `read` and `write` stands: BAR and offset. */
export class Structures {
  readonly #byType: Map<number, Structure>;

  constructor(structures: readonly Structure[]) {
    this.#byType = new Map(structures.map((structure) => [structure.type, structure]));
  }
  barOf(at: number): number {
    return this.#byType.get(at >>> 12)!.bar;
  }
  offsetOf(at: number): number {
    return this.#byType.get(at >>> 12)!.offset + (at & 0xfff);
  }
}
