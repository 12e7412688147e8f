/** What a hostile driver has its network card do, whichever card it is. */
import type { Description } from '@bulkhead/assembler';
import { type ComponentDefinition, kindOf } from '@bulkhead/runtime';
import { intel82574 } from './intel-82574.ts';
import type { Hands, Turncoat } from './turncoat.ts';
import { virtioNet } from './virtio-net.ts';

export { write } from './intel-82574.ts';

const FRAME_BYTES = 60;
const ADDRESS_BYTES = 6;
const FLIGHT_NS = 100_000;

/** A card, and how its own driver uses it. */
export interface Card {
  /** The kind of component that drives it. */
  readonly driver: string;
  /** The driver's region where descriptors and rings stand. */
  readonly region: string;
  /** The page of that region of which the device reads nothing while the driver sends nothing. */
  readonly idlePage: number;
  /** How much of a frame's beginning does not go where `receiveAt` says. */
  readonly keptBytes: number;
  /** The device receives the next frames, whomever they are for, at these addresses. */
  readonly receiveAt: (hands: Hands, addresses: readonly number[]) => void;
}
const CARDS: readonly Card[] = [intel82574, virtioNet];

/** The system's driver of the first network card, and the card. @throws TypeError when there is none that is known here. */
export function driverOf({ components, name }: Description): readonly [ComponentDefinition, Card] {
  for (const component of components) {
    const card = CARDS.find(({ driver }) => driver === kindOf(component));
    if (card !== undefined) return [component, card];
  }
  const kinds = CARDS.map(({ driver }) => driver).join(' or ');
  throw new TypeError(`attacks: '${name}' has no driver of a network card that could turn: add ${kinds}`);
}

export function receiveAt(hands: Hands, addresses: readonly number[]): void {
  hands.card.receiveAt(hands, addresses);
}

/** What the device writes of each frame begins with this word. */
export function sendFrames(turncoat: Turncoat, words: readonly number[]): void {
  const wire = turncoat.system.wires[0]!;
  const { keptBytes } = turncoat.card;
  for (const word of words) {
    const frame = new Uint8Array(FRAME_BYTES);
    // For everybody, where the card passes no others.
    if (keptBytes > 0) frame.fill(0xff, 0, ADDRESS_BYTES);
    new DataView(frame.buffer).setInt32(keptBytes, word, true);
    wire.transmit(frame, FRAME_BYTES);
    turncoat.run(FLIGHT_NS);
  }
}
