export type { IommuDriverConfig } from './config.ts';
export { iommuDriver } from './definition.ts';
