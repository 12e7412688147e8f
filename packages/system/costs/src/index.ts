export type { Certainty, Constant, Evidence } from './constant.ts';
export { constantOf, explainConstant, labelOf, pricesOf } from './explain.ts';
export { PRIMITIVES, type PrimitiveDefinition, type PrimitiveName } from './primitives.ts';
export { createProfile, type Profile, type ProfileName, profileNames, type StatedProfile } from './profile.ts';
export { priceOfWork, workPrimitive } from './work.ts';
