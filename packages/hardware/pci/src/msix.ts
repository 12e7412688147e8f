/**
 * The MSI-X table and pending bits of a function. PCIe Base 5.0 §7.7.2 "MSI-X Capability and Table Structure",
 * §6.1.4.5 "Per-vector Masking and Function Masking".
 *
 * Invariants: a vector that is masked sends nothing and remembers at most one message; a vector that is
 * enabled, unmasked and allowed to send has no pending bit.
 *
 * CHOICE: accesses other than whole, aligned dwords are undefined (§7.7.2); such reads return their lanes, such writes
 * are ignored. CHOICE: pending bits stay when MSI-X is switched off, and are sent when it is on again.
 */
import * as pci from '@bulkhead/pci-datasheet';
import type { MessagePort, RegisterDevice, WidthBytes } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import type { CapabilityList } from './capability-list.ts';
import { type ConfigurationSpace, READ_ONLY, readWrite, WIDTH_MASK } from './configuration-space.ts';
import { MASTER_REFUSED, SIGNAL_DISABLED, SIGNAL_DONE } from './master.ts';

const ENTRY_WORDS = pci.MSIX_ENTRY_SIZE_BYTES / 4;
const CONTROL_WORD = pci.MSIX_ENTRY_VECTOR_CONTROL / 4;
const MASK = 1; // MSIX_VECTOR_CONTROL_MASK

/** Table and pending bits stand in one BAR. */
export interface MsixOptions {
  /** 1 … 2048. */
  readonly vectors: number;
  readonly tableBar: number;
  readonly tableOffset: number;
  readonly pbaOffset: number;
}

/** §7.7.2 "MSI-X Capability and Table Structure". @returns where it stands. */
export function addMsix(space: ConfigurationSpace, list: CapabilityList, options: MsixOptions, at?: number): number {
  const { vectors, tableBar, tableOffset, pbaOffset } = options;
  const start = list.add(pci.CAPABILITY_MSIX, pci.MSIX_SIZE_BYTES, at);
  const control = readWrite(pci.MSIX_CONTROL_ENABLE.mask | pci.MSIX_CONTROL_FUNCTION_MASK.mask);
  space.define(start + pci.MSIX_MESSAGE_CONTROL, 2, vectors - 1, control);
  space.define(start + pci.MSIX_TABLE, 4, tableOffset | tableBar, READ_ONLY);
  space.define(start + pci.MSIX_PBA, 4, pbaOffset | tableBar, READ_ONLY);
  return start;
}

export class MsixTable implements RegisterDevice {
  readonly vectors: number;
  readonly #tableOffset: number;
  readonly #pbaOffset: number;
  readonly #behind: RegisterDevice;
  readonly #message: MessagePort;
  readonly #table: Int32Array;
  readonly #pending: Int32Array;
  #enabled = false;
  #functionMasked = false;

