/** What a register does with a written word: data beside the register, applied in one place. */
export interface WriteRule {
  /** Bits that take the written value. All others keep theirs. */
  readonly readWrite: number;
  /** Bits that a written 1 clears. */
  readonly writeOneToClear: number;
}

/** @returns the register's new value after `written` was written over `current`. */
export const applyWrite = (current: number, written: number, rule: WriteRule): number =>
  ((current & ~rule.readWrite) | (written & rule.readWrite)) & ~(written & rule.writeOneToClear);
