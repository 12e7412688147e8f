/**
 * Who runs, who called whom, and how many cycles each stack was charged.
 *
 * A chain is a component and the chain of its callers, down to one that was woken; chains are numbered as they appear.
 * A stack that is charged is the component charged, the chain on whose behalf, and the primitive. What the kernel is
 * charged is on behalf of the chain on top; between the entry of an interrupt and whatever runs next, of the interrupt.
 */
export const NO_CHAIN = 0;
/** The kernel, for an interrupt: nobody who runs has asked for it. */
export const INTERRUPT_CHAIN = 1;
const FIRST_CHAIN = 2;

/** Three numbers in one that is exact: below 2^12 components and 2^15 primitives. */
const COMPONENTS = 0x1000;
const PRIMITIVES = 0x8000;

export interface ChargedStack {
  readonly component: number;
  /** Whose call it was for, nearest first. */
  readonly callers: readonly number[];
  readonly forInterrupt: boolean;
  readonly primitive: number;
  readonly cycles: number;
}

interface Chain {
  readonly component: number;
  readonly callers: number;
}

export class Stacks {
  readonly #chains: Chain[] = [
    { component: -1, callers: NO_CHAIN },
    { component: -1, callers: NO_CHAIN },
  ];
  readonly #numbers: Map<number, number> = new Map();
  readonly #cycles: Map<number, number> = new Map();
  /** Chains on the host's stack, the running one last. */
  readonly #open: number[] = [];
  #inInterrupt = false;

  /** The component that runs; -1 when nobody does. */
  get current(): number {
    return this.#open.length === 0 ? -1 : this.#chains[this.#open.at(-1)!]!.component;
  }
  /** Components on the stack, the lowest first. */
  get open(): readonly number[] {
    return this.#open.map((chain) => this.#chains[chain]!.component);
  }

  enter(component: number, caller: number): void {
    this.#inInterrupt = false;
    const below = this.#open.at(-1);
    const callers = caller >= 0 && below !== undefined && this.#chains[below]!.component === caller ? below : NO_CHAIN;
    this.#open.push(this.#chainOf(component, callers));
  }
  /** Whatever stands above it has ended too. */
  leave(component: number): void {
    this.#inInterrupt = false;
    const at = this.#open.findLastIndex((chain) => this.#chains[chain]!.component === component);
    if (at >= 0) this.#open.length = at;
  }

  charge(component: number, primitive: number, cycles: number, entersInterrupt: boolean): void {
    if (entersInterrupt) this.#inInterrupt = true;
    const top = this.#open.at(-1) ?? NO_CHAIN;
    const { component: current, callers } = this.#chains[top]!;
    if (component === current) this.#inInterrupt = false;
    const behalf = this.#inInterrupt ? INTERRUPT_CHAIN : component === current ? callers : top;
    const key = (behalf * COMPONENTS + component) * PRIMITIVES + primitive;
    this.#cycles.set(key, (this.#cycles.get(key) ?? 0) + cycles);
  }

  /** In the order in which they first appeared. */
  *charged(): Generator<ChargedStack> {
    for (const [key, cycles] of this.#cycles) {
      const primitive = key % PRIMITIVES;
      const rest = (key - primitive) / PRIMITIVES;
      const component = rest % COMPONENTS;
      const chain = (rest - component) / COMPONENTS;
      const callers = this.#componentsOf(chain);
      yield { component, callers, forInterrupt: chain === INTERRUPT_CHAIN, primitive, cycles };
    }
  }

  #chainOf(component: number, callers: number): number {
    const key = callers * COMPONENTS + component;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#chains.push({ component, callers }) - 1;
    this.#numbers.set(key, number);
    return number;
  }
  #componentsOf(chain: number): number[] {
    const components: number[] = [];
    for (let at = chain; at >= FIRST_CHAIN; at = this.#chains[at]!.callers)
      components.push(this.#chains[at]!.component);
    return components;
  }
}
