/**
 * Calls that do nothing, between an application and its network stack as a system's walls stand: what a wall costs, and
 * nothing else. There is no network: two components stand as those of the system do, on a machine of the same profile,
 * and the caller calls without a pause, in its first handler.
 */
import { assemble, type Snapshot, type System, snapshot } from '@bulkhead/assembler';
import { Digest } from '@bulkhead/clock';
import { nullCall, nullCallOf } from '@bulkhead/parts';

/** More than the caller needs to start. */
const BOOT_NS = 20_000_000;
/** What the call answers. */
const NOTHING = 0;

export class NullCalls {
  readonly system: System;
  /** In cycles, of those that were measured. */
  readonly latencies: Float64Array;
  /** Calls that were answered by something else than nothing. */
  failed = 0;
  from: Snapshot;
  to: Snapshot;
  readonly #digest: Digest = new Digest();
  readonly #warmUp: number;

  /** @throws RangeError when the system has no walls between an application and a network stack. */
  constructor({ description, profile }: System, warmUp: number, requests: number) {
    const placement = nullCallOf(description);
    if (!placement.ok) throw new RangeError(placement.error);
    this.latencies = new Float64Array(requests);
    this.#warmUp = warmUp;
    this.system = assemble(nullCall({ placement: placement.value, run: (nothing) => this.#run(nothing) }), { profile });
    this.from = snapshot(this.system);
    this.to = this.from;
  }
  /** @returns false when the system panicked. */
  run(): boolean {
    return this.system.runUntil(this.system.clock.cyclesOf(BOOT_NS)) !== 'panic';
  }
  /** @returns 16 hexadecimal digits: every answer, those of the warm-up too. */
  digest(): string {
    return this.#digest.toString();
  }

  #run(nothing: () => number): void {
    const { clock } = this.system;
    for (let i = 0; i < this.#warmUp; i++) this.#digest.word(nothing());
    this.from = snapshot(this.system);
    for (let i = 0; i < this.latencies.length; i++) {
      const since = clock.now;
      const answer = nothing();
      this.latencies[i] = clock.now - since;
      this.#digest.word(answer);
      if (answer !== NOTHING) this.failed++;
    }
    this.to = snapshot(this.system);
  }
}
