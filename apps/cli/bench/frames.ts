/**
 * A frame from the wire through NIC, IOMMU and driver to the network stack, which drops it (nobody speaks its
 * EtherType) and lends the buffer again. One system a process, as for requests.
 */
import { assemble, type Description, type System } from '@bulkhead/assembler';
import { bench } from '@bulkhead/bench';

const FRAMES = 64;
/** IEEE 802-2014 §9.2.3: "local experimental". */
const ETHERTYPE = 0x88b5;
const BROADCAST_BYTES = 6;

/** Sends a burst, and runs until all of it is delivered and the machine is idle. */
function burst(system: System, lenBytes: number): () => number {
  const { clock, wire, board } = system;
  const frame = new Uint8Array(lenBytes).fill(0xff, 0, BROADCAST_BYTES);
  frame[12] = ETHERTYPE >>> 8;
  frame[13] = ETHERTYPE & 0xff;
  const nsOnWire = (lenBytes + 24) * 8;
  const cycles = clock.cyclesOf(FRAMES * nsOnWire + 1_000_000);
  return () => {
    const before = board.nic.statistics.framesReceived;
    for (let i = 0; i < FRAMES; i++) wire.transmit(frame, lenBytes);
    system.runUntil(clock.now + cycles);
    if (board.nic.statistics.framesReceived - before !== FRAMES) throw new Error('frames were lost');
    return before;
  };
}

export function benchFrames(description: Description): void {
  const system = assemble(description);
  system.runUntil(system.clock.cyclesOf(20_000_000));
  for (const lenBytes of [60, 1514]) {
    const run = burst(system, lenBytes);
    bench(`frame of ${lenBytes} bytes, wire to stack, ${description.name}`, run, { per: FRAMES, bytes: lenBytes });
  }
}
