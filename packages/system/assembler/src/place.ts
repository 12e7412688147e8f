/** What the assembler knows of one component: its seat with the kernel, and the life that sits in it. */
import type { Charge } from '@bulkhead/ledger';
import type { Life, Seat } from '@bulkhead/microkernel';
import type { ComponentDefinition } from '@bulkhead/runtime';
import type { HartMemory } from './hart-memory.ts';

/** Handlers of one port, by method. Arguments are words. */
export type Handlers = Readonly<Record<string, (...args: number[]) => number | undefined>>;

/** One source of queued casts of a component: everything that waits on one connection. */
export interface Inbound {
  drain(): void;
}

export class Place {
  readonly seat: Seat;
  readonly definition: ComponentDefinition;
  readonly #codePages: number;
  readonly #dataPages: number;
  /** The component's row of the ledger, for what gates do on its behalf; nothing interrupts there. */
  readonly quiet: Charge;
  /** By bit of the notification word, from FIRST_INBOUND_BIT. */
  readonly inbound: Inbound[] = [];
  /** Rings to which something was appended since their other end was last signalled. */
  readonly unsignalled: (() => void)[] = [];
  life: Life;
  memory: HartMemory | null = null;
  handlers: Readonly<Record<string, Handlers>> = {};
  startHandler: (() => void) | null = null;
  settleHandler: (() => void) | null = null;
  notified: ((token: number) => void) | null = null;
  /** Where the footprint is mapped. */
  codePage = 0;
  dataPage = 0;
  /** The message buffer: the page at which the component has it, and the kernel's index of its first word in RAM. */
  bufferPage = 0;
  bufferWord = 0;

  constructor(seat: Seat, definition: ComponentDefinition, quiet: Charge) {
    this.seat = seat;
    this.definition = definition;
    this.#codePages = definition.footprint.codePages;
    this.#dataPages = definition.footprint.dataPages;
    this.quiet = quiet;
    this.life = seat.life;
  }
  /** Touches code and data, as a handler that begins does. */
  touch(): void {
    this.memory!.touch(this.codePage, this.#codePages, this.dataPage, this.#dataPages);
  }
  /** What follows a handler before the component sleeps. */
  finish(): void {
    if (this.settleHandler !== null) this.settleHandler();
    while (this.unsignalled.length > 0) this.unsignalled.pop()!();
  }
}
