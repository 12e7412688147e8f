/** A description that is right, to be changed in one thing. */
import type { ComponentDefinition } from '@bulkhead/runtime';
import type { ConnectionText, Description } from '../src/index.ts';
import { apart, Stage } from './stage.ts';

export const NAMES = ['app', 'stack', 'driver', 'supervisor', 'bus'] as const;

/** app (10) → stack (20) → driver (30) → bus (60) ← supervisor (40), which starts the driver. */
export function right(add: (stage: Stage) => void = () => {}): Description {
  const stage = new Stage();
  stage.actor('app', { level: 10, servers: ['stack'] });
  stage.actor('stack', { level: 20, servers: ['driver'] });
  stage.actor('driver', { level: 30, servers: ['bus'] });
  stage.actor('supervisor', { level: 40, servers: ['bus'], rights: ['child-0', 'child-1'] });
  stage.actor('bus', { level: 60, rights: ['config'] });
  add(stage);
  return stage.description(apart(...NAMES), {
    authority: { bus: { config: 'ecam' }, supervisor: { 'child-0': 'domain:driver' } },
    supervised: ['driver'],
  });
}
export const connection = (text: string): ConnectionText => text as ConnectionText;
/** The right description but for one thing. */
export const but = (change: (description: Description) => Partial<Description>): Description => {
  const description = right();
  return { ...description, ...change(description) };
};
export const without = <T>(list: readonly T[], unwanted: T): T[] => list.filter((one) => one !== unwanted);
/** The right description with one component changed. */
export const changed = (name: string, change: Partial<ComponentDefinition>): Description =>
  but(({ components }) => ({
    components: components.map((component) => (component.name === name ? { ...component, ...change } : component)),
  }));
/** One component, `low`, in a domain of its own. */
export function one(change: Partial<ComponentDefinition>): Description {
  const stage = new Stage();
  const component = { ...stage.actor('low', { level: 10 }), ...change };
  return { ...stage.description({ kernel: [], low: [component.name] }), components: [component] };
}
