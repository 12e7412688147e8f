/** What one profile says about messages: one of them charge by charge, every way side by side, and batches. */
import type { Profile } from '@bulkhead/costs';
import { tenths, whole } from '../output/table.ts';
import { type Batch, crossoverOf, explainMessage, measureBatches } from './batches.ts';
import { explainCall } from './call.ts';
import type { Explanation, Gate } from './parts.ts';
import { type ProfileWays, waysOf } from './ways.ts';

export interface IpcReport extends Explanation {
  readonly ways: ProfileWays['ways'];
  /** By rising size. */
  readonly batches: readonly Batch[];
  /** The smallest batch from which on the ring stays the cheaper way; null when it never is. */
  readonly crossoverBatch: number | null;
  /** The same in sentences, computed from these figures. */
  readonly conclusions: { readonly walls: string; readonly slowPath: string; readonly crossover: string };
}

export const explainGate = (profile: Profile, gate: Gate): Explanation =>
  gate === 'async' ? explainMessage(profile) : explainCall(profile, gate);

export function explainIpc(profile: Profile): IpcReport {
  const { ways } = waysOf(profile);
  const batches = measureBatches(profile);
  const crossoverBatch = crossoverOf(batches);
  return {
    ...explainCall(profile, 'ipc'),
    ways,
    batches,
    crossoverBatch,
    conclusions: {
      walls: `A call to another address space takes ${tenths(ways.ipcFast / ways.direct)} times as long as one in the same domain, and ${tenths(ways.ipcFast / ways.systemCall)} times as long as one into the kernel.`,
      slowPath: `Words beyond the registers put a call on the slow path: ${whole(ways.ipcSlow - ways.ipcFast)} cycles more.`,
      crossover: crossoverSentence(batches, crossoverBatch),
    },
  };
}

/** Where one line crosses the other, as far as it was measured. */
export function crossoverSentence(batches: readonly Batch[], crossover: number | null): string {
  const at = batches.findIndex(({ batch }) => batch === crossover);
  const largest = batches.at(-1)!;
  if (crossover === null)
    return `Up to ${largest.batch} messages a batch, the ring is never cheaper: ${figures(largest)}.`;
  const found = batches[at]!;
  if (at === 0) return `The ring is cheaper at every batch that was measured: ${figures(found)} at ${found.batch}.`;
  const before = batches[at - 1]!;
  return `The ring is cheaper from ${found.batch} messages a batch on (${figures(found)}), and not at ${before.batch} (${figures(before)}).`;
}
const figures = ({ syncCyclesPerMessage, asyncCyclesPerMessage }: Batch): string =>
  `${tenths(asyncCyclesPerMessage)} cycles a message against ${tenths(syncCyclesPerMessage)}`;
