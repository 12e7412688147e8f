export type { NicDriverConfig } from './config.ts';
export { nicDriver } from './definition.ts';
