/** The network cards that a bench can drive alone: the device, its driver, and where the one looks for the other. */
import type { Clock } from '@bulkhead/clock';
import { BAR_MEMORY } from '@bulkhead/intel-82574-datasheet';
import { createIntel82574, type Intel82574 } from '@bulkhead/nic';
import { nicDriver } from '@bulkhead/nic-driver';
import { createVirtioNet, type VirtioNet } from '@bulkhead/virtio-net';
import { virtioNetDriver } from '@bulkhead/virtio-net-driver';

export type CardDevice = Intel82574 | VirtioNet;
/** What any of the drivers is, but for what it alone is told. */
export type CardDriver = typeof virtioNetDriver;

export type CardName = 'intel-82574' | 'virtio-net';
export interface CardModel {
  readonly create: (options: { readonly clock: Clock; readonly macAddress: Uint8Array }) => CardDevice;
  readonly driver: CardDriver;
  readonly config: CardDriver['config'];
  /** The BARs of its registers and of the MSI-X table, and where MSI-X is switched on. */
  readonly registersBar: number;
  readonly vectorsBar: number;
  readonly msixControlAt: number;
}

/** Nothing is moderated: the interrupts are part of what is measured. */
export const CARD_MODELS: Readonly<Record<CardName, CardModel>> = {
  'intel-82574': {
    create: createIntel82574,
    driver: nicDriver,
    config: { ...nicDriver.config, interruptIntervalUs: 0 } as CardDriver['config'],
    registersBar: BAR_MEMORY,
    vectorsBar: 3,
    msixControlAt: 0xa2,
  },
  'virtio-net': {
    create: createVirtioNet,
    driver: virtioNetDriver,
    config: virtioNetDriver.config,
    registersBar: 4,
    vectorsBar: 1,
    msixControlAt: 0x86,
  },
};
