export type { Certainty, Constant, Evidence } from './constant.ts';
export { constantOf, entriesOf, explainConstant, labelOf, type ProfileEntry, pricesOf } from './explain.ts';
export { PRIMITIVES, type PrimitiveName } from './primitives.ts';
export { createProfile, type Profile, type ProfileName, profileNames } from './profile.ts';
export { type Assumption, assumptionsOf, scaled } from './scaling.ts';
export { priceOfWork, workPrimitive } from './work.ts';
