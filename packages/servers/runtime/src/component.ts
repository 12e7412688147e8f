/** A component's definition: what it needs, what it gives, and how it is made. Data but for `create`. */
import type { ClientHandlers, ClientPort, Contract, ServerHandlers, ServerPort } from '@bulkhead/abi';
import type { Context } from './context.ts';
import type { Accept } from './parameters.ts';

// biome-ignore lint/suspicious/noExplicitAny: any contract.
type Contracts = Readonly<Record<string, Contract<any>>>;

/** What `create` receives beside its context: one object a port, with the methods of its end of the contract. */
export type Ports<Uses extends Contracts, Provides extends Contracts> = {
  readonly [K in keyof Uses]: ClientPort<Uses[K]>;
} & { readonly [K in keyof Provides]: ServerPort<Provides[K]> };

/** A living component. */
export interface Instance<Uses extends Contracts = Contracts, Provides extends Contracts = Contracts> {
  /** What the other ends may send, by port. */
  readonly handlers: { readonly [K in keyof Uses]: ClientHandlers<Uses[K]> } & {
    readonly [K in keyof Provides]: ServerHandlers<Provides[K]>;
  };
  /** Runs once, at the component's level, after everything of a higher level has run its own. */
  start?(): void;
  /** Runs when the component has handled all that waited for it, before it sleeps: the place to ring doorbells once. */
  settle?(): void;
}

/** Pages that every handler touches through the MMU, so that TLB refills after a switch are counted. */
export interface Footprint {
  readonly codePages: number;
  readonly dataPages: number;
}

export interface ComponentDefinition<
  Uses extends Contracts = Contracts,
  Provides extends Contracts = Contracts,
  Config = unknown,
> {
  /** Its name in its system. */
  readonly name: string;
  /** Whose code it is, where a system has several of one: see `named`. @defaultValue the name */
  readonly kind?: string;
  /** From LEVELS. The same in every system. */
  readonly level: number;
  readonly uses: Uses;
  readonly provides: Provides;
  readonly footprint: Footprint;
  readonly heapPages: number;
  /**
   * The longest that one handler may take, in whole microseconds: a call, a cast, a token or `start`, with the `settle`
   * that follows. Its own time: others that it calls have limits of their own, and those that interrupt it too. One that
   * takes longer ends the component. @defaultValue none
   */
  readonly limitUs?: number;
  /** Private regions, by name. A region of 2 MiB is one frame. */
  readonly regions?: Readonly<Record<string, { readonly sizeBits: 12 | 21; readonly count: number }>>;
  /** How large the shared region of a port is, where this component's end decides it. */
  readonly shares?: Readonly<Record<string, { readonly sizeBits: 12 | 21; readonly count: number }>>;
  /** Names of the rights that it must be given. */
  readonly rights?: readonly string[];
  /** Names of the pieces of its own logic that it charges; a profile prices each as `<component>.<name>`. */
  readonly work: readonly string[];
  /** Every parameter, and what it is when the system says nothing. One that is not listed here, no system may give. */
  readonly config: Config;
  /** Which values of a parameter will do, where not all of its kind do. A system is refused that gives others. Written as an `Accepts<Config>`. */
  readonly accepts?: Readonly<Record<string, Accept<never> | undefined>>;
  create(context: Context<Config>, ports: Ports<Uses, Provides>): Instance<Uses, Provides>;
}

/** Checks a definition's types; the value is the definition itself. */
export const component = <Uses extends Contracts, Provides extends Contracts, Config>(
  definition: ComponentDefinition<Uses, Provides, Config>,
): ComponentDefinition<Uses, Provides, Config> => definition;

/** Another component of the same code: a second network stack, a second driver. Nothing but its name differs. */
export const named = <Uses extends Contracts, Provides extends Contracts, Config>(
  name: string,
  definition: ComponentDefinition<Uses, Provides, Config>,
): ComponentDefinition<Uses, Provides, Config> => ({ ...definition, name, kind: kindOf(definition) });

/** @returns whose code a component is. */
export const kindOf = ({ name, kind }: { readonly name: string; readonly kind?: string }): string => kind ?? name;
