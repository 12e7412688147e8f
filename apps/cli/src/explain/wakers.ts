/**
 * Who woke whom, as far as charges tell: the last of those that have a connection with the woken component, and of the
 * interrupts, that did something since the woken one last slept which wakes others.
 */
import { type Description, parseConnection, type Step } from '@bulkhead/assembler';

const POSTS: readonly string[] = ['cast-queue', 'ring-entry', 'notification-signal'];
const INTERRUPT = 'interrupt';

export class Wakers {
  readonly #peers = new Map<string, Set<string>>();
  /** In order: who posted something, or that an interrupt came. */
  readonly #happened: string[] = [];
  /** By component: how much had happened when it last slept. */
  readonly #slept = new Map<string, number>();

  constructor({ connections }: Description) {
    for (const text of connections) {
      const { client, server } = parseConnection(text)!;
      this.#peersOf(client).add(server);
      this.#peersOf(server).add(client);
    }
  }
  /** @param running on whose behalf: the kernel puts a user's casts into a queue */
  charged({ primitive }: Step, running: string): void {
    if (primitive === 'interrupt-entry') this.#happened.push(INTERRUPT);
    else if (POSTS.includes(primitive)) this.#happened.push(running);
  }
  left(component: string): void {
    this.#slept.set(component, this.#happened.length);
  }
  /** @returns in words what woke it. */
  of(component: string): string {
    const peers = this.#peersOf(component);
    const since = this.#happened.slice(this.#slept.get(component) ?? 0);
    const waker = since.findLast((who) => who === INTERRUPT || peers.has(who));
    return waker === undefined ? 'woken' : `woken by ${waker}`;
  }
  #peersOf(component: string): Set<string> {
    const known = this.#peers.get(component) ?? new Set<string>();
    this.#peers.set(component, known);
    return known;
  }
}
