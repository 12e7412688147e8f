/**
 * Frames of connections: the region that two components share, the queue of their casts. Both ends hold copies of the
 * rights (see Originals), and have them mapped each for itself.
 */
import { objects } from '@bulkhead/capabilities';
import type { Kernel, Life } from '@bulkhead/microkernel';
import { checked, type Piece } from './frames.ts';
import type { Originals } from './originals.ts';
import type { Place } from './place.ts';

const READ_WRITE = 6;

/** The originals of one run, and what its owner has of it. */
interface Run {
  readonly slot: number;
  readonly sizeBits: number;
  readonly count: number;
  readonly life: Life;
  readonly piece: Piece;
}

export class SharedFrames {
  readonly #kernel: Kernel;
  readonly #originals: Originals;
  readonly #runs = new Map<string, Run>();
  /** Where the other end has them. */
  readonly #shared = new Map<string, { readonly life: Life; readonly page: number }>();

  constructor(kernel: Kernel, originals: Originals) {
    this.#kernel = kernel;
    this.#originals = originals;
  }

  /** The frames of an owner, zeroed: those that it was given in this life, or new ones. @throws OutOfMemory */
  own(name: string, owner: Place, sizeBits: number, count: number): Piece {
    const known = this.#runs.get(name);
    if (known?.life === owner.life) {
      this.#clear(known);
      return known.piece;
    }
    const slot = this.#originals.make(name, owner.seat.domain, objects.FRAME, sizeBits, count);
    const piece = this.#lend(slot, count, owner, -1);
    this.#runs.set(name, { slot, sizeBits, count, life: owner.life, piece });
    return piece;
  }
  /**
   * The same frames for the other end, mapped where the last ones of this name were: a restart of the owner is not
   * noticed. @throws OutOfMemory
   */
  share(name: string, other: Place): Piece {
    const { slot, count } = this.#runs.get(name)!;
    const known = this.#shared.get(name);
    const at = known?.life === other.life && !other.seat.domain.isKernel ? known.page : -1;
    const piece = this.#lend(slot, count, other, at);
    this.#shared.set(name, { life: other.life, page: piece.page });
    return piece;
  }

  #lend(slot: number, count: number, { seat }: Place, at: number): Piece {
    const { spaces } = this.#kernel;
    const right = checked(spaces.grant(slot, seat.domain, count));
    checked(spaces.map(seat.domain, right, count, READ_WRITE, at));
    return { right, page: spaces.mappedPage };
  }
  #clear({ slot, sizeBits, count }: Run): void {
    const { capabilities, memory } = this.#kernel;
    const word = capabilities.wordOf(slot);
    memory.words.fill(0, word, word + (count * 2 ** sizeBits) / 4);
  }
}
