/** Servers of both kinds. */
import type { Agent, Story, ThreadOptions } from '../story.ts';

/** Servers with time of their own, and those that run on their callers’, for whom there may be a fast path. */
export const KINDS: readonly ['an active', 'a passive'] = ['an active', 'a passive'] as const;
export type Kind = (typeof KINDS)[number];
export const serverOf = (
  story: Story,
  kind: Kind,
  endpoint: number,
  options: ThreadOptions = {},
): Agent & { readonly reply: number } =>
  kind === 'a passive' ? story.passiveServer(endpoint, options) : story.server(endpoint, options);
