/**
 * What time it is, whose time passes, and how much of it was used and is not charged yet. It is charged when another
 * context's time begins, because each charge may cost a refill.
 */
import type { SchedContexts } from './sched-contexts.ts';

const NOW = 0;
const USED = 1;

export class Usage {
  readonly #contexts: SchedContexts;
  /** `[now, used]`: a typed array, because a field above 2^31 would be a boxed double. */
  readonly #time: Float64Array = new Float64Array(2);
  /** The scheduling context whose time passes, or 0. */
  context = 0;

  constructor(contexts: SchedContexts) {
    this.#contexts = contexts;
  }
  get now(): number {
    return this.#time[NOW]!;
  }
  set now(time: number) {
    this.#time[NOW] = time;
  }
  /** The context used so much more. */
  add(passed: number): void {
    this.#time[USED]! += passed;
    this.#contexts.addConsumed(this.context, passed);
  }
  /** What is left of the context's head. */
  get left(): number {
    return this.#contexts.headAmount(this.context) - this.#time[USED]!;
  }
  /** All of the head counts as used, not as consumed. */
  takeHead(): void {
    this.#time[USED] = Math.max(this.#contexts.headAmount(this.context), this.#time[USED]!);
  }
  /** What was used is never charged. */
  forget(): void {
    this.#time[USED] = 0;
  }
  /** Charges what the context used and was not charged yet. */
  commit(): void {
    const used = this.#time[USED]!;
    if (used === 0) return;
    this.#time[USED] = 0;
    if (this.#contexts.isActive(this.context)) this.#contexts.charge(this.context, used);
  }
  /** From now on another context's time passes. */
  switchTo(sc: number): void {
    this.commit();
    this.context = sc;
    // A continuous bandwidth: what could have been used before and was not, is gone.
    if (sc !== 0 && !this.#contexts.isSporadic(sc)) this.#contexts.unblock(sc, this.#time[NOW]!);
  }
  /** @returns whether a context's head is due and large enough. */
  hasTime(sc: number): boolean {
    return this.#contexts.isReady(sc, this.#time[NOW]!, sc === this.context ? this.#time[USED]! : 0);
  }
}
