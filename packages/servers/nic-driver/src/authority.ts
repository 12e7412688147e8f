/**
 * What the driver asks of others at its start, in the order in which they can give it: a device that it may have, its
 * registers, its interrupts, and for the device the memory that it may reach. Whatever is refused ends the driver.
 */
import { type ClientPort, kernel, type Right, right } from '@bulkhead/abi';
import { BAR_MEMORY } from '@bulkhead/intel-82574-datasheet';
import { DEVICE_READ, DEVICE_WRITE, iommu } from '@bulkhead/iommu-driver-api';
import { HELD_BY_ANOTHER, pciBus } from '@bulkhead/pci-bus-driver-api';
import type { Region } from '@bulkhead/runtime';
import { granted } from './refused.ts';

const PAGE_SHIFT = 12;

export interface AuthorityPorts {
  readonly pci: ClientPort<typeof pciBus>;
  readonly iommu: ClientPort<typeof iommu>;
  readonly kernel: ClientPort<typeof kernel.contractOfKernel>;
}

export class Authority {
  readonly #pci: ClientPort<typeof pciBus>;
  readonly #iommu: ClientPort<typeof iommu>;
  readonly #kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly #answer: Int32Array;

  constructor({ pci, iommu, kernel }: AuthorityPorts, answer: Int32Array) {
    this.#pci = pci;
    this.#iommu = iommu;
    this.#kernel = kernel;
    this.#answer = answer;
  }

  /** @returns the first device of this kind that nobody else holds; it is ours now. */
  claim(vendorDevice: number): number {
    for (let nth = 0; ; nth++) {
      const device = granted(pciBus, 'find a free device', this.#pci.find(vendorDevice, nth));
      const claimed = this.#pci.claim(device);
      if (claimed === HELD_BY_ANOTHER) continue;
      granted(pciBus, 'give the device', claimed);
      return device;
    }
  }
  /** @returns the page at which the device's registers stand. */
  mapRegisters(device: number): number {
    const pages = granted(pciBus, 'give the register BAR', this.#pci.bar(device, BAR_MEMORY));
    const untyped = right(this.#answer[1]!);
    const frames = this.#kernel.retype(untyped, kernel.FRAME, PAGE_SHIFT, pages);
    granted(kernel.contractOfKernel, 'make frames of the register BAR', frames);
    const mapped = this.#kernel.map(right(frames), pages, kernel.READ_WRITE);
    granted(kernel.contractOfKernel, 'map the registers', mapped);
    return this.#answer[1]!;
  }
  /** The vector's interrupts come as `notified(token)`. @returns the right to acknowledge them. */
  bindInterrupt(device: number, vector: number, token: number): Right {
    granted(pciBus, `route vector ${vector}`, this.#pci.interrupt(device, vector));
    const handler = right(this.#answer[1]!);
    granted(kernel.contractOfKernel, `bind vector ${vector}`, this.#kernel.bindInterrupt(handler, token));
    return handler;
  }
  /** @returns the page at which the device reaches one frame. */
  mapForDevice(device: number, frame: Right): number {
    return granted(iommu, 'map a frame', this.#iommu.map(device, frame, DEVICE_READ | DEVICE_WRITE));
  }
  /** @returns the first page at which the device reaches the region, whose frames must come side by side. */
  mapRegionForDevice(device: number, { frame, frameCount, frameSizeBits }: Region): number {
    const first = this.mapForDevice(device, frame);
    const pagesPerFrame = 2 ** (frameSizeBits - PAGE_SHIFT);
    for (let i = 1; i < frameCount; i++) {
      const page = this.mapForDevice(device, right(frame + i));
      if (page !== first + i * pagesPerFrame) throw new Error('nic-driver: the packet pool has a hole for the device');
    }
    return first;
  }
  /** The device may reach memory and send interrupts. */
  letGo(device: number): void {
    granted(pciBus, 'start the device', this.#pci.start(device));
  }
}
