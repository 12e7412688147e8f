export { Check } from './check.ts';
export * as api from './interface.ts';
export { ERRORS, type ErrorName, type Numbers } from './numbers.ts';
export { type Clause, type Outcome, runClause, runSuites } from './run.ts';
export { Story } from './story.ts';
export {
  type BootInfo,
  type BootOptions,
  FEATURES,
  type Feature,
  type Machine,
  type Received,
  type Subject,
  type SystemCall,
  type SystemCallName,
} from './subject.ts';
export { suites } from './suites.ts';
