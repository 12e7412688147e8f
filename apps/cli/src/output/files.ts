/** Files that a command writes while it runs. */
import { closeSync, createWriteStream, openSync, type WriteStream } from 'node:fs';
import { Failure, messageOf, UsageError } from '../errors.ts';

/** Tries before the work begins, and leaves a file that is there as it is. @throws UsageError when it cannot be written. */
export function mustBeWritable(path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new UsageError(`'${path}' cannot be written: name another file (${messageOf(error)})`);
  }
}

/** Holds back what is written until `open`, so that a mistake found later costs no file that was there before. */
export class OutputFile {
  readonly path: string;
  #held: (string | Uint8Array)[] = [];
  #stream: WriteStream | null = null;
  #error: Error | null = null;

  constructor(path: string) {
    this.path = path;
  }
  write(data: string | Uint8Array): void {
    if (this.#stream === null) this.#held.push(data);
    else this.#stream.write(data);
  }
  /** @throws UsageError when it cannot be written. */
  open(): void {
    let fd: number;
    try {
      fd = openSync(this.path, 'w');
    } catch (error) {
      throw new UsageError(`'${this.path}' cannot be written: name another file (${messageOf(error)})`);
    }
    this.#stream = createWriteStream(this.path, { fd });
    this.#stream.on('error', (error) => {
      this.#error = error;
    });
    for (const data of this.#held) this.#stream.write(data);
    this.#held = [];
  }
  /** Waits until everything is in the file. @throws Failure when it is not. */
  async close(): Promise<void> {
    const stream = this.#stream;
    if (stream === null) return;
    if (this.#error === null) await new Promise<void>((resolve) => stream.once('close', resolve).end());
    if (this.#error !== null) throw new Failure(`'${this.path}' is not complete: ${messageOf(this.#error)}`);
  }
}
