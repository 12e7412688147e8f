/**
 * Brings a function back to what it was when the power came on, by the narrowest way that it has. PCIe Base 5.0: §6.6.2
 * "Function Level Reset (FLR)"; §5.3.1.4 "D3 State", a function without No_Soft_Reset loses its state from D3hot to D0;
 * §7.5.1.3.13 "Bridge Control Register", a reset of everything behind the bridge, where nothing there is somebody else's.
 *
 * The BARs are lost and written anew. DEVIATION: software must leave the function alone for 100 ms, or 10 ms after D3hot.
 * A handler cannot wait, and a device of this machine is reset at once. One that does not answer afterwards is gone.
 */
import { has } from '@bulkhead/bits';
import { NOBODY, STATE_GONE, STATE_NOT_RESET } from '@bulkhead/pci-bus-driver-api';
import * as pci from '@bulkhead/pci-datasheet';
import { writeBar } from './bars.ts';
import { resetBehind } from './bridge.ts';
import type { BridgeTable } from './bridge-table.ts';
import * as bridgeRecord from './bridge-table.ts';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import * as record from './device-table.ts';

export class Reset {
  readonly #config: ConfigSpace;
  readonly #devices: DeviceTable;
  readonly #bridges: BridgeTable;

  constructor(config: ConfigSpace, devices: DeviceTable, bridges: BridgeTable) {
    this.#config = config;
    this.#devices = devices;
    this.#bridges = bridges;
  }

  /** Afterwards the function decodes nothing. Nobody holds a right to its BARs. */
  run(at: number): void {
    const devices = this.#devices;
    devices.unmark(at, STATE_NOT_RESET);
    if (this.#functionLevel(at) || this.#byPower(at)) this.#restore(at);
    else if (!this.#byBus(at)) devices.mark(at, STATE_NOT_RESET);
  }

  #functionLevel(at: number): boolean {
    const device = this.#devices.get(at, record.DEVICE);
    const express = this.#devices.get(at, record.EXPRESS);
    if (express === 0) return false;
    const capabilities = this.#config.read32(device, express + pci.DEVICE_CAPABILITIES);
    if (!has(capabilities, pci.DEVICE_CAPABILITIES_FUNCTION_LEVEL_RESET)) return false;
    const initiate = pci.DEVICE_CONTROL_INITIATE_FUNCTION_LEVEL_RESET.mask;
    this.#config.write16(device, express + pci.DEVICE_CONTROL, initiate);
    return true;
  }
  #byPower(at: number): boolean {
    const device = this.#devices.get(at, record.DEVICE);
    const power = this.#devices.get(at, record.POWER);
    if (power === 0) return false;
    if (has(this.#config.read16(device, power + pci.PMCSR), pci.PMCSR_NO_SOFT_RESET)) return false;
    this.#config.write16(device, power + pci.PMCSR, pci.PMCSR_POWER_STATE_D3_HOT);
    this.#config.write16(device, power + pci.PMCSR, pci.PMCSR_POWER_STATE_D0);
    return true;
  }
  /** Only where everybody behind the bridge is free, but for this one; a bus behind another bridge would lose its number. */
  #byBus(at: number): boolean {
    const devices = this.#devices;
    const bridge = devices.get(at, record.BRIDGE);
    if (bridge < 0 || this.#leadsToBridge(bridge)) return false;
    const siblings: number[] = [];
    for (let one = 0; one < devices.end; one = devices.after(one)) {
      if (devices.get(one, record.BRIDGE) !== bridge) continue;
      if (one !== at && devices.get(one, record.HOLDER) !== NOBODY) return false;
      siblings.push(one);
    }
    resetBehind(this.#config, this.#bridges.get(bridge, bridgeRecord.DEVICE));
    for (const one of siblings) this.#restore(one);
    return true;
  }
  #leadsToBridge(bridge: number): boolean {
    for (let nth = 0, at = this.#bridges.at(0); at >= 0; at = this.#bridges.at(++nth))
      if (this.#bridges.get(at, bridgeRecord.UP) === bridge) return true;
    return false;
  }

  /** What enumeration had written; who does not answer is gone. */
  #restore(at: number): void {
    const devices = this.#devices;
    const device = devices.get(at, record.DEVICE);
    if (this.#config.read32(device, pci.VENDOR_ID) !== devices.get(at, record.VENDOR_DEVICE)) {
      devices.mark(at, STATE_GONE);
      return;
    }
    devices.put(at, record.COMMAND, pci.COMMAND_INTERRUPT_DISABLE.mask);
    this.#config.write16(device, pci.COMMAND, pci.COMMAND_INTERRUPT_DISABLE.mask);
    for (let index = 0; index < pci.BAR_COUNT; index++) {
      if (devices.bar(at, record.BAR_PAGES, index) === 0) continue;
      const page = devices.bar(at, record.BAR_PAGE, index);
      if (!writeBar(this.#config, device, index, page, devices.isBar(at, record.WIDE, index)))
        devices.mark(at, STATE_GONE);
    }
  }
}
