/** A journal, and the same run again. */
import { readFileSync } from 'node:fs';
import { assemble, type Description } from '@bulkhead/assembler';
import { profileNames } from '@bulkhead/costs';
import { type Journal, parseJournal, replay } from '@bulkhead/gateway';
import { messageOf, UsageError } from './errors.ts';
import { inSteps, runSteps } from './output/progress.ts';

export interface Replayed {
  readonly frames: number;
  readonly digest: string;
  readonly seconds: number;
}

/** @throws UsageError when the file is no journal. */
export function readJournal(path: string): Journal {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`journal '${path}' cannot be read, record one with --record: ${messageOf(error)}`);
  }
  const journal = parseJournal(text);
  if (!journal.ok) throw new UsageError(`'${path}' is no whole journal, record one with --record: ${journal.error}`);
  return journal.value;
}

/** @throws UsageError when the journal is another system's. */
export async function replayJournal(description: Description, journal: Journal, path: string): Promise<Replayed> {
  const { header, frames, end } = journal;
  if (header.system !== description.name)
    throw new UsageError(`'${path}' was recorded on '${header.system}': replay it there, not on '${description.name}'`);
  const profile = profileNames.find((name) => name === header.profile);
  if (profile === undefined)
    throw new UsageError(
      `'${path}' was recorded with profile '${header.profile}': there are ${profileNames.join(', ')}`,
    );
  const system = assemble(description, { profile, seed: header.seed });
  const step = {
    title: `${description.name}: ${frames.length} recorded frames in simulated time`,
    run: (report: (share: number) => void) => inSteps(replay(system, journal), report),
  };
  const [digest] = await runSteps([step], false);
  return { frames: frames.length, digest: digest!, seconds: end / system.clock.cyclesPerSecond };
}
