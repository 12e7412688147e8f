export type { AllowedDevice, PciBusDriverConfig } from './config.ts';
export { pciBusDriver } from './definition.ts';
