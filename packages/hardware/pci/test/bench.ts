/** A function of every kind of BAR on a bus, with ports that remember. */
import * as pci from '@bulkhead/pci-datasheet';
import type { RegisterDevice } from '@bulkhead/ports';
import { PciFunction, type PciFunctionOptions, RootComplex } from '../src/index.ts';

export const WINDOW = 0x4000_0000;
export const EXPRESS = 0xe0;
export const MSIX = 0xa0;
export const PM = 0xc8;

const OFFSETS = { msi: 0x40, express: EXPRESS, msix: MSIX, powerManagement: PM } as const;

/** Every access that reached a BAR. */
export interface Access {
  readonly bar: string;
  readonly offset: number;
  readonly value: number;
}

export class Bench {
  readonly accesses: Access[] = [];
  readonly messages: { readonly page: number; readonly offset: number; readonly data: number }[] = [];
  readonly bus: RootComplex = new RootComplex({ windowBase: WINDOW / 4096 });
  readonly function: PciFunction;
  resets = 0;
  masterings = 0;

  constructor(more: Partial<PciFunctionOptions> = {}) {
    this.function = new PciFunction({
      vendorId: 0x1234,
      deviceId: 0x5678,
      classCode: 0x020000,
      revision: 3,
      subsystem: { vendorId: 0xabcd, id: 0xef01 },
      bars: [
        { index: 0, kind: 'mem32', sizeBytes: 0x2_0000, device: this.#bar('0') },
        { index: 2, kind: 'io', sizeBytes: 0x20, device: this.#bar('2') },
        { index: 4, kind: 'mem64', sizeBytes: 0x4000, device: this.#bar('4') },
      ],
      msix: { vectors: 70, tableBar: 4, tableOffset: 0, pbaOffset: 0x2000 },
      capabilityOffsets: { ...OFFSETS },
      onReset: () => {
        this.resets += 1;
      },
      onBusMasterEnable: () => {
        this.masterings += 1;
      },
      ...more,
      ...(more.capabilityOffsets && { capabilityOffsets: { ...OFFSETS, ...more.capabilityOffsets } }),
    });
    this.bus.attach(this.function, { device: 2, function: 0 });
    this.function.connect({
      dma: { read: () => 0, write: () => 0 },
      message: {
        send: (page, offset, data) => {
          this.messages.push({ page, offset, data });
          return 0;
        },
      },
    });
  }

  read(offset: number, widthBytes: 1 | 2 | 4 = 4): number {
    return this.bus.read((2 << pci.ECAM_DEVICE_SHIFT) + offset, widthBytes);
  }
  write(offset: number, value: number, widthBytes: 1 | 2 | 4 = 4): void {
    this.bus.write((2 << pci.ECAM_DEVICE_SHIFT) + offset, widthBytes, value >>> 0);
  }
  command(value: number): void {
    this.write(pci.COMMAND, value, 2);
  }

  /** @returns where a capability stands, or 0. */
  find(id: number): number {
    let at = this.read(pci.CAPABILITIES_POINTER, 1);
    while (at !== 0 && this.read(at, 1) !== id) at = this.read(at + pci.CAPABILITY_NEXT, 1);
    return at;
  }

  #bar(bar: string): RegisterDevice {
    return {
      read: (offset) => {
        this.accesses.push({ bar, offset, value: 0 });
        return 0x55;
      },
      write: (offset, _widthBytes, value) => {
        this.accesses.push({ bar, offset, value });
      },
    };
  }
}
