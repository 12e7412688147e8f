export type { Containment, IpcBatch, IpcBatches, ReportInput } from './input.ts';
export { reportHtml } from './page.ts';
