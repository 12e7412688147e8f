/**
 * The network card alone with its driver, in a process of its own, so that what is allocated is exact: prints how many
 * bytes a frame it was, garbage or not, in each of some stretches of frames, each way, before and after the time passes
 * 2^31 cycles.
 */
import type { CardName } from '../bench/card-models.ts';
import { NetworkCard } from '../bench/network-card.ts';

export interface Run {
  readonly name: CardName;
  readonly lenBytes: number;
  /** How many frames go each way before it counts. */
  readonly warmUpFrames: number;
  readonly stretchFrames: number;
  readonly stretches: number;
}
/** Bytes a frame, of each stretch, and the time at the end of all. */
export interface Allocated {
  readonly sent: readonly number[];
  readonly received: readonly number[];
  readonly endCycles: number;
}

const BATCH = 128;
/** Of the receive half of the packet buffer. */
const ROOM_BYTES = 20_000;
/**
 * Slow, so that the time stays below 2^31 cycles for long; and neither a byte on the bus nor one on the wire takes whole
 * cycles, for what is not whole must not be boxed either.
 */
const CYCLES_PER_SECOND = 240_000_000;
const FAR_CYCLES: number = 2 ** 42;
const run = JSON.parse(process.argv[2]!) as Run;
const { name, lenBytes, warmUpFrames, stretchFrames } = run;
const few: number = Math.min(BATCH, Math.floor(ROOM_BYTES / lenBytes));
const card = new NetworkCard({ name, cyclesPerSecond: CYCLES_PER_SECOND });
const frame = new Uint8Array(lenBytes);
frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5]);
const { gc } = globalThis as unknown as { readonly gc: () => void };
const heldBytes = (): number => process.memoryUsage().heapUsed + process.memoryUsage().external;

/** @returns how many frames were sent: `frames`, up to whole batches. */
function send(frames: number): number {
  const from = card.completed;
  while (card.completed < from + frames) card.transmit(BATCH, lenBytes);
  return card.completed - from;
}
function receive(frames: number): number {
  const from = card.arrived;
  while (card.arrived < from + frames) card.receive(frame, few);
  return card.arrived - from;
}
function bytesAFrame(move: (frames: number) => number): number {
  gc();
  gc(); // what the first one found finalizable
  const before = heldBytes();
  const frames = move(stretchFrames);
  return (heldBytes() - before) / frames;
}
function measure(): Allocated {
  send(warmUpFrames);
  receive(warmUpFrames);
  const stretches = (move: (frames: number) => number): readonly number[] =>
    Array.from({ length: run.stretches }, () => bytesAFrame(move));
  return { sent: stretches(send), received: stretches(receive), endCycles: card.nowCycles };
}

const before: Allocated = measure();
card.idle(FAR_CYCLES);
const after: Allocated = measure();
process.stdout.write(JSON.stringify({ before, after }));
