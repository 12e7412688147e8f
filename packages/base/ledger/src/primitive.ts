/** Why cycles were spent. Every primitive has exactly one cause. */
export const CAUSES = [
  'compute',
  'trap',
  'switch',
  'ipc',
  'copy',
  'tlb',
  'interrupt',
  'device',
  'kernel',
  'idle',
] as const;
export type Cause = (typeof CAUSES)[number];

/** The smallest thing that has a price: one kernel entry, one line copied, one piece of a component's own work. */
export interface Primitive {
  readonly name: string;
  readonly cause: Cause;
}
