export { type Containment, containment, type Effect, MEANINGS, summarise } from './containment.ts';
export { auditDescription } from './describe.ts';
export { toDot, toMermaid } from './drawing.ts';
export { auditSystem, unforeseen } from './live.ts';
export type { Audit, AuditEdge } from './model.ts';
export { ask, FORMS } from './question.ts';
export { GUARANTEES, starvation } from './starvation.ts';
export { KERNEL_PACKAGES, trustedBases } from './trusted-base.ts';
export { type UnusedRight, watched } from './use.ts';
