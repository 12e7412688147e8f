/** Frames of a domain's promised memory, made and mapped side by side. */
import { objects } from '@bulkhead/capabilities';
import type { Domain, Spaces } from '@bulkhead/microkernel';

/** A run of frames: its first right, and the page at which it is mapped. */
export interface Piece {
  readonly right: number;
  readonly page: number;
}

/** A domain's memory ran out while it was loaded. The loader catches it: no component sees it. */
export class OutOfMemory extends Error {}

/** @returns an answer that is no error. @throws OutOfMemory */
export function checked(answer: number): number {
  if (answer < 0) throw new OutOfMemory(`error ${answer}`);
  return answer;
}

/** A retype makes at most so many objects. */
const FAN_OUT = 256;

export class Frames {
  readonly #spaces: Spaces;

  constructor(spaces: Spaces) {
    this.#spaces = spaces;
  }
  /** Pieces of one run stay side by side, in slots and in memory. @throws OutOfMemory */
  make(domain: Domain, sizeBits: number, count: number, access: number): Piece {
    const right = checked(this.#spaces.freeSlots(domain, count));
    for (let done = 0; done < count; done += FAN_OUT) {
      domain.nextSlot = right + done;
      checked(this.#spaces.make(domain, objects.FRAME, sizeBits, Math.min(FAN_OUT, count - done)));
    }
    checked(this.#spaces.map(domain, right, count, access));
    return { right, page: this.#spaces.mappedPage };
  }
}
