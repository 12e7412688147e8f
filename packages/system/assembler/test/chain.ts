/** Three components that call each other, and a supervisor of one of them. */
import type { Right } from '@bulkhead/abi';
import { NEVER } from '@bulkhead/clock';
import { assemble, type Description, type System } from '../src/index.ts';
import { type Act, apart, type Self, Stage } from './stage.ts';

export const FAULT = 0;
export const ALARM = 1;
export const CHILD = 'child-0';

/** Starts its child, and starts it again when it has ended. */
export const restarts: Act = {
  start: (self) => {
    self.kernel['bindFaults']!(FAULT);
    self.kernel['startDomain']!(self.context.right(CHILD));
  },
  token: (self, token) => {
    if (token === FAULT) self.kernel['startDomain']!(self.context.right(CHILD));
  },
};
/** Starts its child, does `what` to it after a while, and leaves it at that. */
export const after = (us: number, what: (self: Self, child: Right) => void): Act => ({
  start: (self) => {
    self.kernel['startDomain']!(self.context.right(CHILD));
    self.kernel['setAlarm']!(ALARM, us);
  },
  token: (self) => what(self, self.context.right(CHILD)),
});
export const end = (self: Self, child: Right): void => void self.kernel['endDomain']!(child);
export const endAndStart = (self: Self, child: Right): void => {
  end(self, child);
  self.kernel['startDomain']!(child);
};

/** a (10) → b (20) → c (30), and a supervisor (40). */
export function chain(acts: Readonly<Record<string, Act>>): Stage {
  const stage = new Stage();
  stage.actor('a', { level: 10, servers: ['b'] }, acts['a']);
  stage.actor('b', { level: 20, servers: ['c'] }, acts['b']);
  stage.actor('c', { level: 30 }, acts['c']);
  stage.actor('supervisor', { level: 40, rights: [CHILD] }, acts['supervisor'] ?? restarts);
  stage.actors.reverse();
  return stage;
}
export const supervising = (child: string): Partial<Description> => ({
  supervised: [child],
  authority: { supervisor: { [CHILD]: `domain:${child}` } },
});
export function run(child: 'a' | 'b' | 'c', acts: Readonly<Record<string, Act>>): { system: System; story: string[] } {
  const stage = chain(acts);
  const system = assemble(stage.description(apart('a', 'b', 'c', 'supervisor'), supervising(child)));
  const result = system.runUntil(NEVER);
  if (result !== 'dead-quiet') throw new Error(`${result}: ${system.panic?.message}`);
  return { system, story: stage.story };
}
