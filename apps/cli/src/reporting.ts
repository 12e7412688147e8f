/** The report: a comparison, what the audit says of its systems, and the price of a message, as one page. */
import { writeFileSync } from 'node:fs';
import { auditDescription, containment, MEANINGS } from '@bulkhead/audit';
import { type Comparison, shapedFor } from '@bulkhead/comparison';
import type { ProfileName } from '@bulkhead/costs';
import type { WorkloadName } from '@bulkhead/load';
import type { Nic } from '@bulkhead/parts';
import type { Containment, IpcBatches } from '@bulkhead/report';
import { Failure, messageOf } from './errors.ts';
import { measureBatches } from './explain/batches.ts';
import { runSteps } from './output/progress.ts';
import { profileOf } from './profiles.ts';
import { type LoadedSystem, loadSystems } from './systems.ts';

const GENERATED_BY = 'bulkhead compare';

/** What is not survived. */
const HARM = ['corrupted', 'falls'];

interface Options {
  readonly nic?: Nic;
  readonly systems: string;
  readonly profile: ProfileName;
  readonly json: boolean;
}

function containmentOf(loaded: LoadedSystem, workload: WorkloadName): Containment {
  const shaped = shapedFor(loaded, workload);
  const description = shaped.ok ? shaped.value : loaded;
  const { components, cells } = containment(auditDescription(description));
  return {
    system: description.name,
    components,
    cells: cells.map((row) => row.map(({ effect }) => effect)),
    meaning: MEANINGS,
    harm: HARM,
    command: `bulkhead audit ${loaded.source}`,
  };
}
function batchesOf(profile: ProfileName): IpcBatches {
  return { profile, rows: measureBatches(profileOf(profile)), command: `bulkhead explain ipc --profile ${profile}` };
}

/** @throws Failure when the file cannot be written. */
export async function writeReport(path: string, comparison: Comparison, options: Options): Promise<void> {
  const systems = await loadSystems(options.systems, options.nic);
  const write = async (): Promise<void> => {
    // Charts are drawn by a library that nobody else needs.
    const { reportHtml } = await import('@bulkhead/report');
    const html = reportHtml({
      comparison,
      containment: systems.map((system) => containmentOf(system, comparison.workload.workload)),
      ipcBatches: batchesOf(options.profile),
      generatedBy: GENERATED_BY,
    });
    try {
      writeFileSync(path, html);
    } catch (error) {
      throw new Failure(`'${path}' is not complete: ${messageOf(error)}`);
    }
  };
  await runSteps([{ title: `report: ${path}`, run: write }], options.json);
}
