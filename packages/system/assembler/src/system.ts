/** An assembled system: it runs in simulated time, and everything that happened in it can be read off. */
import type { Board } from '@bulkhead/board';
import { type Clock, type Digest, NEVER } from '@bulkhead/clock';
import type { Profile } from '@bulkhead/costs';
import type { Ledger } from '@bulkhead/ledger';
import type { LinkEnd } from '@bulkhead/link';
import { type Fault, type Kernel, Panic } from '@bulkhead/microkernel';
import type { Connection } from './connection.ts';
import type { Description } from './description.ts';
import type { Place } from './place.ts';

export interface SystemParts {
  readonly description: Description;
  readonly profile: Profile;
  readonly board: Board;
  readonly kernel: Kernel;
  readonly ledger: Ledger;
  readonly places: readonly Place[];
  readonly connections: readonly Connection[];
  readonly copies: Float64Array;
  readonly digest: Digest;
}

/** Why `runUntil` came back: the time was reached, nothing will ever happen again, or the system panicked. */
export type RunResult = 'reached' | 'dead-quiet' | 'panic';

export class System {
  readonly description: Description;
  readonly profile: Profile;
  readonly board: Board;
  readonly kernel: Kernel;
  readonly ledger: Ledger;
  readonly places: readonly Place[];
  readonly connections: readonly Connection[];
  readonly clock: Clock;
  /** How often data was copied, and how many bytes, since the system was made. */
  readonly copies: Float64Array;
  readonly #digest: Digest;

  constructor({ description, profile, board, kernel, ledger, places, connections, copies, digest }: SystemParts) {
    this.description = description;
    this.profile = profile;
    this.board = board;
    this.kernel = kernel;
    this.ledger = ledger;
    this.places = places;
    this.connections = connections;
    this.clock = board.clock;
    this.copies = copies;
    this.#digest = digest;
  }

  /** The end of the first wire that is not the NIC's. */
  get wire(): LinkEnd {
    return this.board.link.b;
  }
  /** The same of every network card, in the order of their slots. */
  get wires(): readonly LinkEnd[] {
    return this.board.links.map(({ b }) => b);
  }
  get panic(): Panic | null {
    return this.kernel.panic;
  }
  get faults(): readonly Fault[] {
    return this.kernel.faults;
  }

  /** True when `runUntil` came back with something still to do at once. */
  get isBusy(): boolean {
    return this.kernel.executive.hasReady;
  }
  /**
   * Runs until simulated time is at least `cycles`. It stops between handlers, with nobody on the stack; what was
   * begun before is ended first. Stopping and going on makes no difference to what happens.
   */
  runUntil(cycles: number): RunResult {
    if (this.panic !== null) return 'panic';
    const { executive, charge, primitives } = this.kernel;
    executive.limitCycles = cycles;
    try {
      for (;;) {
        executive.level = 0;
        executive.current = null;
        executive.settle(0);
        if (this.panic !== null) return 'panic';
        const { now, due } = this.clock;
        if (now >= cycles) return 'reached';
        if (due === NEVER && cycles === NEVER) return 'dead-quiet';
        charge.spendCycles(primitives.idle, Math.min(due, cycles) - now);
      }
    } catch (error) {
      if (error instanceof Panic) return 'panic';
      throw error;
    }
  }

  /** @returns 16 hexadecimal digits: every frame on the wire with its time, and every cell of the ledger. */
  digest(): string {
    const { counts } = this.ledger;
    const cycles = this.ledger.cycles();
    const digest = this.#digest.copy();
    for (let cell = 0; cell < cycles.length; cell++) {
      digest.number(cycles[cell]!);
      digest.number(counts[cell]!);
    }
    return digest.toString();
  }
}
