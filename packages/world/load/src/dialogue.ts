/** What a client says on its connection, and whether what comes back is the answer. Allocates nothing a request. */

/** What came is the beginning of the answer. */
export const MORE = 0;
export const ANSWERED = 1;
/** A whole answer that says no; the connection is as good as before. */
export const REFUSED = 2;
/** Not the answer: the connection is not to be trusted any more. */
export const WRONG = 3;
export type Outcome = typeof MORE | typeof ANSWERED | typeof REFUSED | typeof WRONG;

export interface Dialogue {
  /** True when the server sends unasked, and without end: a request is then nothing but the wish for the next part. */
  readonly isStream: boolean;
  /** After `feed`: what came of it. */
  readonly outcome: Outcome;
  /** The client has a new connection. */
  connected(client: number): void;
  /** Composes the request number `index` from the start of `into`. @returns its length. */
  ask(client: number, index: number, into: Uint8Array): number;
  /** Reads `bytes[from…to)`. @returns how many of them belong to the answer. */
  feed(client: number, bytes: Uint8Array, from: number, to: number): number;
  /** What was asked will not be answered. */
  failed(client: number): void;
}

/** The longest request. */
export const MAX_REQUEST_BYTES = 32_768;

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
