/** What became of an attack. */

/**
 * What stands in an attack's way. The first four are switches of a description; the others are what a system is made of,
 * or is not.
 */
export type Wall = 'iommu' | 'ownership' | 'messages' | 'budgets' | 'address space' | 'masked interrupt';

/** What the system said of it, to whom. */
export interface Report {
  readonly by: string;
  readonly device: string | null;
  /** As the device, or the driver, issued it; a driver's of the upper half is negative. */
  readonly address: number | null;
  readonly cause: string;
}

export interface Verdict {
  readonly attack: string;
  readonly system: string;
  readonly outcome: 'stopped' | 'damage';
  /** Which wall stopped it, or should have. */
  readonly wall: Wall;
  readonly reports: readonly Report[];
  /** In words; null when there was none. */
  readonly damage: string | null;
  /** Whether the attacker lives on, was ended and started again, or took the system with it. */
  readonly aftermath: 'lives on' | 'started again' | 'ended' | 'panic';
  /** Whether the driver that had nothing to do with it still has its turns. */
  readonly bystanderLives: boolean;
}
