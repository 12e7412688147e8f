/**
 * A component's place in a system, and the domain in which it stands. Places last as long as the system; what sits in
 * one is a life, and a component that is started again is a new life in the old place.
 */
import { Ended, NO_SUCH_RIGHT } from '@bulkhead/abi';
import type { Charge } from '@bulkhead/ledger';

/** One incarnation. When it is over, whatever its frames touch next throws `ended`. */
export class Life {
  over = false;
  readonly ended: Ended;

  constructor(component: number) {
    this.ended = new Ended(component);
  }
}

/** A protection domain: privilege, address space, capability space. */
export class Domain {
  readonly index: number;
  readonly name: string;
  readonly isKernel: boolean;
  readonly seats: Seat[] = [];
  alive = false;
  /** Address space: the root table's physical page, and the identifier under which the TLB keeps it. */
  rootPage = 0;
  asid = 0;
  /** Slot of the right to the root table; 0 in the kernel's domain. */
  rootSlot = 0;
  /** Slots of the rights to its page tables, the root's first, of which `tableCount` are in use. */
  readonly tableSlots: number[] = [];
  tableCount = 0;
  /** Slot of the right to the root CNode, in kernel memory. */
  cnodeSlot = 0;
  /** Slot of the untyped memory that was promised to the domain. */
  untypedSlot = 0;
  /** Where the next mapping goes, in pages of the domain's own half. */
  nextPage = 0;
  /** Where the search for a free slot starts. */
  nextSlot = 1;
  /** Slots of the rights to the machine that it was given: what was derived from them goes when it is closed. */
  readonly lent: number[] = [];
  /** Of a domain that is one thread: which of its seats was served last. */
  served = -1;
  /** How often it was started. */
  starts = 0;

  constructor(index: number, name: string, isKernel: boolean) {
    this.index = index;
    this.name = name;
    this.isKernel = isKernel;
  }
  /** Several components outside the kernel's domain share one thread. */
  get isOneThread(): boolean {
    return !this.isKernel && this.seats.length > 1;
  }
}

/** The first words of a thread control block are every thread's (`@bulkhead/kernel-core`); these follow them. */
export const TCB_SEAT_WORD = 144;
export const TCB_COMPONENT = 1;
export const TCB_PRIORITY = 2;
export const TCB_FAULT_CAUSE = 4;
export const TCB_FAULT_PAGE = 5;
export const TCB_FAULT_OFFSET = 6;
export const TCB_FAULT_COMPONENT = 7;
/** The alarm: 0 or 1, its token, its deadline in cycles (low and high 32 bits). */
export const TCB_ALARM_SET = 8;
export const TCB_ALARM_TOKEN = 9;
export const TCB_ALARM_LOW = 10;
export const TCB_ALARM_HIGH = 11;
/** Bits of its notification that wait for its budget. */
export const TCB_POSTPONED = 13;
/** 1 + the token by which it wants to hear of faults; 0 when it does not. */
export const TCB_FAULT_TOKEN = 12;

/** The bit of a notification word that starts a component. Below it are the component's own tokens. */
export const START_BIT = 15;
/** The first bit of a notification word that stands for an inbound connection. */
export const FIRST_INBOUND_BIT = 16;
export const TOKENS: number = START_BIT;

export interface SeatOptions {
  /** @defaultValue the level at which it runs */
  readonly ownLevel?: number;
  /** @defaultValue Infinity */
  readonly limitCycles?: number;
  /** @defaultValue 0, none */
  readonly budgetCycles?: number;
  readonly periodCycles?: number;
}

export class Seat {
  readonly index: number;
  readonly name: string;
  /** At which it runs: its own, or that of the one thread that its domain is. */
  readonly level: number;
  /** The component's own, which orders those of one domain. */
  readonly ownLevel: number;
  readonly domain: Domain;
  /** The longest that a handler of it may take; infinity: as long as it likes. */
  readonly limitCycles: number;
  /** How much it gets in every period; 0: as much as it likes. What has a budget has a limit, no greater. */
  readonly budgetCycles: number;
  readonly periodCycles: number;
  life: Life;
  /** True while a frame of it is on the host's stack. */
  busy = false;
  /** Index, in RAM's words, of what the kernel keeps of a component in its thread control block. */
  tcb = 0;
  /** Its number among all threads. */
  thread = 0;
  /** Slot of the right to the thread. */
  tcbSlot = 0;
  /** Indices, in RAM's words, of the objects at which the component meets others; made for each life. */
  endpoint = 0;
  reply = 0;
  notification = 0;
  /** Slot of the kernel's right to the notification, from which it makes those that are held by others. */
  notificationSlot = 0;
  /** The component's words beside a result. */
  readonly answer: Int32Array = new Int32Array(8);
  /** The component's row of the ledger, for what its domain's event loop does; nothing interrupts there. */
  quiet: Charge | null = null;
  /** Handles everything that waits, then sleeps. Set when a life begins. */
  deliver: () => void = nothing;
  /**
   * Handles the message that a thread of another kind sent, which is in the registers of the component's own.
   * @returns the first word of the answer; the others are in `answer`, from 1.
   */
  receive: () => number = refuse;

  constructor(
    index: number,
    name: string,
    level: number,
    domain: Domain,
    { ownLevel = level, limitCycles = Number.POSITIVE_INFINITY, budgetCycles = 0, periodCycles = 0 }: SeatOptions = {},
  ) {
    this.index = index;
    this.name = name;
    this.level = level;
    this.ownLevel = ownLevel;
    this.domain = domain;
    this.limitCycles = limitCycles;
    this.budgetCycles = budgetCycles;
    this.periodCycles = periodCycles;
    this.life = new Life(index);
    this.life.over = true;
    domain.seats.push(this);
  }
}

function nothing(): void {}
const refuse = (): number => NO_SUCH_RIGHT;
