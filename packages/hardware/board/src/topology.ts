/** How the network cards hang from the root complex: directly, or behind bridges that software has yet to number and open. */
import { createPciBridge, createRootPort, type PciBus, type RootComplex, type Slot } from '@bulkhead/pci';
import { unreachable } from '@bulkhead/result';

export const TOPOLOGIES = ['flat', 'root-ports', 'bridge', 'nested'] as const;
/**
 * `flat`: on bus 0, in slots 1, 2, … `root-ports`: each on the link of a root port of its own, and these in slots 1, 2, …
 * `bridge`: in slots 1, 2, … behind one conventional bridge in slot 1. `nested`: the same behind a second bridge, which
 * stands in slot 2 behind the first.
 */
export type Topology = (typeof TOPOLOGIES)[number];

const FIRST = 1;
const NESTED = 2;

/** @returns where the card of an index is to be plugged in; bridges are plugged in at once. */
export function placesOn(pci: RootComplex, topology: Topology): (index: number) => { bus: PciBus; slot: Slot } {
  switch (topology) {
    case 'flat':
      return (index) => ({ bus: pci.bus, slot: slot(FIRST + index) });
    case 'root-ports':
      return (index) => {
        const port = createRootPort();
        pci.attachBridge(port, slot(FIRST + index));
        return { bus: port.bus, slot: slot(0) };
      };
    case 'bridge':
    case 'nested': {
      const bus = topology === 'bridge' ? bridgeOn(pci.bus, FIRST) : bridgeOn(bridgeOn(pci.bus, FIRST), NESTED);
      return (index) => ({ bus, slot: slot(FIRST + index) });
    }
    default:
      return unreachable(topology);
  }
}

function bridgeOn(bus: PciBus, device: number): PciBus {
  const bridge = createPciBridge();
  bus.attachBridge(bridge, slot(device));
  return bridge.bus;
}
const slot = (device: number): Slot => ({ device, function: 0 });
