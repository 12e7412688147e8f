/** What a report is made of: plain data, measured and audited by others. */
import type { Comparison } from '@bulkhead/comparison';

export interface ReportInput {
  readonly comparison: Comparison;
  /** One a system. What falls if X falls. */
  readonly containment?: readonly Containment[];
  readonly ipcBatches?: IpcBatches;
  /** Program and version, as the page's last line says it. */
  readonly generatedBy: string;
}

export interface Containment {
  readonly system: string;
  readonly components: readonly string[];
  /** `cells[x][y]`: what becomes of component y when x fails, in a word of `meaning`. */
  readonly cells: readonly (readonly string[])[];
  /** A sentence for each word, mildest first. */
  readonly meaning: Readonly<Record<string, string>>;
  /** Words that count as harm where the harmed are counted. @defaultValue all of `meaning` but the first */
  readonly harm?: readonly string[];
  /** @defaultValue `bulkhead audit SYSTEM` */
  readonly command?: string;
}

/** Synchronous against asynchronous IPC by how many messages are handed over at once. */
export interface IpcBatches {
  readonly profile: string;
  readonly rows: readonly IpcBatch[];
  /** @defaultValue `bulkhead explain ipc --profile PROFILE` */
  readonly command?: string;
}
export interface IpcBatch {
  readonly batch: number;
  readonly syncCyclesPerMessage: number;
  readonly asyncCyclesPerMessage: number;
}
