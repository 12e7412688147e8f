/**
 * MSI of a function. PCIe Base 5.0 §7.7.1 "MSI Capability Structures", §6.1.4 "Message Signaled Interrupt (MSI/MSI-X)
 * Support".
 *
 * CHOICE: software gave fewer vectors than were asked for: the vector's number is folded into those there are. CHOICE:
 * more vectors than were asked for, and the reserved encodings, count as all that were asked for.
 */
import { log2 } from '@bulkhead/bits';
import * as pci from '@bulkhead/pci-datasheet';
import type { MessagePort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import type { CapabilityList } from './capability-list.ts';
import { type ConfigurationSpace, READ_ONLY, readWrite } from './configuration-space.ts';
import { MASTER_REFUSED, SIGNAL_DISABLED, SIGNAL_DONE } from './master.ts';

export interface MsiOptions {
  /** 1, 2, 4, 8, 16 or 32. @defaultValue 1 */
  readonly vectors?: number;
  /** Messages can go above 4 GiB. @defaultValue true */
  readonly is64Bit?: boolean;
  /** Mask and pending bits. @defaultValue false */
  readonly perVectorMasking?: boolean;
}

export class Msi {
  readonly vectors: number;
  readonly #space: ConfigurationSpace;
  readonly #message: MessagePort;
  readonly #control: number;
  readonly #is64Bit: boolean;
  readonly #dataAt: number;
  /** 0 without per-vector masking. */
  readonly #maskAt: number;
  #enabled = false;

  constructor(
    space: ConfigurationSpace,
    list: CapabilityList,
    { vectors = 1, is64Bit = true, perVectorMasking = false }: MsiOptions,
    message: MessagePort,
    at?: number,
  ) {
    const count = log2(vectors);
    invariant(2 ** count === vectors && count <= pci.MSI_MAX_VECTORS_LOG2, 'MSI has 1, 2, 4, 8, 16 or 32 vectors');
    const end = is64Bit ? pci.MSI_PENDING_BITS_64 : pci.MSI_PENDING_BITS_32;
    const data = is64Bit ? pci.MSI_MESSAGE_DATA_64 : pci.MSI_MESSAGE_DATA_32;
    const start = list.add(pci.CAPABILITY_MSI, perVectorMasking ? end + 4 : data + 2, at);
    this.vectors = vectors;
    this.#space = space;
    this.#message = message;
    this.#is64Bit = is64Bit;
    this.#control = start + pci.MSI_MESSAGE_CONTROL;
    this.#dataAt = start + data;
    this.#maskAt = perVectorMasking ? start + end - 4 : 0;
    const offers =
      (count << pci.MSI_CONTROL_MULTIPLE_MESSAGE_CAPABLE.shift) |
      (is64Bit ? pci.MSI_CONTROL_64_BIT_CAPABLE.mask : 0) |
      (perVectorMasking ? pci.MSI_CONTROL_PER_VECTOR_MASKING.mask : 0);
    const control = readWrite(pci.MSI_CONTROL_ENABLE.mask | pci.MSI_CONTROL_MULTIPLE_MESSAGE_ENABLE.mask);
    space.define(this.#control, 2, offers, control);
    space.define(start + pci.MSI_MESSAGE_ADDRESS, 4, 0, readWrite(-4));
    if (is64Bit) space.define(start + pci.MSI_MESSAGE_UPPER_ADDRESS, 4, 0, readWrite(-1));
    space.define(this.#dataAt, 2, 0, readWrite(0xffff));
    if (perVectorMasking) this.#defineMasks();
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Takes over what software wrote; what became possible to send is sent. */
  settle(): void {
    this.#enabled = (this.#space.read(this.#control, 2) & pci.MSI_CONTROL_ENABLE.mask) !== 0;
    this.sendPending();
  }
  reset(): void {
    this.#enabled = false;
  }

  /** @returns SIGNAL_DONE, or a negative number when the message was neither sent nor remembered. */
  signal(vector: number): number {
    if (!this.#enabled || vector < 0 || vector >= this.vectors) return SIGNAL_DISABLED;
    const given = vector & (this.#given - 1);
    if (this.#isMasked(given)) {
      this.#space.change(this.#pendingAt, 4, 1 << given, 0);
      return SIGNAL_DONE;
    }
    return this.#send(given);
  }

  /** The cause of a message that waits is gone. */
  clearPending(vector: number): void {
    if (this.#maskAt !== 0 && vector >= 0 && vector < this.vectors)
      this.#space.change(this.#pendingAt, 4, 0, 1 << (vector & (this.#given - 1)));
  }

  /** Sends what is pending and no longer masked, lowest vector first. §6.1.4.5. */
  sendPending(): void {
    if (this.#maskAt === 0 || !this.#enabled) return;
    const ready = this.#space.read(this.#pendingAt, 4) & ~this.#space.read(this.#maskAt, 4);
    for (let vector = 0; vector < this.#given; vector++) {
      if ((ready & (1 << vector)) === 0 || this.#send(vector) === MASTER_REFUSED) continue;
      this.#space.change(this.#pendingAt, 4, 0, 1 << vector);
    }
  }

  #defineMasks(): void {
    const all = this.vectors === pci.MSI_MAX_VECTORS ? -1 : (1 << this.vectors) - 1;
    this.#space.define(this.#maskAt, 4, 0, readWrite(all));
    this.#space.define(this.#pendingAt, 4, 0, READ_ONLY);
  }
  get #pendingAt(): number {
    return this.#maskAt + 4;
  }
  /** How many vectors software gave. §7.7.1.2, Multiple Message Enable. */
  get #given(): number {
    const control = this.#space.read(this.#control, 2);
    const { mask, shift } = pci.MSI_CONTROL_MULTIPLE_MESSAGE_ENABLE;
    return Math.min(1 << ((control & mask) >>> shift), this.vectors);
  }
  #isMasked(vector: number): boolean {
    return this.#maskAt !== 0 && (this.#space.read(this.#maskAt, 4) & (1 << vector)) !== 0;
  }

  /** §6.1.4: the low bits of the data tell the vector. The upper 16 bits of the dword written are 0. */
  #send(vector: number): number {
    const low = this.#space.read(this.#control + 2, 4); // Message Address follows Message Control
    const high = this.#is64Bit ? this.#space.read(this.#control + 6, 4) : 0;
    const data = (this.#space.read(this.#dataAt, 2) & ~(this.#given - 1)) | vector;
    return this.#message.send(high * 0x10_0000 + (low >>> 12), low & 0xffc, data);
  }
}
