/** Clients that ask a system until as many requests as were wanted have ended. */
import type { Requests } from './requests.ts';

export interface Load {
  readonly requests: Requests;
  start(): void;
  /** @returns 16 hexadecimal digits: what every client received, in the order of clients. */
  digest(): string;
}
