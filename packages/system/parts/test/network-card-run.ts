/**
 * The network card alone with its driver, in a process of its own, so that collecting garbage is exact: prints how many
 * frames went each way after the warm-up, and how many bytes were allocated meanwhile, garbage or not.
 */
import { NetworkCard } from '../bench/network-card.ts';

const [lenBytes, warmUp, measured] = process.argv.slice(2).map(Number) as [number, number, number];
const BATCH = 128;
/** Of the receive half of the packet buffer. */
const ROOM_BYTES = 20_000;
const few: number = Math.min(BATCH, Math.floor(ROOM_BYTES / lenBytes));
const card = new NetworkCard();
const frame = new Uint8Array(lenBytes);
frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5]);
const { gc } = globalThis as unknown as { readonly gc: () => void };
const heldBytes = (): number => process.memoryUsage().heapUsed + process.memoryUsage().external;
function run(frames: number): void {
  const sentUntil = card.completed + frames;
  const arrivedUntil = card.arrived + frames;
  while (card.completed < sentUntil) card.transmit(BATCH, lenBytes);
  while (card.arrived < arrivedUntil) card.receive(frame, few);
}

run(warmUp);
gc();
gc(); // what the first one found finalizable
const heldBefore = heldBytes();
const sentBefore = card.completed;
const arrivedBefore = card.arrived;
run(measured);
process.stdout.write(
  JSON.stringify({
    sent: card.completed - sentBefore,
    arrived: card.arrived - arrivedBefore,
    allocatedBytes: heldBytes() - heldBefore,
  }),
);
