/**
 * Who is told of which interrupt: one record an identity, in memory that the kernel lends.
 *
 *   word 0  0 free, 1 issued, 2 bound
 *   word 1  component
 *   word 2  token by which the component knows it
 *
 * A bound interrupt is masked from its delivery until it is acknowledged, so that one that nobody serves cannot come
 * again and again. The records may have been overwritten: what they say is checked by whoever acts on it.
 */

/** What the kernel needs of the interrupt file. RISC-V AIA 1.0 §3.8 "Indirectly accessed interrupt-file registers". */
export interface InterruptFile {
  /** Clears the pending bit of the most urgent identity. @returns it, or 0 when there is none. */
  claim(): number;
  enable(identity: number, enabled: boolean): void;
}

export const NOT_BOUND = -1;

const RECORD_WORDS = 4;
const STATE = 0;
const COMPONENT = 1;
const TOKEN = 2;
const FREE = 0;
const ISSUED = 1;
const BOUND = 2;

export class InterruptTable {
  readonly identities: number;
  readonly #words: Int32Array;
  readonly #base: number;
  readonly #file: InterruptFile;

  /** @param base index of the first of `(identities + 1) * 4` words, all zero. */
  constructor(words: Int32Array, base: number, identities: number, file: InterruptFile) {
    this.#words = words;
    this.#base = base;
    this.identities = identities;
    this.#file = file;
  }
  isIssued(identity: number): boolean {
    return this.#words[this.#at(identity) + STATE] !== FREE;
  }
  issue(identity: number): void {
    this.#words[this.#at(identity) + STATE] = ISSUED;
  }
  /** Replaces an earlier binding, and unmasks. */
  bind(identity: number, component: number, token: number): void {
    const at = this.#at(identity);
    this.#words[at + STATE] = BOUND;
    this.#words[at + COMPONENT] = component;
    this.#words[at + TOKEN] = token;
    this.#file.enable(identity, true);
  }
  /** @returns whether it was bound; then it is unmasked. */
  acknowledge(identity: number): boolean {
    if (this.#words[this.#at(identity) + STATE] !== BOUND) return false;
    this.#file.enable(identity, true);
    return true;
  }
  /** Masks it, and forgets who was told. */
  clear(identity: number): void {
    const at = this.#at(identity);
    for (let word = 0; word < RECORD_WORDS; word++) this.#words[at + word] = 0;
    this.#file.enable(identity, false);
  }
  /** Takes the most urgent interrupt and masks it. @returns its identity, or 0. */
  claim(): number {
    const identity = this.#file.claim();
    if (identity !== 0) this.#file.enable(identity, false);
    return identity;
  }
  /** @returns the component to tell, or NOT_BOUND. */
  componentOf(identity: number): number {
    const at = this.#at(identity);
    return this.#words[at + STATE] === BOUND ? this.#words[at + COMPONENT]! : NOT_BOUND;
  }
  tokenOf(identity: number): number {
    return this.#words[this.#at(identity) + TOKEN]!;
  }
  #at(identity: number): number {
    return this.#base + identity * RECORD_WORDS;
  }
}
