/**
 * What a function notes of requests that it received and does not support. PCIe Base 5.0 §6.2.3.1 "Completion Status",
 * §6.2.4 "Error Logging", §6.2.5 "Sequence of Device Error Signaling and Logging Operations" (its figure from memory, not
 * checked against the document), §7.8.4 "Advanced Error Reporting Extended Capability".
 *
 * An unsupported request that wants an answer is an advisory error (§6.2.3.2.4.1): its requester learns of it by the
 * answer. A posted one is non-fatal, or fatal where software made it so. CHOICE: of all errors these alone happen. Links
 * never fail, nothing is poisoned, no completion is lost; those bits can be written as specified and are never set.
 */
import { has } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import type { ExtendedCapabilityList } from './capability-list.ts';
import { type ConfigurationSpace, READ_ONLY, readWrite } from './configuration-space.ts';

export const ERROR_CORRECTABLE = 0;
export const ERROR_NON_FATAL = 1;
export const ERROR_FATAL = 2;
const NO_MESSAGE = -1;

/** A request as the link carries it: four dwords of header, and whether nobody waits for an answer. */
export interface Request {
  readonly header: readonly [number, number, number, number];
  readonly isPosted: boolean;
}

const UNSUPPORTED = pci.UNCORRECTABLE_UNSUPPORTED_REQUEST;
const ADVISORY = pci.CORRECTABLE_ADVISORY_NON_FATAL;
const HEADER_DWORDS = 4;
/** By message: the bit of Device Control that enables it. */
const ENABLES: readonly number[] = [
  pci.DEVICE_CONTROL_CORRECTABLE_ERROR_REPORTING.mask,
  pci.DEVICE_CONTROL_NON_FATAL_ERROR_REPORTING.mask,
  pci.DEVICE_CONTROL_FATAL_ERROR_REPORTING.mask,
];
/** By severity: the bit of Device Status that notes it. */
const DETECTED: readonly number[] = [
  pci.DEVICE_STATUS_CORRECTABLE_ERROR.mask,
  pci.DEVICE_STATUS_NON_FATAL_ERROR.mask,
  pci.DEVICE_STATUS_FATAL_ERROR.mask,
];

export class ErrorReporting {
  readonly #space: ConfigurationSpace;
  /** Where the PCI Express capability stands. */
  readonly #express: number;
  /** Where the extended capability stands; 0 without one. */
  readonly #at: number;

  constructor(space: ConfigurationSpace, express: number, advanced: number) {
    this.#space = space;
    this.#express = express;
    this.#at = advanced;
  }

  /** @returns the error message to send upstream, or a negative number for none. */
  unsupported({ header, isPosted }: Request): number {
    const isFatal = this.#at !== 0 && has(this.#read(pci.UNCORRECTABLE_ERROR_SEVERITY), UNSUPPORTED);
    const severity = isFatal ? ERROR_FATAL : isPosted ? ERROR_NON_FATAL : ERROR_CORRECTABLE;
    const status = DETECTED[severity]! | pci.DEVICE_STATUS_UNSUPPORTED_REQUEST.mask;
    this.#space.change(this.#express + pci.DEVICE_STATUS, 2, status, 0);
    const isReported = this.#at === 0 || this.#log(header, severity === ERROR_CORRECTABLE);
    return isReported && this.#isEnabled(severity) ? severity : NO_MESSAGE;
  }

  /** §6.2.4.2: @returns false when a mask keeps it from being reported. */
  #log(header: Request['header'], isAdvisory: boolean): boolean {
    if (isAdvisory) {
      this.#set(pci.CORRECTABLE_ERROR_STATUS, ADVISORY.mask);
      if (has(this.#read(pci.CORRECTABLE_ERROR_MASK), ADVISORY)) return false;
    }
    const isFirst = !this.#isPointerValid;
    this.#set(pci.UNCORRECTABLE_ERROR_STATUS, UNSUPPORTED.mask);
    if (has(this.#read(pci.UNCORRECTABLE_ERROR_MASK), UNSUPPORTED)) return isAdvisory;
    if (isFirst) this.#record(header);
    return true;
  }
  /** §6.2.4.2: the log keeps the first error until software clears its status bit. */
  get #isPointerValid(): boolean {
    const pointer = this.#read(pci.ERROR_CAPABILITIES_AND_CONTROL) & pci.FIRST_ERROR_POINTER.mask;
    return (this.#read(pci.UNCORRECTABLE_ERROR_STATUS) & (1 << pointer)) !== 0;
  }
  #record(header: Request['header']): void {
    const control = this.#at + pci.ERROR_CAPABILITIES_AND_CONTROL;
    this.#space.change(control, 4, UNSUPPORTED.shift, pci.FIRST_ERROR_POINTER.mask);
    for (let i = 0; i < HEADER_DWORDS; i++) this.#space.force(this.#at + pci.HEADER_LOG + i * 4, 4, header[i]!);
  }

  /** Device Control enables messages by severity; SERR# Enable those that are not correctable, too. §6.2.5. */
  #isEnabled(severity: number): boolean {
    const control = this.#space.read(this.#express + pci.DEVICE_CONTROL, 2);
    if (!has(control, pci.DEVICE_CONTROL_UNSUPPORTED_REQUEST_REPORTING)) return false;
    const bySerr = severity !== ERROR_CORRECTABLE && has(this.#space.read(pci.COMMAND, 2), pci.COMMAND_SERR_ENABLE);
    if (bySerr) this.#space.change(pci.STATUS, 2, pci.STATUS_SIGNALED_SYSTEM_ERROR.mask, 0);
    return bySerr || (control & ENABLES[severity]!) !== 0;
  }

  #read(register: number): number {
    return this.#space.read(this.#at + register, 4);
  }
  #set(register: number, bits: number): void {
    this.#space.change(this.#at + register, 4, bits, 0);
  }
}

