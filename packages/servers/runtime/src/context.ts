/** What a component is given when it is made. It knows nothing else: no machine, no kernel, no system. */
import type { Right } from '@bulkhead/abi';
import type { MemoryPort } from './memory-port.ts';
import type { Window } from './window.ts';

/** A piece of memory that the component's system gave it, private or shared with the other end of a port. */
export interface Region {
  readonly window: Window;
  /** The frame that backs it, to pass on; further frames follow it in the capability space. */
  readonly frame: Right;
  readonly frameCount: number;
  /** 12 for frames of 4 KiB, 21 for frames of 2 MiB. */
  readonly frameSizeBits: number;
}

/** Charges pieces of the component's own logic, by the names that its definition lists. */
export interface Work {
  /** @returns the piece's number, to be asked for once at construction. */
  id(name: string): number;
  /** Charges one piece. What is due may run before this returns; a component that is over does not return. */
  spend(id: number): void;
  spendMany(id: number, count: number): void;
}

export interface Context<Config = unknown> {
  /** The component's identity in its system: what others see as `from`. */
  readonly self: number;
  readonly memory: MemoryPort;
  /** Private memory, zero at start, of the size that the definition asks for. */
  readonly heap: Window;
  readonly work: Work;
  /** Words beside a result: a server fills `answer[1…]` before it returns, a client reads them after a call. */
  readonly answer: Int32Array;
  readonly config: Config;
  /** Initial authority, by the names that the definition lists under `rights`. */
  right(name: string): Right;
  /** A private region, by the name that the definition lists under `regions`. */
  region(name: string): Region;
  /** The region shared on a port; on a port that serves many, with the client whose identity is `peer`. */
  shared(port: string, peer?: number): Region;
  /** Microseconds of simulated time, modulo 2^32, signed: compare by `(a - b) | 0`. Reading it is free. */
  nowUs(): number;
}
