export { type Containment, containment, type Effect, summarise } from './containment.ts';
export { auditDescription } from './describe.ts';
export { toDot, toMermaid } from './drawing.ts';
export { auditSystem, unforeseen } from './live.ts';
export type { Audit, AuditEdge } from './model.ts';
export { ask, FORMS } from './question.ts';
export { GUARANTEES, type Starvation, starvation } from './starvation.ts';
export { type TrustedBase, trustedBases } from './trusted-base.ts';
export { type UnusedRight, watched } from './use.ts';
