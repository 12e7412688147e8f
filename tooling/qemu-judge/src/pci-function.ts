/** One function on the machine's root bus: its configuration space, its BARs, its MSI-X messages. */
import * as pci from '@bulkhead/pci-datasheet';
import type { QemuMachine } from './machine.ts';

/** Intel 3 Series and ICH9 chip sets: PCIEXBAR of the host bridge, through the ports of PCI 3.0 §3.2.2.3.2. */
const CONFIG_ADDRESS = 0xcf8;
const CONFIG_DATA = 0xcfc;
const PCIEXBAR = 0x8000_0060;
const ECAM_BASE = 0xb000_0000;
const PCIEXBAR_ENABLE = 1;

const BAR_COUNT = 6;
const FIRST_MEMORY_BAR = 0xe000_0000;
const MEMORY_BAR_STRIDE = 0x10_0000;
const FIRST_IO_BAR = 0xc000;
const IO_BAR_STRIDE = 0x100;

/** One address for each vector; what stands there is the message that came last, or 0. */
const MAILBOX_STRIDE = 4;
export const MESSAGE = 0xb0_0000;

export interface Bar {
  readonly address: number;
  readonly lenBytes: number;
  readonly isIo: boolean;
}

export class QemuFunction {
  readonly machine: QemuMachine;
  readonly requesterId: number;
  /** By index; a 64-bit BAR leaves the next index empty. */
  readonly bars: readonly (Bar | undefined)[];
  readonly vectorCount: number;
  readonly #config: number;
  readonly #mailbox: number;
  readonly #msixAt: number;

  /**
   * Finds the function's BARs and gives them addresses; nothing decodes before `enable`.
   * @param mailbox where in RAM its messages go
   */
  constructor(machine: QemuMachine, device: number, mailbox: number) {
    this.machine = machine;
    this.requesterId = device << 3;
    this.#config = ECAM_BASE + (device << pci.ECAM_DEVICE_SHIFT);
    this.#mailbox = mailbox;
    this.#mapConfigurationSpace();
    this.bars = this.#placeBars();
    this.#msixAt = this.capability(pci.CAPABILITY_MSIX);
    const control = this.#msixAt === 0 ? -1 : this.readConfig(this.#msixAt + pci.MSIX_MESSAGE_CONTROL, 'w');
    this.vectorCount = (control & pci.MSIX_CONTROL_TABLE_SIZE.mask) + 1;
  }

  /** Everything as at power on, but for RAM; then the BARs stand where they stood. */
  reset(): void {
    this.machine.reset();
    this.#mapConfigurationSpace();
    this.bars.forEach((bar, index) => {
      if (bar !== undefined) this.writeConfig(pci.BAR0 + index * 4, 'l', bar.address);
    });
  }

  readConfig(offset: number, width: 'b' | 'w' | 'l'): number {
    return this.machine.read(this.#config + offset, width);
  }
  writeConfig(offset: number, width: 'b' | 'w' | 'l', value: number): void {
    this.machine.write(this.#config + offset, width, value);
  }
  /** @returns where the first capability of this kind stands, or 0. */
  capability(id: number): number {
    let at = this.readConfig(pci.CAPABILITIES_POINTER, 'b');
    while (at !== 0 && this.readConfig(at + pci.CAPABILITY_ID, 'b') !== id) {
      at = this.readConfig(at + pci.CAPABILITY_NEXT, 'b');
    }
    return at;
  }
  /** Its registers decode; with `isMaster` it reaches memory. */
  enable(isMaster: boolean): void {
    const decodes = pci.COMMAND_IO_SPACE_ENABLE.mask | pci.COMMAND_MEMORY_SPACE_ENABLE.mask;
    this.writeConfig(pci.COMMAND, 'w', decodes | (isMaster ? pci.COMMAND_BUS_MASTER_ENABLE.mask : 0));
  }

  /** The vector's message goes to its mailbox from now on. */
  openVector(vector: number): void {
    const table = this.readConfig(this.#msixAt + pci.MSIX_TABLE, 'l');
    const bar = this.bars[table & pci.MSIX_BIR.mask]!;
    const entry = bar.address + (table & pci.MSIX_OFFSET_MASK) + vector * pci.MSIX_ENTRY_SIZE_BYTES;
    const write = (at: number, value: number): void => this.machine.write(entry + at, 'l', value);
    this.machine.ram.store32(this.#mailbox + vector * MAILBOX_STRIDE, 0);
    write(pci.MSIX_ENTRY_MESSAGE_ADDRESS, this.#mailbox + vector * MAILBOX_STRIDE);
    write(pci.MSIX_ENTRY_MESSAGE_UPPER_ADDRESS, 0);
    write(pci.MSIX_ENTRY_MESSAGE_DATA, MESSAGE + vector);
    write(pci.MSIX_ENTRY_VECTOR_CONTROL, 0);
    this.writeConfig(this.#msixAt + pci.MSIX_MESSAGE_CONTROL, 'w', pci.MSIX_CONTROL_ENABLE.mask);
  }
  /** @returns the vectors whose message has come since the last call. Several of one vector look like one. */
  messages(): number[] {
    this.machine.qtest.settle();
    const { ram } = this.machine;
    const vectors: number[] = [];
    for (let vector = 0; vector < this.vectorCount; vector++) {
      const at = this.#mailbox + vector * MAILBOX_STRIDE;
      if (ram.load32(at) === 0) continue;
      ram.store32(at, 0);
      vectors.push(vector);
    }
    return vectors;
  }

  #mapConfigurationSpace(): void {
    this.machine.writePort(CONFIG_ADDRESS, 'l', PCIEXBAR);
    this.machine.writePort(CONFIG_DATA, 'l', ECAM_BASE | PCIEXBAR_ENABLE);
  }
  #placeBars(): (Bar | undefined)[] {
    const bars: (Bar | undefined)[] = [];
    for (let index = 0; index < BAR_COUNT; index++) {
      const bar = this.#placeBar(index);
      bars[index] = bar;
      const low = bar === undefined ? 0 : this.readConfig(pci.BAR0 + index * 4, 'l');
      if (bar?.isIo === false && (low & pci.BAR_MEMORY_TYPE.mask) !== 0) bars[++index] = undefined;
    }
    return bars;
  }
  #placeBar(index: number): Bar | undefined {
    const at = pci.BAR0 + index * 4;
    this.writeConfig(at, 'l', pci.BAR_SIZING);
    const mask = this.readConfig(at, 'l');
    if (mask === 0) return undefined;
    const isIo = (mask & pci.BAR_SPACE_INDICATOR.mask) === pci.BAR_SPACE_IO;
    const lenBytes = -(mask & (isIo ? pci.BAR_IO_BASE : pci.BAR_MEMORY_BASE).mask) >>> 0;
    const place = (this.requesterId >>> 3) * BAR_COUNT + index;
    const address = isIo ? FIRST_IO_BAR + place * IO_BAR_STRIDE : FIRST_MEMORY_BAR + place * MEMORY_BAR_STRIDE;
    this.writeConfig(at, 'l', address);
    return { address, lenBytes, isIo };
  }
}