/** §7.8.4. @param isRootPort adds the registers of a root port. @returns where it stands. */
export function addAdvancedErrors(
  space: ConfigurationSpace,
  list: ExtendedCapabilityList,
  isRootPort: boolean,
  at?: number,
): number {
  const sizeBytes = isRootPort ? pci.ROOT_ERROR_REPORTING_SIZE_BYTES : pci.ERROR_REPORTING_SIZE_BYTES;
  const id = pci.EXTENDED_CAPABILITY_ADVANCED_ERROR_REPORTING;
  const start = list.add(id, pci.ERROR_REPORTING_VERSION, sizeBytes, at);
  const uncorrectable = pci.UNCORRECTABLE_ERRORS.mask;
  const correctable = pci.CORRECTABLE_ERRORS.mask;
  const clear = (bits: number): { readWrite: number; writeOneToClear: number } => ({
    readWrite: 0,
    writeOneToClear: bits,
  });
  space.define(start + pci.UNCORRECTABLE_ERROR_STATUS, 4, 0, clear(uncorrectable), -1);
  space.define(start + pci.UNCORRECTABLE_ERROR_MASK, 4, 0, readWrite(uncorrectable), -1);
  const severity = pci.UNCORRECTABLE_SEVERITY_INITIAL;
  space.define(start + pci.UNCORRECTABLE_ERROR_SEVERITY, 4, severity, readWrite(uncorrectable), -1);
  space.define(start + pci.CORRECTABLE_ERROR_STATUS, 4, 0, clear(correctable), -1);
  space.define(start + pci.CORRECTABLE_ERROR_MASK, 4, pci.CORRECTABLE_MASK_INITIAL, readWrite(correctable), -1);
  space.define(start + pci.ERROR_CAPABILITIES_AND_CONTROL, 4, 0, READ_ONLY, -1);
  for (let i = 0; i < HEADER_DWORDS; i++) space.define(start + pci.HEADER_LOG + i * 4, 4, 0, READ_ONLY, -1);
  if (!isRootPort) return start;
  space.define(start + pci.ROOT_ERROR_COMMAND, 4, 0, readWrite(0x7));
  space.define(start + pci.ROOT_ERROR_STATUS, 4, 0, clear(0x7f), 0x7f);
  space.define(start + pci.ERROR_SOURCE_IDENTIFICATION, 4, 0, READ_ONLY, -1);
  return start;
}

/** Header of a request, §2.2 "Transaction Layer Protocol - Packet Definition". The root complex asks, with tag 0. */
export function memoryRequest(address: number, isIo: boolean, isWrite: boolean): Request {
  const high = Math.floor(address / 0x1_0000_0000);
  const type = isIo ? 0x0200_0000 : 0;
  const format = (isWrite ? 0x4000_0000 : 0) | (high === 0 ? 0 : 0x2000_0000);
  const low = ((address >>> 0) & ~3) >>> 0;
  const place: [number, number] = high === 0 ? [low, 0] : [high, low];
  return { header: [format | type | 1, 0xf, ...place], isPosted: isWrite && !isIo };
}
/** §2.2.7 "Memory, I/O, and Configuration Request Rules": Type 0, never posted. */
export function configurationRequest(requesterId: number, register: number, isWrite: boolean): Request {
  const place = (requesterId << 16) | (register & 0xffc);
  return { header: [isWrite ? 0x4400_0001 : 0x0400_0001, 0xf, place, 0], isPosted: false };
}
