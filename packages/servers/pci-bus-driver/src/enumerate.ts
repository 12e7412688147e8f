/**
 * Finds the functions of every bus, depth first, and what each has. Leaves every function with decoding, bus mastering
 * and expansion ROM off and its BARs at 0, and every bridge with its bus numbers and no window.
 *
 * All bridges of a bus are closed before the first is followed: what a former system left in one must not answer for
 * a bus behind another. A bus number is given once, counting up; a bridge for which none is left stays closed and is
 * remembered as such. Work is bounded by the numbers of buses and records, whatever configuration space answers.
 */
import { get, has } from '@bulkhead/bits';
import { NOBODY, STATE_BRIDGE, STATE_BROKEN, STATE_NO_BUS } from '@bulkhead/pci-bus-driver-api';
import * as pci from '@bulkhead/pci-datasheet';
import { findBars } from './bars.ts';
import { close, descend, number } from './bridge.ts';
import type { BridgeTable } from './bridge-table.ts';
import * as bridgeRecord from './bridge-table.ts';
import { describeCapabilities } from './capabilities.ts';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import * as record from './device-table.ts';
import type { FoundBar, FoundBridge, FoundBus, FoundDevice } from './topology.ts';

const BRIDGE_BAR_COUNT = 2;
const BUS_SHIFT = 8;

export interface EnumerationOptions {
  readonly config: ConfigSpace;
  readonly devices: DeviceTable;
  readonly bridges: BridgeTable;
  /** How many buses configuration space shows. */
  readonly busCount: number;
  /** Runs for each function, before it is touched. */
  readonly found: () => void;
}

export function enumerate(options: EnumerationOptions): FoundBus {
  return new Enumeration(options).scan(0, bridgeRecord.NO_BRIDGE);
}

class Enumeration {
  readonly #options: EnumerationOptions;
  #lastBus = 0;

  constructor(options: EnumerationOptions) {
    this.#options = options;
  }

  /** @param up the record of the bridge that leads here. */
  scan(bus: number, up: number): FoundBus {
    const { config, found } = this.#options;
    const here: FoundBus = { devices: [], bridges: [] };
    for (const device of functionsOn(config, bus)) {
      found();
      config.write16(device, pci.COMMAND, pci.COMMAND_INTERRUPT_DISABLE.mask);
      const layout = get(config.read8(device, pci.HEADER_TYPE), pci.HEADER_TYPE_LAYOUT);
      if (layout === pci.HEADER_TYPE_0) push(here.devices, this.#device(device, up));
      else if (layout === pci.HEADER_TYPE_1) push(here.bridges, this.#bridge(device, up));
    }
    for (const bridge of here.bridges) this.#follow(bus, bridge);
    return here;
  }

  #device(device: number, up: number): FoundDevice | null {
    const { config, devices } = this.#options;
    config.write32(device, pci.EXPANSION_ROM_BASE_ADDRESS, 0);
    const at = devices.add();
    if (at < 0) return null;
    const bars = findBars(config, device, pci.BAR_COUNT);
    devices.put(at, record.DEVICE, device);
    devices.put(at, record.VENDOR_DEVICE, config.read32(device, pci.VENDOR_ID));
    devices.put(at, record.HOLDER, NOBODY);
    devices.put(at, record.COMMAND, pci.COMMAND_INTERRUPT_DISABLE.mask);
    devices.put(at, record.BRIDGE, up);
    devices.put(at, record.BAR_KINDS, kindsOf(bars));
    describeCapabilities(config, devices, at, bars);
    return { record: at, device, bars, isOff: (devices.state(at) & STATE_BROKEN) !== 0 };
  }

  #bridge(device: number, up: number): FoundBridge | null {
    const { config, bridges } = this.#options;
    const { hasPrefetchable, isWide, hasIo } = close(config, device);
    const at = bridges.add();
    if (at < 0) return null;
    bridges.put(at, bridgeRecord.DEVICE, device);
    bridges.put(at, bridgeRecord.VENDOR_DEVICE, config.read32(device, pci.VENDOR_ID));
    bridges.put(at, bridgeRecord.STATE, STATE_BRIDGE);
    bridges.put(at, bridgeRecord.UP, up);
    bridges.put(at, bridgeRecord.COMMAND, pci.COMMAND_INTERRUPT_DISABLE.mask);
    return {
      record: at,
      device,
      bars: findBars(config, device, BRIDGE_BAR_COUNT),
      isOff: false,
      behind: null,
      hasPrefetchable,
      isPrefetchableWide: isWide,
      hasIo,
      memory: { page: 0, sizePages: 0 },
      prefetchable: { page: 0, sizePages: 0 },
      io: { page: 0, sizePages: 0 },
    };
  }

  /** Gives the bus behind a bridge its number, and goes there. */
  #follow(primary: number, bridge: FoundBridge): void {
    const { config, bridges, busCount } = this.#options;
    const secondary = this.#lastBus + 1;
    if (secondary >= busCount) {
      bridges.mark(bridge.record, STATE_NO_BUS);
    } else if (!descend(config, bridge.device, primary, secondary)) {
      this.#giveUp(bridge);
    } else {
      this.#lastBus = secondary;
      bridges.put(bridge.record, bridgeRecord.SECONDARY, secondary);
      bridge.behind = this.scan(secondary, bridge.record);
      if (!number(config, bridge.device, primary, secondary, this.#lastBus)) this.#giveUp(bridge);
    }
  }
  /** It does not hold what is written: where it leads is not known. */
  #giveUp(bridge: FoundBridge): void {
    const { config, bridges } = this.#options;
    close(config, bridge.device);
    bridges.mark(bridge.record, STATE_BROKEN);
    bridge.isOff = true;
  }
}

/** §7.5.1.1.1 "Vendor ID Register", §7.5.1.1.9 "Header Type Register": function 0 says whether there are others. */
function* functionsOn(config: ConfigSpace, bus: number): Generator<number> {
  for (let slot = 0; slot < pci.DEVICES_PER_BUS; slot++) {
    const first = (bus << BUS_SHIFT) + slot * pci.FUNCTIONS_PER_DEVICE;
    if (isAbsent(config, first)) continue;
    const isMulti = has(config.read8(first, pci.HEADER_TYPE), pci.HEADER_TYPE_MULTI_FUNCTION);
    const functionCount = isMulti ? pci.FUNCTIONS_PER_DEVICE : 1;
    for (let device = first; device < first + functionCount; device++) if (!isAbsent(config, device)) yield device;
  }
}
const isAbsent = (config: ConfigSpace, device: number): boolean =>
  config.read16(device, pci.VENDOR_ID) === pci.VENDOR_ID_ABSENT;

function kindsOf(bars: readonly FoundBar[]): number {
  let kinds = 0;
  for (const { index, isWide, isIo, isPrefetchable } of bars) {
    if (isWide) kinds |= 1 << (record.WIDE + index);
    if (isIo) kinds |= 1 << (record.IO + index);
    if (isPrefetchable) kinds |= 1 << (record.PREFETCHABLE + index);
  }
  return kinds;
}
function push<T>(list: T[], one: T | null): void {
  if (one !== null) list.push(one);
}
