export type { Child, SupervisorConfig } from './config.ts';
export { supervisor } from './definition.ts';
