/**
 * From what software has programmed to routes. A function claims its BARs, a bridge its windows; what a bridge claims
 * goes to whom on the bus below claims it, or nowhere. PCIe Base 5.0 §7.5.1.2.1 "Base Address Registers".
 */
import type { RegisterDevice } from '@bulkhead/ports';
import type { BusBridge, PciBus } from './bus.ts';
import type { PciFunction } from './function.ts';
import { intersect, type RouteTable, type Span } from './route-table.ts';

/** A bridge as far as addresses are concerned. */
export interface AddressBridge extends BusBridge {
  /** The ranges of memory (or I/O) space that it forwards to its secondary side, while it forwards at all. */
  windows(isIo: boolean): readonly Span[];
  /** Who gets what of memory (or I/O) is forwarded and nobody claims; offsets are addresses. */
  unclaimed(isIo: boolean): RegisterDevice;
}

const EVERYWHERE: readonly Span[] = [{ start: 0, end: 2 ** 53 }];

/** Adds the routes of a root bus and everything below it. */
export function collectRoutes(bus: PciBus, isIo: boolean, routes: RouteTable): void {
  collect(bus, isIo, EVERYWHERE, routes);
}

function collect(bus: PciBus, isIo: boolean, within: readonly Span[], routes: RouteTable): void {
  bus.functions.forEach((found, number) => {
    if (found === null || !found.decodes(isIo)) return;
    claim(found, isIo, within, routes);
    const bridge = bus.bridges[number] as AddressBridge | null;
    if (bridge === null) return;
    const forwarded = intersect(within, bridge.windows(isIo));
    collect(bridge.bus, isIo, forwarded, routes);
    for (const { start, end } of forwarded) routes.add(start, end, 0, bridge.unclaimed(isIo));
  });
}

function claim(found: PciFunction, isIo: boolean, within: readonly Span[], routes: RouteTable): void {
  for (const { isIo: claimsIo, enabled, address, sizeBytes, device } of found.claims) {
    if (claimsIo !== isIo || !enabled) continue;
    for (const { start, end } of intersect(within, [{ start: address, end: address + sizeBytes }]))
      routes.add(start, end, address, device);
  }
}
