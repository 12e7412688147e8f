/**
 * What a driver asks of others at its start, in the order in which they can give it: a device that it may have, what its
 * configuration space says, its registers, its interrupts, and for the device the memory that it may reach. Whatever is
 * refused ends the driver, and its supervisor sees why.
 */
import { type ClientPort, type Contract, kernel, type Right, refusalName, right } from '@bulkhead/abi';
import { DEVICE_READ, DEVICE_WRITE, iommu } from '@bulkhead/iommu-driver-api';
import { HELD_BY_ANOTHER, pciBus } from '@bulkhead/pci-bus-driver-api';
import type { Region } from '@bulkhead/runtime';

const PAGE_SHIFT = 12;

export interface ClaimPorts {
  readonly pci: ClientPort<typeof pciBus>;
  readonly iommu: ClientPort<typeof iommu>;
  readonly kernel: ClientPort<typeof kernel.contractOfKernel>;
}
export interface ClaimOptions {
  /** Who asks, as the reason of its end says. */
  readonly driver: string;
  readonly ports: ClaimPorts;
  /** Of the driver's context: where further words of an answer stand. */
  readonly answer: Int32Array;
}

/** @returns the first device of this kind that nobody else holds; it is ours now. @throws when there is none. */
export function claimDevice(options: ClaimOptions, vendorDevice: number): DeviceClaim {
  const { driver, ports } = options;
  for (let nth = 0; ; nth++) {
    const device = granted(driver, pciBus, 'find a free device', ports.pci.find(vendorDevice, nth));
    const claimed = ports.pci.claim(device);
    if (claimed === HELD_BY_ANOTHER) continue;
    granted(driver, pciBus, 'give the device', claimed);
    return new DeviceClaim(options, device);
  }
}

/** A device that is held. @throws, from each method, when what it asks is refused. */
export class DeviceClaim {
  readonly #driver: string;
  readonly #ports: ClaimPorts;
  readonly #answer: Int32Array;
  readonly #device: number;

  /** @param device its requester ID. */
  constructor({ driver, ports, answer }: ClaimOptions, device: number) {
    this.#driver = driver;
    this.#ports = ports;
    this.#answer = answer;
    this.#device = device;
  }

  /** @returns the dword of the device's configuration space, signed. */
  config(offset: number): number {
    this.#granted(pciBus, 'read configuration space', this.#ports.pci.config(this.#device, offset));
    return this.#answer[1]!;
  }
  /** @returns the page at which a BAR of the device stands. */
  mapBar(index: number): number {
    const { pci, kernel: kernelPort } = this.#ports;
    const pages = this.#granted(pciBus, `give BAR ${index}`, pci.bar(this.#device, index));
    const untyped = right(this.#answer[1]!);
    const frames = kernelPort.retype(untyped, kernel.FRAME, PAGE_SHIFT, pages);
    this.#granted(kernel.contractOfKernel, `make frames of BAR ${index}`, frames);
    const mapped = kernelPort.map(right(frames), pages, kernel.READ_WRITE);
    this.#granted(kernel.contractOfKernel, `map BAR ${index}`, mapped);
    return this.#answer[1]!;
  }
  /** The vector's interrupts come as `notified(token)`. @returns the right to acknowledge them. */
  bindInterrupt(vector: number, token: number): Right {
    this.#granted(pciBus, `route vector ${vector}`, this.#ports.pci.interrupt(this.#device, vector));
    const handler = right(this.#answer[1]!);
    this.#granted(kernel.contractOfKernel, `bind vector ${vector}`, this.#ports.kernel.bindInterrupt(handler, token));
    return handler;
  }
  /** @returns the page at which the device reaches one frame. */
  mapFrame(frame: Right): number {
    return this.#granted(iommu, 'map a frame', this.#ports.iommu.map(this.#device, frame, DEVICE_READ | DEVICE_WRITE));
  }
  /** @returns the first page at which the device reaches the region, whose frames must come side by side. */
  mapRegion({ frame, frameCount, frameSizeBits }: Region): number {
    const first = this.mapFrame(frame);
    const pagesPerFrame = 2 ** (frameSizeBits - PAGE_SHIFT);
    for (let i = 1; i < frameCount; i++) {
      const page = this.mapFrame(right(frame + i));
      if (page !== first + i * pagesPerFrame) throw new Error(`${this.#driver}: the region has a hole for the device`);
    }
    return first;
  }
  /** The device may reach memory and send interrupts. */
  start(): void {
    this.#granted(pciBus, 'start the device', this.#ports.pci.start(this.#device));
  }

  #granted(contract: Contract, what: string, result: number): number {
    return granted(this.#driver, contract, what, result);
  }
}

function granted(driver: string, contract: Contract, what: string, result: number): number {
  if (result < 0) throw new Error(`${driver}: ${contract.name} refuses to ${what}: ${refusalName(contract, result)}`);
  return result;
}
