/**
 * The typed interface between two components. A contract is a value from which TypeScript infers both ends.
 *
 * - A `call` goes from client to server, is answered before the server's handler returns, and gives one number:
 *   a result of 0 or more, or a negative refusal. Further answers stand in the caller's `answer` words.
 * - A `cast` is one way: `casts` from client to server, `events` from server to client. It gives 0, or a refusal
 *   (QUEUE_FULL, PEER_DIED) when it was not taken.
 *
 * Arguments are 32-bit words, references into the connection's shared region, and rights. No object crosses.
 */
declare const kind: unique symbol;
/** An index in the holder's capability space. A gate transfers what it names. */
export type Right = number & { readonly [kind]: 'right' };
/** A byte offset in the region that the two ends of a connection share. */
export type BufferRef = number & { readonly [kind]: 'buffer' };

export const right = (index: number): Right => index as Right;

export type ArgKind = 'word' | 'buffer' | 'right';
type KindOf<T> = T extends Right ? 'right' : T extends BufferRef ? 'buffer' : 'word';
type KindsOf<T extends readonly unknown[]> = { readonly [I in keyof T]: KindOf<T[I]> };

// biome-ignore lint/suspicious/noExplicitAny: any function type may describe a method; KindsOf checks its parameters.
type Method = (...args: any[]) => unknown;

export interface CallSpec<F extends Method = Method> {
  readonly kind: 'call';
  readonly args: readonly ArgKind[];
  /** Kinds of `answer[1]`, `answer[2]`, …; `answer[0]` is the result itself. */
  readonly answers: readonly ArgKind[];
  readonly type?: F;
}
export interface CastSpec<F extends Method = Method> {
  readonly kind: 'cast';
  readonly args: readonly ArgKind[];
  readonly type?: F;
}

/** `call<(device: number) => number>(['word'], ['right'])`: one word in; a result and one right out. */
export const call = <F extends (...args: never[]) => number>(
  args: KindsOf<Parameters<F>>,
  answers: readonly ArgKind[] = [],
): CallSpec<F> => ({ kind: 'call', args, answers });

/** `cast<(buffer: BufferRef, lenBytes: number) => void>(['buffer', 'word'])`. */
export const cast = <F extends (...args: never[]) => void>(args: KindsOf<Parameters<F>>): CastSpec<F> => ({
  kind: 'cast',
  args,
});

export interface ContractSpec {
  /** From client to server, answered. */
  readonly calls?: Readonly<Record<string, CallSpec>>;
  /** From client to server, one way. */
  readonly casts?: Readonly<Record<string, CastSpec>>;
  /** From server to client, one way. */
  readonly events?: Readonly<Record<string, CastSpec>>;
  /** How many casts, and how many events, may wait at once on one connection. A power of two. @defaultValue 64 */
  readonly capacity?: number;
  /** Names of the contract's own refusals from FIRST_OWN_REFUSAL downward, in the order of their checks. */
  readonly refusals?: readonly string[];
}

export interface Contract<S extends ContractSpec = ContractSpec> {
  readonly name: string;
  readonly calls: NonNullable<S['calls']>;
  readonly casts: NonNullable<S['casts']>;
  readonly events: NonNullable<S['events']>;
  readonly capacity: number;
  readonly refusals: readonly string[];
}

type Calls<S extends ContractSpec> = S['calls'] extends Readonly<Record<string, CallSpec>> ? S['calls'] : object;
type Casts<S extends ContractSpec> = S['casts'] extends Readonly<Record<string, CastSpec>> ? S['casts'] : object;
type Events<S extends ContractSpec> = S['events'] extends Readonly<Record<string, CastSpec>> ? S['events'] : object;
type FunctionOf<M> = M extends { readonly type?: infer F extends Method } ? F : never;

type Send<M> = { readonly [K in keyof M]: (...args: Parameters<FunctionOf<M[K]>>) => number };
type SendTo<M> = { readonly [K in keyof M]: (to: number, ...args: Parameters<FunctionOf<M[K]>>) => number };
type Handle<M> = { readonly [K in keyof M]: (...args: Parameters<FunctionOf<M[K]>>) => void };
type HandleFrom<M> = {
  readonly [K in keyof M]: (from: number, ...args: Parameters<FunctionOf<M[K]>>) => ReturnType<FunctionOf<M[K]>>;
};

/** What the client holds: its calls and casts. Both give a number; negative is a refusal. */
export type ClientPort<C> = C extends Contract<infer S> ? Send<Calls<S>> & Send<Casts<S>> : never;
/** What the client must be ready for. */
export type ClientHandlers<C> = C extends Contract<infer S> ? Handle<Events<S>> : never;
/** What the server must answer. `from` is the calling component's identity: a badge, never an argument. */
export type ServerHandlers<C> = C extends Contract<infer S> ? HandleFrom<Calls<S>> & HandleFrom<Casts<S>> : never;
/** What the server holds: events, to the client whose identity is `to`. */
export type ServerPort<C> = C extends Contract<infer S> ? SendTo<Events<S>> : never;

/** Makes a contract. @throws when two of its methods have one name, or its capacity is no power of two. */
export function contract<const S extends ContractSpec>(name: string, spec: S): Contract<S> {
  const { calls = {}, casts = {}, events = {}, capacity = 64, refusals = [] } = spec;
  const names = [...Object.keys(calls), ...Object.keys(casts)];
  if (new Set(names).size !== names.length) throw new TypeError(`${name}: a call and a cast of one name`);
  if (!(capacity > 0) || (capacity & (capacity - 1)) !== 0) throw new TypeError(`${name}: capacity ${capacity}`);
  return { name, calls, casts, events, capacity, refusals } as unknown as Contract<S>;
}
