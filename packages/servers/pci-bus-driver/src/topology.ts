/**
 * What enumeration found, as a tree, for as long as places are given: a bus, what stands on it, and the buses behind its
 * bridges. What outlives the start is written into the tables.
 */

/** `page` is -1 until the BAR has its place, and stays so when it has none. */
export interface FoundBar {
  readonly index: number;
  /** A power of two: a BAR below a page takes a whole one, so that a right to it reaches no other's registers. */
  readonly sizePages: number;
  readonly isIo: boolean;
  readonly isWide: boolean;
  readonly isPrefetchable: boolean;
  isOff: boolean;
  page: number;
}
/** Pages from `page` on that a bridge forwards; `sizePages` 0 forwards none. */
export interface FoundWindow {
  page: number;
  sizePages: number;
}
export interface FoundDevice {
  /** Its record in the table of devices. */
  readonly record: number;
  readonly device: number;
  readonly bars: readonly FoundBar[];
  isOff: boolean;
}
export interface FoundBridge {
  /** Its record in the table of bridges. */
  readonly record: number;
  readonly device: number;
  readonly bars: readonly FoundBar[];
  isOff: boolean;
  /** Null while it is closed. */
  behind: FoundBus | null;
  readonly hasPrefetchable: boolean;
  readonly isPrefetchableWide: boolean;
  readonly hasIo: boolean;
  readonly memory: FoundWindow;
  readonly prefetchable: FoundWindow;
  readonly io: FoundWindow;
}
export interface FoundBus {
  readonly devices: FoundDevice[];
  readonly bridges: FoundBridge[];
}

export type FoundFunction = FoundDevice | FoundBridge;

/** Everything on a bus and behind it, bridges before what is behind them. */
export function functionsOf(bus: FoundBus): FoundFunction[] {
  return [
    ...bus.devices,
    ...bus.bridges.flatMap((bridge) => [bridge, ...(bridge.behind === null ? [] : functionsOf(bridge.behind))]),
  ];
}
/** Every bridge on a bus and behind it, from the root down. */
export function bridgesOf(bus: FoundBus): FoundBridge[] {
  return bus.bridges.flatMap((bridge) => [bridge, ...(bridge.behind === null ? [] : bridgesOf(bridge.behind))]);
}
/** Every device on a bus and behind it. */
export function devicesOf(bus: FoundBus): FoundDevice[] {
  return [...bus.devices, ...bus.bridges.flatMap(({ behind }) => (behind === null ? [] : devicesOf(behind)))];
}
