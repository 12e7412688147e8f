/** `GET path` on a connection that is kept. RFC 9112 §3, §9.3. */
import { ANSWERED, bytesOf, type Dialogue, MORE, type Outcome, REFUSED, WRONG } from './dialogue.ts';
import { ResponseReader } from './response.ts';

const OK = 200;

export interface HttpDialogueOptions {
  readonly clients: number;
  readonly path: string;
  /** What every body must be: so long, and of these bytes. Otherwise any body is as good as another. */
  readonly expected?: { readonly lenBytes: number; readonly byteAt: (offset: number) => number };
  /** Shown every piece of every body, in order. */
  readonly onBody?: (bytes: Uint8Array, from: number, to: number) => void;
}

export class HttpDialogue implements Dialogue {
  readonly isStream = false;
  outcome: Outcome = MORE;
  readonly #request: Uint8Array;
  readonly #readers: readonly ResponseReader[];
  /** By client: how much of the body has come. */
  readonly #bodyAt: Float64Array;
  readonly #expected: HttpDialogueOptions['expected'];
  readonly #onBody: HttpDialogueOptions['onBody'];

  constructor({ clients, path, expected, onBody }: HttpDialogueOptions) {
    this.#request = bytesOf(`GET ${path} HTTP/1.1\r\nHost: bulkhead\r\n\r\n`);
    this.#readers = Array.from({ length: clients }, () => new ResponseReader());
    this.#bodyAt = new Float64Array(clients);
    this.#expected = expected;
    this.#onBody = onBody;
  }
  connected(): void {}
  failed(): void {}
  ask(client: number, _index: number, into: Uint8Array): number {
    this.#readers[client]!.begin();
    this.#bodyAt[client] = 0;
    into.set(this.#request);
    return this.#request.length;
  }
  feed(client: number, bytes: Uint8Array, from: number, to: number): number {
    const reader = this.#readers[client]!;
    const taken = reader.feed(bytes, from, to);
    const end = from + taken;
    const isRight = this.#checkBody(client, reader, bytes, end);
    if (end > reader.bodyFrom) this.#onBody?.(bytes, reader.bodyFrom, end);
    this.outcome = isRight && !reader.isMalformed ? this.#outcomeOf(client, reader) : WRONG;
    return taken;
  }
  #checkBody(client: number, reader: ResponseReader, bytes: Uint8Array, end: number): boolean {
    const start = this.#bodyAt[client]!;
    this.#bodyAt[client] = start + end - reader.bodyFrom;
    if (this.#expected === undefined || reader.status !== OK) return true;
    const { byteAt } = this.#expected;
    for (let at = reader.bodyFrom, offset = start; at < end; at++, offset++)
      if (bytes[at] !== byteAt(offset)) return false;
    return true;
  }
  #outcomeOf(client: number, { isComplete, status }: ResponseReader): Outcome {
    if (!isComplete) return MORE;
    if (status !== OK) return REFUSED;
    return this.#expected === undefined || this.#bodyAt[client] === this.#expected.lenBytes ? ANSWERED : WRONG;
  }
}
