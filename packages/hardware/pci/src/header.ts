/**
 * The configuration space header. PCIe Base 5.0 §7.5.1.1 "Type 0/1 Common Configuration Space", §7.5.1.2 "Type 0
 * Configuration Space Header". What is not defined here reads 0 and cannot be written.
 */
import * as pci from '@bulkhead/pci-datasheet';
import { type ConfigurationSpace, READ_ONLY, readWrite } from './configuration-space.ts';

export interface Identity {
  readonly vendorId: number;
  readonly deviceId: number;
  /** Base class, sub-class and programming interface, 24 bits. */
  readonly classCode: number;
  readonly revision: number;
  readonly subsystem: { readonly vendorId: number; readonly id: number };
  /** INTx: 1 INTA … 4 INTD, 0 none. @defaultValue 0 */
  readonly interruptPin?: number;
}

/** What the two types of header do differently. */
export interface HeaderType {
  readonly layout: number;
  readonly barCount: number;
  readonly expansionRomAt: number;
  define(space: ConfigurationSpace, identity: Identity): void;
  /** Software wrote configuration space, or it was reset. */
  settle(): void;
}

export const TYPE_0: HeaderType = {
  layout: pci.HEADER_TYPE_0,
  barCount: pci.BAR_COUNT,
  expansionRomAt: pci.EXPANSION_ROM_BASE_ADDRESS,
  define(space, { subsystem }) {
    space.define(pci.SUBSYSTEM_VENDOR_ID, 2, subsystem.vendorId, READ_ONLY);
    space.define(pci.SUBSYSTEM_ID, 2, subsystem.id, READ_ONLY);
  },
  settle: () => {},
};

/** Every bit of Command that a PCI Express function lets software write. §7.5.1.1.3. */
const COMMAND_READ_WRITE =
  pci.COMMAND_IO_SPACE_ENABLE.mask |
  pci.COMMAND_MEMORY_SPACE_ENABLE.mask |
  pci.COMMAND_BUS_MASTER_ENABLE.mask |
  pci.COMMAND_PARITY_ERROR_RESPONSE.mask |
  pci.COMMAND_SERR_ENABLE.mask |
  pci.COMMAND_INTERRUPT_DISABLE.mask;
/** Bits 15:11 and 8 of Status and of Secondary Status. §7.5.1.1.4. */
export const STATUS_CLEAR = 0xf900;

export function defineHeader(space: ConfigurationSpace, header: HeaderType, identity: Identity): void {
  const { vendorId, deviceId, classCode, revision, interruptPin = 0 } = identity;
  space.define(pci.VENDOR_ID, 2, vendorId, READ_ONLY);
  space.define(pci.DEVICE_ID, 2, deviceId, READ_ONLY);
  space.define(pci.COMMAND, 2, 0, readWrite(COMMAND_READ_WRITE));
  const status = { readWrite: 0, writeOneToClear: STATUS_CLEAR };
  space.define(pci.STATUS, 2, pci.STATUS_CAPABILITIES_LIST.mask, status);
  space.define(pci.REVISION_ID, 4, (classCode << 8) | revision, READ_ONLY);
  space.define(pci.CACHE_LINE_SIZE, 1, 0, readWrite(0xff));
  space.define(pci.HEADER_TYPE, 1, header.layout, READ_ONLY);
  space.define(pci.INTERRUPT_LINE, 1, 0, readWrite(0xff));
  space.define(pci.INTERRUPT_PIN, 1, interruptPin, READ_ONLY);
  header.define(space, identity);
}
