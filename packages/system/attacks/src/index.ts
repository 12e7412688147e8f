export { type Attack, attempt, SWITCHES, without } from './attack.ts';
export { ATTACKS } from './attacks.ts';
export { BYSTANDER } from './bystander.ts';
export { type Exposure, exposureOf } from './exposure.ts';
export type { Report, Verdict, Wall } from './verdict.ts';
