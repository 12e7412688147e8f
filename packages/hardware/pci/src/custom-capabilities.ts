/** Capabilities that the device describes, and whom to tell when software reads or writes one. */
import { CONFIGURATION_SPACE_SIZE_BYTES } from '@bulkhead/pci-datasheet';
import type { WidthBytes } from '@bulkhead/ports';
import type { CapabilityList, CapabilityOptions, ExtendedCapabilityList } from './capability-list.ts';

interface Placed {
  readonly start: number;
  readonly options: CapabilityOptions;
}

export class CustomCapabilities {
  readonly #placed: Placed[] = [];

  constructor(list: CapabilityList, capabilities: readonly CapabilityOptions[]) {
    for (const options of capabilities) this.#remember(list.addCustom(options), options);
  }
  extend(list: ExtendedCapabilityList, capabilities: readonly CapabilityOptions[]): void {
    for (const options of capabilities) this.#remember(list.addCustom(options), options);
  }

  reading(at: number, widthBytes: WidthBytes): void {
    for (const { start, options } of this.#placed) {
      const offset = (at & (CONFIGURATION_SPACE_SIZE_BYTES - 1)) - start;
      if (offset >= 0 && offset < options.sizeBytes) options.onRead?.(offset, widthBytes);
    }
  }
  written(at: number, widthBytes: WidthBytes): void {
    for (const { start, options } of this.#placed) {
      const offset = (at & (CONFIGURATION_SPACE_SIZE_BYTES - 1)) - start;
      if (offset >= 0 && offset < options.sizeBytes) options.onWrite?.(offset, widthBytes);
    }
  }

  #remember(start: number, options: CapabilityOptions): void {
    if (options.onRead !== undefined || options.onWrite !== undefined) this.#placed.push({ start, options });
  }
}
