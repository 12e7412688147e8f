/**
 * The PCI Express capability of a function. PCIe Base 5.0 §7.5.3 "PCI Express Capability Structure".
 *
 * CHOICE: what the function calls itself follows from where it is plugged in. On the root complex's own bus, or behind a
 * conventional bridge, it is a root complex integrated endpoint, which has no link registers to fill; below a port it is
 * an endpoint on a link of one lane at 2.5 GT/s.
 */
import * as pci from '@bulkhead/pci-datasheet';
import { type CapabilityList, defineAll, type RegisterOptions } from './capability-list.ts';
import { type ConfigurationSpace, READ_ONLY, readWrite } from './configuration-space.ts';

export interface ExpressOptions {
  /** Version 2 has the registers of every port type, and Device, Link and Slot registers 2. @defaultValue 1 */
  readonly version?: 1 | 2;
  /** Device/Port Type; given, it does not follow from the place. */
  readonly type?: number;
  /** Function level reset. @defaultValue true */
  readonly functionLevelReset?: boolean;
  /** The MSI or MSI-X vector of the capability's own events. @defaultValue 0 */
  readonly interruptMessageNumber?: number;
  /** Further registers, such as a root port's. */
  readonly registers?: readonly RegisterOptions[];
}

/** Initial value of Device Control: relaxed ordering, no snoop, read requests of 512 bytes. §7.5.3.4. */
const DEVICE_CONTROL_INITIAL = 0x2810;
const DEVICE_CONTROL_READ_WRITE = 0x78ff; // without the reset bit, which reads 0
const DEVICE_STATUS_CLEAR = 0x000f;
const RESET_IN_HIGH_BYTE = pci.DEVICE_CONTROL_INITIATE_FUNCTION_LEVEL_RESET.mask >>> 8;
const LINK = pci.LINK_SPEED_2_5_GT | (1 << pci.LINK_WIDTH.shift);
const LINK_CONTROL_READ_WRITE =
  pci.LINK_CONTROL_ASPM.mask |
  pci.LINK_CONTROL_READ_COMPLETION_BOUNDARY.mask |
  pci.LINK_CONTROL_COMMON_CLOCK.mask |
  pci.LINK_CONTROL_EXTENDED_SYNCH.mask;

export class Express {
  readonly at: number;
  readonly isPort: boolean;
  readonly #space: ConfigurationSpace;
  readonly #fixedType: boolean;
  readonly #functionLevelReset: boolean;

  constructor(space: ConfigurationSpace, list: CapabilityList, options: ExpressOptions, at?: number) {
    const { version = 1, type, functionLevelReset = true, interruptMessageNumber = 0, registers = [] } = options;
    const sizeBytes = version === 1 ? pci.EXPRESS_SIZE_BYTES : pci.EXPRESS_2_SIZE_BYTES;
    this.#space = space;
    this.at = list.add(pci.CAPABILITY_PCI_EXPRESS, sizeBytes, at);
    this.#fixedType = type !== undefined;
    this.isPort = type === pci.EXPRESS_TYPE_ROOT_PORT;
    this.#functionLevelReset = functionLevelReset;
    const typeBits = (type ?? pci.EXPRESS_TYPE_ROOT_COMPLEX_INTEGRATED_ENDPOINT) << 4;
    space.define(this.at + pci.EXPRESS_CAPABILITIES, 2, version | typeBits | (interruptMessageNumber << 9), READ_ONLY);
    this.#defineDevice();
    if (type !== undefined && type !== pci.EXPRESS_TYPE_ROOT_COMPLEX_INTEGRATED_ENDPOINT) this.#defineLink();
    defineAll(space, this.at, registers);
  }

  /** The function was plugged in. */
  place(belowPort: boolean): void {
    if (this.#fixedType || !belowPort) return;
    const { mask } = pci.EXPRESS_CAPABILITIES_DEVICE_PORT_TYPE;
    const capabilities = this.#space.read(this.at + pci.EXPRESS_CAPABILITIES, 2) & ~mask;
    this.#space.define(this.at + pci.EXPRESS_CAPABILITIES, 2, capabilities, READ_ONLY); // EXPRESS_TYPE_ENDPOINT is 0
    this.#defineLink();
  }

  /** A write that sets Initiate Function Level Reset, whatever its width. §7.5.3.4. */
  asksForReset(offset: number, widthBytes: number, value: number): boolean {
    if (!this.#functionLevelReset) return false;
    const distance = this.at + pci.DEVICE_CONTROL + 1 - offset;
    if (distance < 0 || distance >= widthBytes) return false;
    return ((value >>> (distance * 8)) & RESET_IN_HIGH_BYTE) !== 0;
  }

  #defineDevice(): void {
    const capabilities =
      pci.DEVICE_CAPABILITIES_ROLE_BASED_ERROR_REPORTING.mask |
      (this.#functionLevelReset ? pci.DEVICE_CAPABILITIES_FUNCTION_LEVEL_RESET.mask : 0);
    const { at } = this;
    this.#space.define(at + pci.DEVICE_CAPABILITIES, 4, capabilities, READ_ONLY);
    this.#space.define(at + pci.DEVICE_CONTROL, 2, DEVICE_CONTROL_INITIAL, readWrite(DEVICE_CONTROL_READ_WRITE));
    this.#space.define(at + pci.DEVICE_STATUS, 2, 0, { readWrite: 0, writeOneToClear: DEVICE_STATUS_CLEAR });
  }

  /** §7.5.3.6 to §7.5.3.8: the link is up from the start, and no power state of it is offered. */
  #defineLink(): void {
    const { at } = this;
    const active = this.isPort ? pci.LINK_CAPABILITIES_DATA_LINK_LAYER_ACTIVE_REPORTING.mask : 0;
    const isUp = this.isPort ? pci.LINK_STATUS_DATA_LINK_LAYER_ACTIVE.mask : 0;
    this.#space.define(at + pci.LINK_CAPABILITIES, 4, LINK | active, READ_ONLY);
    this.#space.define(at + pci.LINK_CONTROL, 2, 0, readWrite(LINK_CONTROL_READ_WRITE));
    this.#space.define(at + pci.LINK_STATUS, 2, LINK | isUp, READ_ONLY);
  }
}
