export type { IommuDriverConfig } from './config.ts';
export { countersOf, type IommuDriverCounters } from './counters.ts';
export { iommuDriver } from './definition.ts';
