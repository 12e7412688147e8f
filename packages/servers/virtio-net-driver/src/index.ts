export type { VirtioNetDriverConfig } from './config.ts';
export { virtioNetDriver } from './definition.ts';
