/** The regions that clients share with us, by who they are. Windows only: nothing here outlives a restart. */
import type { Context, Window } from '@bulkhead/runtime';

export const MAX_CLIENTS = 16;

export class Clients {
  readonly #context: Context<unknown>;
  readonly #identities: Int32Array = new Int32Array(MAX_CLIENTS).fill(-1);
  readonly #windows: Window[] = [];

  constructor(context: Context<unknown>) {
    this.#context = context;
  }
  /** @returns the region of client `from`: asked for once, and looked up by a short scan from then on. */
  window(from: number): Window {
    for (let i = 0; i < this.#windows.length; i++) if (this.#identities[i] === from) return this.#windows[i]!;
    const { window } = this.#context.shared('sockets', from);
    if (this.#windows.length < MAX_CLIENTS) this.#identities[this.#windows.push(window) - 1] = from;
    return window;
  }
}
