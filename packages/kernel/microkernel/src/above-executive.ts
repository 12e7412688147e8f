import type { Life, Seat } from './seat.ts';

/** Whom the executive calls on when something happens. */
export interface AboveExecutive {
  /** An interrupt of a device, or of the timer. */
  serveExternal(): void;
  serveTimer(): void;
  /** Something left a component's handler. */
  caught(seat: Seat, life: Life, error: unknown): void;
  /** A component is to wait for its budget. */
  postpone(seat: Seat): void;
  /** A handler passed its limit. */
  overran(seat: Seat): void;
}
