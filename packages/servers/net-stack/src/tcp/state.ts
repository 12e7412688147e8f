/**
 * The TCP connection state diagram. RFC 9293 §3.3.2 "State Machine Overview", Figure 5, in its words.
 *
 * `transition` is the only door to a connection's state. The table is dense on the run path: one byte a state and event.
 */
import type { Window } from '@bulkhead/runtime';
import type { Tcb } from './tcb.ts';

export const STATES = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
] as const;
export type TcpState = (typeof STATES)[number];

/** Figure 5's labels; `abort` and `user timeout` are the calls and events of §3.10.5 and §3.10.8 that it leaves out. */
export const EVENTS = [
  'passive OPEN',
  'active OPEN',
  'rcv SYN',
  'rcv SYN,ACK',
  'rcv ACK of SYN',
  'CLOSE',
  'rcv FIN',
  'rcv ACK of FIN',
  'timeout=2MSL',
  'rcv RST',
  'abort',
  'user timeout',
] as const;
export type TcpEvent = (typeof EVENTS)[number];

type Row = Readonly<Partial<Record<TcpEvent, TcpState>>>;

/** A connection that is over, whatever its state. */
const OVER: Row = { 'rcv RST': 'CLOSED', abort: 'CLOSED', 'user timeout': 'CLOSED' };

/**
 * Figure 5, one row a state. An event that is absent leaves the state alone.
 * CHOICE: a listener is a record of its own that stays in LISTEN; the connection that its SYN makes starts in LISTEN and
 * goes on from there, so SYN-RECEIVED returns to CLOSED on RST and the listener is there as before (§3.5.3).
 */
export const NEXT: Readonly<Record<TcpState, Row>> = {
  CLOSED: { 'passive OPEN': 'LISTEN', 'active OPEN': 'SYN-SENT' },
  LISTEN: { 'rcv SYN': 'SYN-RECEIVED', CLOSE: 'CLOSED', abort: 'CLOSED' },
  'SYN-SENT': { ...OVER, 'rcv SYN': 'SYN-RECEIVED', 'rcv SYN,ACK': 'ESTABLISHED', CLOSE: 'CLOSED' },
  'SYN-RECEIVED': { ...OVER, 'rcv ACK of SYN': 'ESTABLISHED', CLOSE: 'FIN-WAIT-1', 'rcv FIN': 'CLOSE-WAIT' },
  ESTABLISHED: { ...OVER, CLOSE: 'FIN-WAIT-1', 'rcv FIN': 'CLOSE-WAIT' },
  'FIN-WAIT-1': { ...OVER, 'rcv ACK of FIN': 'FIN-WAIT-2', 'rcv FIN': 'CLOSING' },
  'FIN-WAIT-2': { ...OVER, 'rcv FIN': 'TIME-WAIT' },
  'CLOSE-WAIT': { ...OVER, CLOSE: 'LAST-ACK' },
  CLOSING: { ...OVER, 'rcv ACK of FIN': 'TIME-WAIT' },
  'LAST-ACK': { ...OVER, 'rcv ACK of FIN': 'CLOSED' },
  'TIME-WAIT': { abort: 'CLOSED', 'timeout=2MSL': 'CLOSED' },
};

/** State numbers, as they stand in a TCB: positions in STATES. */
export const CLOSED = 0;
export const LISTEN = 1;
export const SYN_SENT = 2;
export const SYN_RECEIVED = 3;
export const ESTABLISHED = 4;
export const FIN_WAIT_1 = 5;
export const FIN_WAIT_2 = 6;
export const CLOSE_WAIT = 7;
export const CLOSING = 8;
export const LAST_ACK = 9;
export const TIME_WAIT = 10;

/** Event numbers: positions in EVENTS. */
export const PASSIVE_OPEN = 0;
export const ACTIVE_OPEN = 1;
export const RCV_SYN = 2;
export const RCV_SYN_ACK = 3;
export const RCV_ACK_OF_SYN = 4;
export const CLOSE = 5;
export const RCV_FIN = 6;
export const RCV_ACK_OF_FIN = 7;
export const TIMEOUT_2MSL = 8;
export const RCV_RST = 9;
export const ABORT = 10;
export const USER_TIMEOUT = 11;

const DENSE: Uint8Array = Uint8Array.from(
  STATES.flatMap((state) => EVENTS.map((event) => STATES.indexOf(NEXT[state][event] ?? state))),
);

/** @returns the state after `event`. */
export const nextState = (state: number, event: number): number => DENSE[state * EVENTS.length + event]!;

/** One count a state and event: how often each arrow of the figure was taken. */
export const TRANSITIONS_BYTES: number = STATES.length * EVENTS.length * 4;

export class Transitions {
  readonly #counts: Window;

  constructor(counts: Window) {
    this.#counts = counts;
  }
  /** Moves a connection along one arrow. */
  transition(tcb: Tcb, event: number): void {
    const cell = (tcb.state * EVENTS.length + event) * 4;
    this.#counts.store32(cell, (this.#counts.load32(cell) + 1) | 0);
    tcb.state = nextState(tcb.state, event);
  }
  count(state: TcpState, event: TcpEvent): number {
    return this.#counts.load32((STATES.indexOf(state) * EVENTS.length + EVENTS.indexOf(event)) * 4);
  }
}
