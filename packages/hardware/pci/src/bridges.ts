/**
 * Two bridges that software knows: a PCI Express root port, and a conventional PCI-to-PCI bridge. Their IDs are those of
 * QEMU's `pcie-root-port` and `pci-bridge`, which belong to no vendor's chip.
 *
 * CHOICE: the root port has no slot, so that nothing is plugged in or out while it runs.
 */
import * as pci from '@bulkhead/pci-datasheet';
import { PciBridge, type WindowOptions } from './bridge.ts';
import type { CapabilityOptions, RegisterOptions } from './capability-list.ts';
import { readWrite } from './configuration-space.ts';
import type { PciFunctionOptions } from './function.ts';
import { RootEvents } from './root-events.ts';

export interface PortOptions {
  readonly windows?: WindowOptions;
}

const RED_HAT = 0x1b36;
const ROOT_PORT_DEVICE = 0x000c;
const PCI_BRIDGE_DEVICE = 0x0001;
const NO_SUBSYSTEM = { vendorId: 0, id: 0 };
/** PCI-to-PCI Bridge Architecture 1.2 §13 "Bridge Subsystem Vendor ID and Device ID capability"; from memory. */
const SUBSYSTEM: CapabilityOptions = {
  id: pci.CAPABILITY_BRIDGE_SUBSYSTEM,
  sizeBytes: 8,
  registers: [
    { offset: 4, widthBytes: 2, initial: RED_HAT },
    { offset: 6, widthBytes: 2, initial: 0 },
  ],
};

/** A port of the root complex: one device on a link below it. */
export function createRootPort({ windows }: PortOptions = {}): PciBridge {
  let events: RootEvents | null = null;
  const bridge = new PciBridge({
    function: ROOT_PORT,
    isLink: true,
    ...(windows === undefined ? {} : { windows }),
    onReset: () => events?.reset(),
    onSettle: () => events?.settle(),
    onError: (requesterId, severity) => events?.error(requesterId, severity),
    onPme: (requesterId) => events?.pme(requesterId),
  });
  events = new RootEvents(bridge.function);
  return bridge;
}

/** A bridge to a bus of conventional PCI: 32 devices, on any bus. */
export function createPciBridge({ windows }: PortOptions = {}): PciBridge {
  return new PciBridge({ function: PCI_BRIDGE, ...(windows === undefined ? {} : { windows }) });
}

const PCI_BRIDGE: Omit<PciFunctionOptions, 'onReset'> = {
  vendorId: RED_HAT,
  deviceId: PCI_BRIDGE_DEVICE,
  classCode: pci.CLASS_PCI_BRIDGE,
  revision: 0,
  subsystem: NO_SUBSYSTEM,
  bars: [],
  express: null,
};

/** §7.5.3.12 to §7.5.3.14, and the registers 2 of a link that knows one speed: they read 0. */
const ROOT_REGISTERS: readonly RegisterOptions[] = [
  { offset: pci.ROOT_CONTROL, widthBytes: 2, initial: 0, rule: readWrite(0xf) },
  {
    offset: pci.ROOT_STATUS,
    widthBytes: 4,
    initial: 0,
    rule: { readWrite: 0, writeOneToClear: pci.ROOT_STATUS_PME_STATUS.mask },
  },
];
const ROOT_PORT: Omit<PciFunctionOptions, 'onReset'> = {
  vendorId: RED_HAT,
  deviceId: ROOT_PORT_DEVICE,
  classCode: pci.CLASS_PCI_BRIDGE,
  revision: 0,
  subsystem: NO_SUBSYSTEM,
  interruptPin: pci.INTERRUPT_PIN_INTA,
  bars: [],
  msi: { vectors: 1 },
  express: {
    version: 2,
    type: pci.EXPRESS_TYPE_ROOT_PORT,
    functionLevelReset: false,
    registers: ROOT_REGISTERS,
  },
  advancedErrors: true,
  capabilities: [SUBSYSTEM],
};
