/**
 * QEMU's qtest protocol over two pipes, synchronously: a line a command, a line an answer, in order. Writes are posted:
 * their answers are awaited by the next command that needs one of its own, as on a bus.
 */
import { readSync, writeSync } from 'node:fs';

const BUFFER_BYTES = 0x1_0000;
/** The pipe of the answers holds 64 KiB; so many answers fit, whatever they are. */
const OWED_MAX = 1000;

export class Qtest {
  readonly #commands: number;
  readonly #answers: number;
  readonly #buffer: Buffer = Buffer.alloc(BUFFER_BYTES);
  #outgoing = '';
  /** Commands whose answer is still to come; those that ask come last. */
  #owed = 0;
  /** What was read and is not yet a whole line. */
  #incoming = '';

  /** @param commands, answers file descriptors of the two pipes, blocking. */
  constructor(commands: number, answers: number) {
    this.#commands = commands;
    this.#answers = answers;
  }
  /** Sends a command that is answered by OK alone. */
  post(line: string): void {
    this.#outgoing += `${line}\n`;
    this.#owed += 1;
    if (this.#owed >= OWED_MAX) this.settle();
  }
  /** @returns the answer without its OK. */
  ask(line: string): string {
    this.post(line);
    return this.#collect();
  }
  /** Everything that was posted has been done when this returns. */
  settle(): void {
    if (this.#owed > 0) this.#collect();
  }
  /** @returns the answer to the last command. @throws when QEMU refuses one, or is gone. */
  #collect(): string {
    const sent = this.#outgoing;
    this.#outgoing = '';
    if (sent !== '') writeSync(this.#commands, sent);
    let last = '';
    for (; this.#owed > 0; this.#owed--) {
      last = this.#line();
      if (!last.startsWith('OK')) throw new Error(`qtest: ${last} to one of ${JSON.stringify(sent)}`);
    }
    return last.slice(3);
  }
  #line(): string {
    for (;;) {
      const end = this.#incoming.indexOf('\n');
      if (end >= 0) {
        const line = this.#incoming.slice(0, end);
        this.#incoming = this.#incoming.slice(end + 1);
        return line;
      }
      const count = readSync(this.#answers, this.#buffer);
      if (count === 0) throw new Error('qtest: QEMU has ended');
      this.#incoming += this.#buffer.toString('latin1', 0, count);
    }
  }
}
