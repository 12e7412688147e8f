/**
 * Makes the plan true: a right to each BAR's place, the bridges' windows from the root down, the BARs' addresses. What was
 * written is read back: who does not hold it is off.
 */
import { STATE_BROKEN, STATE_NO_PLACE } from '@bulkhead/pci-bus-driver-api';
import * as pci from '@bulkhead/pci-datasheet';
import { writeBar } from './bars.ts';
import { open } from './bridge.ts';
import type { BridgeTable } from './bridge-table.ts';
import * as bridgeRecord from './bridge-table.ts';
import type { Carver } from './carver.ts';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import * as record from './device-table.ts';
import { bridgesOf, devicesOf, type FoundBar, type FoundBridge, type FoundBus, type FoundDevice } from './topology.ts';

export interface AssignOptions {
  readonly config: ConfigSpace;
  readonly devices: DeviceTable;
  readonly bridges: BridgeTable;
  readonly memory: Carver;
  /** Null when the machine has no I/O space. */
  readonly io: Carver | null;
  /** Physical page of I/O address 0. */
  readonly ioPage: number;
}

export function assign(root: FoundBus, options: AssignOptions): void {
  for (const bridge of bridgesOf(root)) openBridge(bridge, options);
  const placed = devicesOf(root)
    .filter(({ isOff }) => !isOff)
    .flatMap((device) => device.bars.map((bar) => ({ device, bar })))
    .filter(({ bar }) => bar.page >= 0)
    .sort((a, b) => a.bar.page - b.bar.page);
  for (const { device, bar } of placed) if (!bar.isIo) give(device, bar, bar.page, options.memory, options.devices);
  for (const { device, bar } of placed)
    if (bar.isIo && options.io !== null) give(device, bar, bar.page + options.ioPage, options.io, options.devices);
  for (const device of devicesOf(root)) writeBars(device, options);
}

/** A bridge that does not hold its windows is closed, and everything behind it is off. */
function openBridge(bridge: FoundBridge, { config, bridges }: AssignOptions): void {
  if (bridge.behind === null) return;
  let holds = !bridge.isOff && open(config, bridge);
  for (const { index, page, isWide } of bridge.bars)
    if (holds && page >= 0) holds = writeBar(config, bridge.device, index, page, isWide);
  if (holds) {
    const command = bridges.get(bridge.record, bridgeRecord.COMMAND) | commandOf(bridge);
    bridges.put(bridge.record, bridgeRecord.COMMAND, command);
    config.write16(bridge.device, pci.COMMAND, command);
    return;
  }
  bridges.mark(bridge.record, bridge.isOff ? STATE_NO_PLACE : STATE_BROKEN);
  for (const one of [...devicesOf(bridge.behind), ...bridgesOf(bridge.behind)]) one.isOff = true;
}
const commandOf = ({ memory, prefetchable, io, bars }: FoundBridge): number =>
  (memory.sizePages + prefetchable.sizePages + bars.length > 0 ? pci.COMMAND_MEMORY_SPACE_ENABLE.mask : 0) |
  (io.sizePages > 0 ? pci.COMMAND_IO_SPACE_ENABLE.mask : 0);

function give(device: FoundDevice, bar: FoundBar, physicalPage: number, carver: Carver, table: DeviceTable): void {
  const right = carver.carve(physicalPage, bar.sizePages);
  if (right < 0) {
    bar.page = -1;
    if (!bar.isIo) device.isOff = true;
    return;
  }
  table.putBar(device.record, record.BAR_PAGES, bar.index, bar.sizePages);
  table.putBar(device.record, record.BAR_PAGE, bar.index, bar.page);
  table.putBar(device.record, record.BAR_RIGHT, bar.index, right);
}

function writeBars({ record: at, device, bars, isOff }: FoundDevice, { config, devices }: AssignOptions): void {
  if (isOff) {
    if (devices.state(at) === 0) devices.mark(at, STATE_NO_PLACE);
    return;
  }
  for (const { index, page, isWide } of bars)
    if (page >= 0 && !writeBar(config, device, index, page, isWide)) devices.mark(at, STATE_BROKEN);
}
