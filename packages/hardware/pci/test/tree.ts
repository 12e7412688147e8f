/** A root complex with bridges, seen through ECAM as software does. */
import * as pci from '@bulkhead/pci-datasheet';
import {
  type BarOptions,
  PciFunction,
  type PciFunctionOptions,
  RootComplex,
  type RootComplexOptions,
} from '../src/index.ts';
import { WINDOW } from './bench.ts';

export const ENABLE_ALL =
  pci.COMMAND_IO_SPACE_ENABLE.mask | pci.COMMAND_MEMORY_SPACE_ENABLE.mask | pci.COMMAND_BUS_MASTER_ENABLE.mask;

/** Bus, device and function as software writes them. */
export const id = (bus: number, device: number, fn = 0): number => (bus << 8) | (device << 3) | fn;

export class Tree {
  readonly root: RootComplex;
  readonly wires: boolean[] = [false, false, false, false];
  /** What was sent upstream, with the requester ID it carried. */
  readonly sent: { readonly requesterId: number; readonly page: number }[] = [];

  constructor(more: Partial<RootComplexOptions> = {}) {
    this.root = new RootComplex({
      windowBase: WINDOW / 4096,
      upstream: (requesterId) => ({
        dma: {
          read: (page) => {
            this.sent.push({ requesterId, page });
            return page === FAULTING_PAGE ? -1 : 0;
          },
          write: (page) => {
            this.sent.push({ requesterId, page });
            return page === FAULTING_PAGE ? -1 : 0;
          },
        },
        message: {
          send: (page) => {
            this.sent.push({ requesterId, page });
            return 0;
          },
        },
      }),
      ...more,
    });
    this.root.connectInterrupts(
      this.wires.map((_, wire) => ({
        set: (asserted) => {
          this.wires[wire] = asserted;
        },
      })),
    );
  }

  read(requesterId: number, register: number, widthBytes: 1 | 2 | 4 = 4): number {
    return this.root.read(requesterId * 4096 + register, widthBytes);
  }
  write(requesterId: number, register: number, value: number, widthBytes: 1 | 2 | 4 = 4): void {
    this.root.write(requesterId * 4096 + register, widthBytes, value >>> 0);
  }
  /** Primary, secondary and subordinate bus of a bridge. */
  number(bridge: number, secondary: number, subordinate: number): void {
    this.write(bridge, pci.PRIMARY_BUS_NUMBER, bridge >> 8, 1);
    this.write(bridge, pci.SECONDARY_BUS_NUMBER, secondary, 1);
    this.write(bridge, pci.SUBORDINATE_BUS_NUMBER, subordinate, 1);
  }
  /** Opens the window of memory from `start` up to, but not including, `end`. */
  openMemory(bridge: number, start: number, end: number): void {
    this.write(bridge, pci.MEMORY_BASE, start >>> 16, 2);
    this.write(bridge, pci.MEMORY_LIMIT, (end - 1) >>> 16, 2);
  }
  command(requesterId: number, value: number): void {
    this.write(requesterId, pci.COMMAND, value, 2);
  }
  secondaryStatus(bridge: number): number {
    return this.read(bridge, pci.SECONDARY_STATUS, 2);
  }
  /** Memory space at a bus address. */
  load(address: number): number {
    return this.root.memory.read(address - WINDOW, 4);
  }
  store(address: number, value: number): void {
    this.root.memory.write(address - WINDOW, 4, value);
  }
  /** @returns where a capability of a function stands, or 0. */
  find(requesterId: number, capability: number): number {
    let at = this.read(requesterId, pci.CAPABILITIES_POINTER, 1);
    while (at !== 0 && this.read(requesterId, at, 1) !== capability) at = this.read(requesterId, at + 1, 1);
    return at;
  }
}

/** The upstream ports fault there. */
export const FAULTING_PAGE = 0xdead;

/** A function whose BARs read as `mark`, or as the offset when it has none. */
export function endpoint(more: Partial<PciFunctionOptions> = {}, bars: readonly BarOptions[] = [bar(0)]): PciFunction {
  return new PciFunction({
    vendorId: 0x1234,
    deviceId: 0x5678,
    classCode: 0x020000,
    revision: 0,
    subsystem: { vendorId: 0, id: 0 },
    bars,
    onReset: () => {},
    ...more,
  });
}
export const bar = (index: number, kind: BarOptions['kind'] = 'mem32', sizeBytes = 0x1000, mark = 0): BarOptions => ({
  index,
  kind,
  sizeBytes,
  device: { read: (offset) => (mark === 0 ? offset : mark), write: () => {} },
});
