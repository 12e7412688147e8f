/** The context of one life of a component: the only things of its system that it ever sees. */
import { type Right, right } from '@bulkhead/abi';
import type { Clock } from '@bulkhead/clock';
import type { Charge } from '@bulkhead/ledger';
import type { Life } from '@bulkhead/microkernel';
import { invariant } from '@bulkhead/result';
import type { Context, MemoryPort, Region, Window, Work } from '@bulkhead/runtime';

/**
 * Work that ends with the life that does it. What is not a piece of the component's own work, or not so many of it, is
 * the component's exception: time goes forward, in whole cycles, and is booked to who spends it.
 */
export class LifeWork implements Work {
  readonly #charge: Charge;
  readonly #life: Life;
  readonly #ids: ReadonlyMap<string, number>;
  /** By id: 1 for a piece of its own. */
  readonly #isOwn: Uint8Array;
  readonly #component: string;

  constructor(component: string, charge: Charge, life: Life, ids: ReadonlyMap<string, number>) {
    this.#component = component;
    this.#charge = charge;
    this.#life = life;
    this.#ids = ids;
    this.#isOwn = new Uint8Array(Math.max(0, ...ids.values()) + 1);
    for (const id of ids.values()) this.#isOwn[id] = 1;
  }
  id(name: string): number {
    const id = this.#ids.get(name);
    invariant(id !== undefined, `${this.#component} spends '${name}' but does not list it under work`);
    return id;
  }
  spend(id: number): void {
    if (this.#life.over) throw this.#life.ended;
    if (!isWord(id) || this.#isOwn[id] !== 1) throw noWork(id);
    this.#charge.spend(id);
  }
  spendMany(id: number, count: number): void {
    if (this.#life.over) throw this.#life.ended;
    if (!isWord(id) || this.#isOwn[id] !== 1) throw noWork(id);
    if (!isWord(count)) throw noWork(count);
    this.#charge.spendMany(id, count);
  }
}

/** Whether it is a number, whole, and from 0 up to 2^32. */
const isWord = (value: number): boolean => value >>> 0 === value;
const noWork = (what: number): RangeError => new RangeError(`work cannot be '${String(what)}'`);

export interface ContextParts {
  readonly component: string;
  readonly self: number;
  readonly memory: MemoryPort;
  readonly heap: Window;
  readonly work: Work;
  readonly answer: Int32Array;
  readonly config: unknown;
  readonly rights: ReadonlyMap<string, number>;
  readonly regions: ReadonlyMap<string, Region>;
  /** By `port` or `port/peer`. */
  readonly shared: (port: string, peer: number | undefined) => Region | undefined;
  readonly clock: Clock;
}

export function createContext(parts: ContextParts): Context {
  const { component, self, memory, heap, work, answer, config, rights, regions, shared, clock } = parts;
  const perUs = clock.cyclesPerSecond / 1e6;
  const find = <T>(what: string, name: string, found: T | undefined): T => {
    if (found === undefined) throw new Error(`${component} has no ${what} '${name}'`);
    return found;
  };
  return {
    self,
    memory,
    heap,
    work,
    answer,
    config,
    right: (name: string): Right => right(find('right', name, rights.get(name))),
    region: (name: string): Region => find('region', name, regions.get(name)),
    shared: (port: string, peer?: number): Region => find('shared region', port, shared(port, peer)),
    nowUs: (): number => Math.floor(clock.now / perUs) | 0,
  };
}
