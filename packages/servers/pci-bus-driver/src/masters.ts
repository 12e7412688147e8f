/**
 * The Command registers: who decodes, and who may reach memory. PCIe Base 5.0 §7.5.1.1.3 "Command Register"; for a bridge,
 * Bus Master Enable is whether it forwards what devices behind it ask of memory.
 *
 * They are written from the records, never from what was read: a device that is gone reads all ones.
 */
import * as pci from '@bulkhead/pci-datasheet';
import type { BridgeTable } from './bridge-table.ts';
import * as bridgeRecord from './bridge-table.ts';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import * as record from './device-table.ts';

const BUS_MASTER: number = pci.COMMAND_BUS_MASTER_ENABLE.mask;

export class Masters {
  readonly #config: ConfigSpace;
  readonly #devices: DeviceTable;
  readonly #bridges: BridgeTable;

  constructor(config: ConfigSpace, devices: DeviceTable, bridges: BridgeTable) {
    this.#config = config;
    this.#devices = devices;
    this.#bridges = bridges;
  }

  /** The device's BARs that have a place, and no others, answer from now on, or no more. */
  decode(at: number, isOn: boolean): void {
    const enables = pci.COMMAND_MEMORY_SPACE_ENABLE.mask | (this.#hasIo(at) ? pci.COMMAND_IO_SPACE_ENABLE.mask : 0);
    const command = this.#devices.get(at, record.COMMAND);
    this.#command(at, isOn ? command | enables : command & ~enables);
  }
  /** The bridges first, from the root down, then the device. */
  start(at: number): void {
    const command = this.#devices.get(at, record.COMMAND);
    if ((command & BUS_MASTER) !== 0) return;
    this.#count(this.#devices.get(at, record.BRIDGE), 1);
    this.#command(at, command | BUS_MASTER);
  }
  /**
   * The device first. What it sent has arrived when this returns: the answer to a read of it comes after what was sent
   * before. PCIe Base 5.0 §2.4.1 "Transaction Ordering Rules".
   */
  stop(at: number): void {
    const command = this.#devices.get(at, record.COMMAND);
    this.#command(at, command & ~BUS_MASTER);
    this.#config.read16(this.#devices.get(at, record.DEVICE), pci.COMMAND);
    if ((command & BUS_MASTER) !== 0) this.#count(this.#devices.get(at, record.BRIDGE), -1);
  }

  #hasIo(at: number): boolean {
    for (let index = 0; index < pci.BAR_COUNT; index++)
      if (this.#devices.isBar(at, record.IO, index) && this.#devices.bar(at, record.BAR_PAGES, index) > 0) return true;
    return false;
  }
  #command(at: number, command: number): void {
    this.#devices.put(at, record.COMMAND, command);
    this.#config.write16(this.#devices.get(at, record.DEVICE), pci.COMMAND, command);
  }
  /** A bridge is a master while a device behind it is. */
  #count(bridge: number, change: number): void {
    if (bridge < 0) return;
    const bridges = this.#bridges;
    if (change > 0) this.#count(bridges.get(bridge, bridgeRecord.UP), change);
    const started = bridges.get(bridge, bridgeRecord.STARTED) + change;
    bridges.put(bridge, bridgeRecord.STARTED, started);
    const command = bridges.get(bridge, bridgeRecord.COMMAND) & ~BUS_MASTER;
    const wanted = command | (started > 0 ? BUS_MASTER : 0);
    bridges.put(bridge, bridgeRecord.COMMAND, wanted);
    this.#config.write16(bridges.get(bridge, bridgeRecord.DEVICE), pci.COMMAND, wanted);
    if (change < 0) this.#count(bridges.get(bridge, bridgeRecord.UP), change);
  }
}
