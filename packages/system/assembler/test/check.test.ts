import { beforeEach, describe, expect, it } from 'vitest';
import { assemble, checkDescription, type ConnectionText, type Description, DescriptionError } from '../src/index.ts';
import { apart, Stage } from './stage.ts';

/** app (10) → stack (20) → driver (30) → bus (60); supervisor (40) → bus. Right in every placement. */
const NAMES = ['app', 'stack', 'driver', 'supervisor', 'bus'] as const;

function stageOfFive(): Stage {
  const stage = new Stage();
  stage.actor('app', { level: 10, servers: ['stack'] });
  stage.actor('stack', { level: 20, servers: ['driver'], contract: 'whisper' });
  stage.actor('driver', { level: 30, servers: ['bus'], contract: 'whisper', shares: ['talk'] });
  stage.actor('supervisor', { level: 40, servers: ['bus'], rights: ['child-0'] });
  stage.actor('bus', { level: 60, rights: ['config'] });
  return stage;
}
/** A right description, with each component apart. `app` and `supervisor` speak `talk` to servers that provide it. */
function right(change: Partial<Description> = {}): Description {
  const stage = new Stage();
  stage.actor('app', { level: 10, servers: ['stack'] });
  stage.actor('stack', { level: 20, servers: ['driver'] });
  stage.actor('driver', { level: 30, servers: ['bus'], shares: ['talk'] });
  stage.actor('supervisor', { level: 40, servers: ['bus'], rights: ['child-0'] });
  stage.actor('bus', { level: 60, rights: ['config'] });
  return stage.description(apart(...NAMES), {
    authority: { bus: { config: 'ecam' }, supervisor: { 'child-0': 'domain:driver' } },
    supervised: ['driver'],
    ...change,
  });
}
