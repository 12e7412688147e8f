/** An interrupt file by the book, for tests: two sets, and the lower identity first. RISC-V AIA 1.0 §3.3, §3.8, §3.9. */
import type { InterruptFile } from '../src/index.ts';

export class File implements InterruptFile {
  readonly pending: Set<number> = new Set();
  readonly enabled: Set<number> = new Set();

  /** A message came. */
  send(identity: number): void {
    this.pending.add(identity);
  }
  setPending(identity: number, pending: boolean): void {
    if (pending) this.pending.add(identity);
    else this.pending.delete(identity);
  }
  isPending(identity: number): boolean {
    return this.pending.has(identity);
  }
  claim(): number {
    const ready = [...this.pending].filter((identity) => this.enabled.has(identity));
    const identity = ready.length === 0 ? 0 : Math.min(...ready);
    this.pending.delete(identity);
    return identity;
  }
  enable(identity: number, enabled: boolean): void {
    if (enabled) this.enabled.add(identity);
    else this.enabled.delete(identity);
  }
}
