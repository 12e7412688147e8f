/** Stands between the far end and the wire, and writes down what goes in. */
import type { System } from '@bulkhead/assembler';
import type { LinkEnd } from '@bulkhead/link';
import { frameLine, headerLine, type JournalHeader, lastLine } from './journal.ts';

export interface JournalWriterOptions {
  readonly system: System;
  readonly header: JournalHeader;
  /** Takes the journal's text, piece by piece. */
  readonly write: (text: string) => void;
}

export class JournalWriter {
  /** In place of the system's own wire. */
  readonly wire: LinkEnd;
  readonly #system: System;
  readonly #write: (text: string) => void;

  constructor({ system, header, write }: JournalWriterOptions) {
    const { clock, wire } = system;
    this.#system = system;
    this.#write = write;
    write(headerLine(header));
    this.wire = {
      connect: (receiver) => wire.connect(receiver),
      transmit: (frame, lenBytes) => {
        write(frameLine(clock.now, frame.subarray(0, lenBytes)));
        wire.transmit(frame, lenBytes);
      },
    };
  }
  /** Writes the last line. Nothing may run or come in afterwards. @returns the digest. */
  end(): string {
    const digest = this.#system.digest();
    this.#write(lastLine(this.#system.clock.now, digest));
    return digest;
  }
}
