/** So many a second and no more, for answers that a stranger could otherwise have us send without end. */
import type { Window } from '@bulkhead/runtime';
import type { Core } from './core.ts';

const PERIOD_START = 0;
const TAKEN = 4;
const STATE_BYTES = 8;
const PERIOD_US = 1_000_000;

export class RateLimit {
  readonly #state: Window;
  readonly #core: Core;
  readonly #perSecond: number;

  constructor(core: Core, perSecond: number) {
    this.#state = core.arena.take(STATE_BYTES);
    this.#core = core;
    this.#perSecond = perSecond;
  }
  /** @returns true when one more may go. */
  take(): boolean {
    const now = this.#core.nowUs();
    if (
      ((now - this.#state.load32(PERIOD_START)) | 0) >= PERIOD_US ||
      ((now - this.#state.load32(PERIOD_START)) | 0) < 0
    ) {
      this.#state.store32(PERIOD_START, now);
      this.#state.store32(TAKEN, 0);
    }
    const taken = this.#state.load32(TAKEN);
    if (taken >= this.#perSecond) return false;
    this.#state.store32(TAKEN, taken + 1);
    return true;
  }
}
