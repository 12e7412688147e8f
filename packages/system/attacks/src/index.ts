export { type Attack, type AttemptOptions, attempt, SWITCHES, without } from './attack.ts';
export { ATTACKS, attacksOn } from './attacks.ts';
export { BYSTANDER } from './bystander.ts';
export { type Exposure, exposureOf } from './exposure.ts';
export type { Report, Verdict, Wall } from './verdict.ts';
