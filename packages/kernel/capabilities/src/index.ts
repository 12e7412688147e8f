export { Capabilities, type CapabilitiesOptions } from './capabilities.ts';
export { CNodeInvocations } from './cnode-invocations.ts';
export type { Finalise } from './deletion.ts';
export { guardWord } from './derived.ts';
export * as errors from './errors.ts';
export * as objects from './object-types.ts';
export { SLOT_WORDS } from './slot.ts';
export { granuleOf, pageOfGranule } from './slot-view.ts';
export { FAN_OUT_LIMIT } from './untyped.ts';
