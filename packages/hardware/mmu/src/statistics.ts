/** What an MMU has done since construction, and what a machine would have paid for it. */
export interface MmuStatistics {
  /** Translations for which a TLB held the leaf, whether it permitted the access or not. */
  readonly hits: number;
  /** Translations for which the tables were walked: the TLBs' misses, and stores that found a clean leaf to be marked. */
  readonly walks: number;
  /** Page-table entries that the walks read. */
  readonly reads: number;
  /** Entries whose A or D the walks set. */
  readonly updates: number;
  /** TLB entries that had to go for another; those that a fence took are not counted. */
  readonly evictions: number;
  /** Page faults and access faults answered. */
  readonly faults: number;
}

/** Cycles: a machine's own figures. */
export interface TranslationCosts {
  /** A translation that a TLB gives. @defaultValue 0, as where it is hidden in the pipeline */
  readonly hit?: number;
  /** A walk, beside its reads. @defaultValue 0 */
  readonly walk?: number;
  readonly read: number;
  /** @defaultValue as a read */
  readonly update?: number;
}

/** @returns the cycles that this much translation takes at these costs. */
export const translationCycles = (
  { hits, walks, reads, updates }: MmuStatistics,
  { hit = 0, walk = 0, read, update = read }: TranslationCosts,
): number => hits * hit + walks * walk + reads * read + updates * update;