  /** @param behind the device that serves the rest of the BAR. */
  constructor({ vectors, tableOffset, pbaOffset }: MsixOptions, behind: RegisterDevice, message: MessagePort) {
    invariant(vectors >= 1 && vectors <= pci.MSIX_MAX_VECTORS, 'MSI-X has 1 to 2048 vectors');
    invariant(((tableOffset | pbaOffset) & 7) === 0, 'MSI-X structures are qword aligned');
    this.vectors = vectors;
    this.#tableOffset = tableOffset;
    this.#pbaOffset = pbaOffset;
    this.#behind = behind;
    this.#message = message;
    this.#table = new Int32Array(vectors * ENTRY_WORDS);
    this.#pending = new Int32Array(Math.ceil(vectors / 64) * 2);
    this.reset();
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** §7.7.2 "Vector Control": every vector is masked after reset. */
  reset(): void {
    this.#table.fill(0);
    this.#pending.fill(0);
    for (let word = CONTROL_WORD; word < this.#table.length; word += ENTRY_WORDS) this.#table[word] = MASK;
    this.#enabled = false;
    this.#functionMasked = false;
  }

  /** Takes over Message Control; what became possible to send is sent. */
  control(enabled: boolean, functionMasked: boolean): void {
    this.#enabled = enabled;
    this.#functionMasked = functionMasked;
    this.sendPending();
  }

  /** @returns SIGNAL_DONE, or a negative number when the message was neither sent nor remembered. */
  signal(vector: number): number {
    if (!this.#enabled || vector < 0 || vector >= this.vectors) return SIGNAL_DISABLED;
    if (this.#isMasked(vector)) {
      this.#setPending(vector);
      return SIGNAL_DONE;
    }
    return this.#send(vector);
  }

  clearPending(vector: number): void {
    const word = vector >>> 5;
    if (word < this.#pending.length) this.#pending[word] = this.#pending[word]! & ~(1 << (vector & 31));
  }

  /** Sends what is pending and no longer masked, lowest vector first. */
  sendPending(): void {
    if (!this.#enabled || this.#functionMasked) return;
    for (let word = 0; word < this.#pending.length; word++) {
      if (this.#pending[word] === 0) continue;
      for (let bit = 0; bit < 32; bit++) {
        const vector = word * 32 + bit;
        if ((this.#pending[word]! & (1 << bit)) !== 0 && !this.#isMasked(vector)) this.#unpend(vector);
      }
    }
  }

  read(offset: number, widthBytes: WidthBytes): number {
    const word = this.#wordAt(offset);
    if (word === NOT_HERE) return this.#behind.read(offset, widthBytes);
    return ((word >>> ((offset & 3) * 8)) & WIDTH_MASK[widthBytes]!) >>> 0;
  }

  write(offset: number, widthBytes: WidthBytes, value: number): void {
    const index = (offset - this.#tableOffset) >> 2;
    if (offset < this.#tableOffset || index >= this.#table.length) {
      if (this.#wordAt(offset) === NOT_HERE) this.#behind.write(offset, widthBytes, value);
      return; // the pending bits are read-only
    }
    if (widthBytes !== 4 || (offset & 3) !== 0) return;
    this.#table[index] = value & WRITABLE[index % ENTRY_WORDS]!;
    if (index % ENTRY_WORDS === CONTROL_WORD) this.sendPending();
  }

  #wordAt(offset: number): number {
    const index = (offset - this.#tableOffset) >> 2;
    if (offset >= this.#tableOffset && index < this.#table.length) return this.#table[index]!;
    const pendingIndex = (offset - this.#pbaOffset) >> 2;
    if (offset >= this.#pbaOffset && pendingIndex < this.#pending.length) return this.#pending[pendingIndex]!;
    return NOT_HERE;
  }

  #isMasked(vector: number): boolean {
    return this.#functionMasked || (this.#table[vector * ENTRY_WORDS + CONTROL_WORD]! & MASK) !== 0;
  }

  #setPending(vector: number): void {
    const word = vector >>> 5;
    this.#pending[word] = this.#pending[word]! | (1 << (vector & 31));
  }

  /** A message that may not leave yet (bus mastering is off) stays pending. */
  #unpend(vector: number): void {
    if (this.#send(vector) !== MASTER_REFUSED) this.clearPending(vector);
  }

  #send(vector: number): number {
    const entry = vector * ENTRY_WORDS;
    const low = this.#table[entry]!;
    const page = (this.#table[entry + 1]! >>> 0) * 0x10_0000 + (low >>> 12);
    return this.#message.send(page, low & 0xffc, this.#table[entry + 2]! >>> 0);
  }
}

/** Outside the 32-bit words, so that no word is mistaken for it. */
const NOT_HERE = 0x1_0000_0000;
/** Writable bits by dword of an entry: address, upper address, data, vector control. */
const WRITABLE: readonly number[] = [-4, -1, -1, MASK];
