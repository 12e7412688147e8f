/**
 * What the driver asks of others at its start, in the order in which they can give it: a device that it may have, what
 * its configuration space says, its structures, its interrupts, and for the device the memory that it may reach. Whatever
 * is refused ends the driver.
 */
import { type ClientPort, kernel, type Right, right } from '@bulkhead/abi';
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
  readonly #ports: AuthorityPorts;
  readonly #answer: Int32Array;

  constructor({ pci, iommu, kernel }: AuthorityPorts, answer: Int32Array) {
    this.#ports = { pci, iommu, kernel };
    this.#answer = answer;
  }

  /** @returns the first device of this kind that nobody else holds; it is ours now. */
  claim(vendorDevice: number): number {
    const { pci } = this.#ports;
    for (let nth = 0; ; nth++) {
      const device = granted(pciBus, 'find a free device', pci.find(vendorDevice, nth));
      const claimed = pci.claim(device);
      if (claimed === HELD_BY_ANOTHER) continue;
      granted(pciBus, 'give the device', claimed);
      return device;
    }
  }
  /** @returns the dword of the device's configuration space, signed. */
  config(device: number, offset: number): number {
    granted(pciBus, 'read configuration space', this.#ports.pci.config(device, offset));
    return this.#answer[1]!;
  }
  /** @returns the page at which a BAR of the device stands. */
  mapBar(device: number, index: number): number {
    const { pci, kernel: kernelPort } = this.#ports;
    const pages = granted(pciBus, `give BAR ${index}`, pci.bar(device, index));
    const untyped = right(this.#answer[1]!);
    const frames = kernelPort.retype(untyped, kernel.FRAME, PAGE_SHIFT, pages);
    granted(kernel.contractOfKernel, `make frames of BAR ${index}`, frames);
    const mapped = kernelPort.map(right(frames), pages, kernel.READ_WRITE);
    granted(kernel.contractOfKernel, `map BAR ${index}`, mapped);
    return this.#answer[1]!;
  }
  /** The vector's interrupts come as `notified(token)`. @returns the right to acknowledge them. */
  bindInterrupt(device: number, vector: number, token: number): Right {
    granted(pciBus, `route vector ${vector}`, this.#ports.pci.interrupt(device, vector));
    const handler = right(this.#answer[1]!);
    granted(kernel.contractOfKernel, `bind vector ${vector}`, this.#ports.kernel.bindInterrupt(handler, token));
    return handler;
  }
  /** @returns the page at which the device reaches one frame. */
  mapForDevice(device: number, frame: Right): number {
    return granted(iommu, 'map a frame', this.#ports.iommu.map(device, frame, DEVICE_READ | DEVICE_WRITE));
  }
  /** @returns the first page at which the device reaches the region, whose frames must come side by side. */
  mapRegionForDevice(device: number, { frame, frameCount, frameSizeBits }: Region): number {
    const first = this.mapForDevice(device, frame);
    const pagesPerFrame = 2 ** (frameSizeBits - PAGE_SHIFT);
    for (let i = 1; i < frameCount; i++) {
      const page = this.mapForDevice(device, right(frame + i));
      if (page !== first + i * pagesPerFrame) throw new Error('virtio-net-driver: the pool has a hole for the device');
    }
    return first;
  }
  /** The device may reach memory and send interrupts. */
  letGo(device: number): void {
    granted(pciBus, 'start the device', this.#ports.pci.start(device));
  }
}
