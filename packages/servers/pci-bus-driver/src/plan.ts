/**
 * Gives every BAR its place and every bridge its windows: sizes from the leaves up, places from the root down.
 * PCIe Base 5.0 §7.5.1.3.8 to §7.5.1.3.10: a bridge forwards one range of memory below 4 GiB, one of prefetchable memory,
 * which may be above, and one of I/O; §7.5.1.2.1: what is behind it must stand inside.
 *
 * Who does not fit: a device that would not fit if it were alone is off, whoever else there is. Then, as long as not all
 * fit, the device that asks for most is off, of equals the one with the highest requester ID: a greedy one costs nobody but
 * itself, and the fewest are off. An I/O BAR that finds no place is off alone: its device has its memory BARs.
 */
import { IO_WINDOW_GRANULE_BYTES, MEMORY_WINDOW_GRANULE_BYTES } from '@bulkhead/pci-datasheet';
import { invariant } from '@bulkhead/result';
import { type Piece, pack, roundUp } from './pack.ts';
import { type FoundBar, type FoundBus, type FoundFunction, type FoundWindow, functionsOf } from './topology.ts';

const PAGE_SIZE_BYTES = 4096;
const MEMORY_GRANULE_PAGES: number = MEMORY_WINDOW_GRANULE_BYTES / PAGE_SIZE_BYTES;
const IO_GRANULE_PAGES: number = IO_WINDOW_GRANULE_BYTES / PAGE_SIZE_BYTES;

/** A range of addresses of the root, in pages. */
export interface RootWindow {
  readonly firstPage: number;
  readonly endPage: number;
}

/** A BAR, or a bridge's window around pieces whose places are relative to its own. */
interface Need extends Piece {
  readonly inner: readonly Need[];
  readonly bar: FoundBar | null;
  readonly window: FoundWindow | null;
  readonly of: FoundFunction;
}
interface Needs {
  readonly memory: Need[];
  readonly prefetchable: Need[];
  readonly io: Need[];
}

/** Fills in the places; marks as off what has none, and what stands behind a bridge that is off. */
export function plan(root: FoundBus, memory: RootWindow, io: RootWindow): void {
  const all = functionsOf(root);
  for (const one of all) one.isOff ||= one.bars.length > 0 && !fitsAlone(root, one, memory);
  settle(packed(root, 'memory', memory, dropAll));
  settle(packed(root, 'io', io, dropIo));
  switchOff(root, false);
}

function dropAll(one: FoundFunction): void {
  one.isOff = true;
}
function dropIo({ bars }: FoundFunction): void {
  for (const bar of bars) if (bar.isIo) bar.isOff = true;
}

/** @param drop takes what a function asks for out of the needs. @returns the needs when all of them have a place. */
function packed(root: FoundBus, kind: 'memory' | 'io', window: RootWindow, drop: (one: FoundFunction) => void): Need[] {
  for (;;) {
    const needs = gather(root, false, null)[kind];
    if (pack(needs, window.firstPage, window.endPage).length === 0) return needs;
    const greediest = greediestOf(needs);
    invariant(greediest !== null, 'needs of nobody fit');
    drop(greediest);
  }
}
/** @returns who asks for most; of equals the one with the highest requester ID. */
function greediestOf(needs: readonly Need[]): FoundFunction | null {
  const asked = new Map<FoundFunction, number>();
  for (const { of, sizePages } of barsIn(needs)) asked.set(of, (asked.get(of) ?? 0) + sizePages);
  let most: FoundFunction | null = null;
  for (const [one, pages] of asked) {
    const before = most === null ? -1 : asked.get(most)!;
    if (pages > before || (pages === before && one.device > most!.device)) most = one;
  }
  return most;
}
const barsIn = (needs: readonly Need[]): Need[] =>
  needs.flatMap((need) => (need.bar === null ? barsIn(need.inner) : [need]));

/** From places within windows to places. */
function settle(needs: readonly Need[], basePage = 0): void {
  for (const { page, sizePages, bar, window, inner } of needs) {
    if (bar !== null) bar.page = basePage + page;
    if (window !== null) Object.assign(window, { page: basePage + page, sizePages });
    settle(inner, basePage + page);
  }
}
function switchOff(bus: FoundBus, isOff: boolean): void {
  for (const device of bus.devices) device.isOff ||= isOff;
  for (const bridge of bus.bridges) {
    bridge.isOff ||= isOff;
    if (bridge.behind !== null) switchOff(bridge.behind, bridge.isOff);
  }
}

function fitsAlone(root: FoundBus, only: FoundFunction, { firstPage, endPage }: RootWindow): boolean {
  return pack(gather(root, false, only).memory, firstPage, endPage).length === 0;
}

/** @param hasPrefetchable the bridge above forwards prefetchable memory apart from other. */
function gather(bus: FoundBus, hasPrefetchable: boolean, only: FoundFunction | null): Needs {
  const needs: Needs = { memory: [], prefetchable: [], io: [] };
  const apart = hasPrefetchable ? needs.prefetchable : needs.memory;
  for (const one of [...bus.devices, ...bus.bridges]) {
    if (one.isOff || (only !== null && one !== only)) continue;
    for (const bar of one.bars)
      if (!bar.isOff) (bar.isIo ? needs.io : bar.isPrefetchable ? apart : needs.memory).push(needOfBar(one, bar));
  }
  for (const bridge of bus.bridges) {
    if (bridge.isOff || bridge.behind === null) continue;
    const inner = gather(bridge.behind, bridge.hasPrefetchable, only);
    const wide = bridge.isPrefetchableWide;
    pushWindow(needs.memory, needOfWindow(bridge, bridge.memory, inner.memory, MEMORY_GRANULE_PAGES, true));
    pushWindow(apart, needOfWindow(bridge, bridge.prefetchable, inner.prefetchable, MEMORY_GRANULE_PAGES, !wide));
    if (bridge.hasIo) pushWindow(needs.io, needOfWindow(bridge, bridge.io, inner.io, IO_GRANULE_PAGES, true));
  }
  return needs;
}
function pushWindow(needs: Need[], window: Need): void {
  if (window.inner.length > 0) needs.push(window);
}

const needOfBar = (of: FoundFunction, bar: FoundBar): Need => ({
  sizePages: bar.sizePages,
  alignPages: bar.sizePages,
  isLow: !bar.isWide,
  page: -1,
  inner: [],
  bar,
  window: null,
  of,
});
/** Sized to what is inside, which is placed from 0 on: the alignment keeps it right wherever the window comes to stand. */
function needOfWindow(of: FoundFunction, window: FoundWindow, inner: Need[], granule: number, isLow: boolean): Need {
  pack(inner, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  const endPage = inner.reduce((end, { page, sizePages }) => Math.max(end, page + sizePages), 0);
  return {
    sizePages: roundUp(endPage, granule),
    alignPages: inner.reduce((align, { alignPages }) => Math.max(align, alignPages), granule),
    isLow: isLow || inner.some((need) => need.isLow),
    page: -1,
    inner,
    bar: null,
    window,
    of,
  };
}
