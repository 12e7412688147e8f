/** Shortcuts of the tests. */
import type { Description } from '@bulkhead/assembler';
import type { Cell } from '../src/containment.ts';
import { type Answer, ask, auditDescription, containment, type Effect } from '../src/index.ts';

export const answerOf = (description: Description, question: string): Answer =>
  ask(auditDescription(description), question);
export const kindOf = (description: Description, question: string): Answer['kind'] =>
  answerOf(description, question).kind;

export function cellOf(description: Description, failing: string, affected: string): Cell {
  const { components, cells } = containment(auditDescription(description));
  return cells[components.indexOf(failing)]![components.indexOf(affected)]!;
}
export const effectOf = (description: Description, failing: string, affected: string): Effect =>
  cellOf(description, failing, affected).effect;
