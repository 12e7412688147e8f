/**
 * The capability list of a function, linked as it is added to. PCIe Base 5.0 §7.5.1.1.11 "Capabilities Pointer".
 *
 * CHOICE: the function calls itself a root complex integrated endpoint, for it stands on bus 0; such a function has no
 * link registers to fill (§7.5.3 "PCI Express Capability Structure"), and its capability is of version 1.
 */
import { alignUp } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import { invariant } from '@bulkhead/result';
import { type ConfigurationSpace, READ_ONLY, readWrite } from './configuration-space.ts';

const EXPRESS_CAPABILITIES_VALUE = 1 | (pci.EXPRESS_TYPE_ROOT_COMPLEX_INTEGRATED_ENDPOINT << 4);
const DEVICE_CAPABILITIES_VALUE =
  pci.DEVICE_CAPABILITIES_ROLE_BASED_ERROR_REPORTING.mask | pci.DEVICE_CAPABILITIES_FUNCTION_LEVEL_RESET.mask;
/** Initial value of Device Control: relaxed ordering, no snoop, read requests of 512 bytes. §7.5.3.4. */
const DEVICE_CONTROL_INITIAL = 0x2810;
const DEVICE_CONTROL_READ_WRITE = 0x78ff; // without the reset bit, which reads 0
const DEVICE_STATUS_CLEAR = 0x000f;

export class CapabilityList {
  readonly #space: ConfigurationSpace;
  #link: number = pci.CAPABILITIES_POINTER;
  #free: number = pci.CAPABILITIES_START;

  constructor(space: ConfigurationSpace) {
    this.#space = space;
  }

  /** Adds a capability at `at`, or behind the last one. @returns where it stands. */
  add(id: number, sizeBytes: number, at: number = this.#free): number {
    invariant(at >= pci.CAPABILITIES_START && (at & 3) === 0, 'a capability is dword aligned, above the header');
    invariant(at + sizeBytes <= pci.EXTENDED_CAPABILITIES_START, 'a capability fits the first 256 bytes');
    this.#space.define(this.#link, 1, at, READ_ONLY);
    this.#space.define(at + pci.CAPABILITY_ID, 1, id, READ_ONLY);
    this.#link = at + pci.CAPABILITY_NEXT;
    this.#free = Math.max(this.#free, alignUp(at + sizeBytes, 4));
    return at;
  }

  /** D0 and D3hot, no PME; leaving D3hot does not reset the function. §7.5.2. */
  addPowerManagement(at?: number): number {
    const start = this.add(pci.CAPABILITY_POWER_MANAGEMENT, pci.PM_SIZE_BYTES, at);
    this.#space.define(start + pci.PMC, 2, pci.PMC_VERSION_1_2, READ_ONLY);
    const control = readWrite(pci.PMCSR_POWER_STATE.mask);
    this.#space.define(start + pci.PMCSR, 2, pci.PMCSR_NO_SOFT_RESET.mask, control);
    return start;
  }

  /** With function level reset. §7.5.3, §6.6.2 "Function Level Reset (FLR)". */
  addExpress(at?: number): number {
    const start = this.add(pci.CAPABILITY_PCI_EXPRESS, pci.EXPRESS_SIZE_BYTES, at);
    this.#space.define(start + pci.EXPRESS_CAPABILITIES, 2, EXPRESS_CAPABILITIES_VALUE, READ_ONLY);
    this.#space.define(start + pci.DEVICE_CAPABILITIES, 4, DEVICE_CAPABILITIES_VALUE, READ_ONLY);
    this.#space.define(start + pci.DEVICE_CONTROL, 2, DEVICE_CONTROL_INITIAL, readWrite(DEVICE_CONTROL_READ_WRITE));
    const status = { readWrite: 0, writeOneToClear: DEVICE_STATUS_CLEAR };
    this.#space.define(start + pci.DEVICE_STATUS, 2, 0, status);
    return start;
  }

  /** §7.7.2 "MSI-X Capability and Table Structure". */
  addMsix({ vectors, tableBar, tableOffset, pbaOffset }: MsixOptions, at?: number): number {
    const start = this.add(pci.CAPABILITY_MSIX, pci.MSIX_SIZE_BYTES, at);
    const control = readWrite(pci.MSIX_CONTROL_ENABLE.mask | pci.MSIX_CONTROL_FUNCTION_MASK.mask);
    this.#space.define(start + pci.MSIX_MESSAGE_CONTROL, 2, vectors - 1, control);
    this.#space.define(start + pci.MSIX_TABLE, 4, tableOffset | tableBar, READ_ONLY);
    this.#space.define(start + pci.MSIX_PBA, 4, pbaOffset | tableBar, READ_ONLY);
    return start;
  }
}

/** Table and pending bits stand in one BAR. */
export interface MsixOptions {
  /** 1 … 2048. */
  readonly vectors: number;
  readonly tableBar: number;
  readonly tableOffset: number;
  readonly pbaOffset: number;
}
