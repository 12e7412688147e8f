/** The context of one life of a component: the only things of its system that it ever sees. */
import { type Right, right } from '@bulkhead/abi';
import type { Clock } from '@bulkhead/clock';
import type { Charge } from '@bulkhead/ledger';
import type { Life } from '@bulkhead/microkernel';
import { invariant } from '@bulkhead/result';
import type { Context, MemoryPort, Region, Window, Work } from '@bulkhead/runtime';

/** Work that ends with the life that does it. */
export class LifeWork implements Work {
  readonly #charge: Charge;
  readonly #life: Life;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #component: string;

  constructor(component: string, charge: Charge, life: Life, ids: ReadonlyMap<string, number>) {
    this.#component = component;
    this.#charge = charge;
    this.#life = life;
    this.#ids = ids;
  }
  id(name: string): number {
    const id = this.#ids.get(name);
    invariant(id !== undefined, `${this.#component} spends '${name}' but does not list it under work`);
    return id;
  }
  spend(id: number): void {
    if (this.#life.over) throw this.#life.ended;
    this.#charge.spend(id);
  }
  spendMany(id: number, count: number): void {
    if (this.#life.over) throw this.#life.ended;
    this.#charge.spendMany(id, count);
  }
}

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
