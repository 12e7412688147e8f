/**
 * Toy components for tests of walls: every one speaks the same contract, and what it does is a script of the test.
 * `story` is what the scripts wrote down, in order.
 */
import { type CallSpec, type CastSpec, type Contract, call, cast, contract, kernel, type Right } from '@bulkhead/abi';
import { type ComponentDefinition, type Context, component } from '@bulkhead/runtime';
import type { ConnectionText, Description } from '../src/index.ts';

type Calls = {
  ask: CallSpec<(a: number, b: number) => number>;
  give: CallSpec<(right: Right) => number>;
  take: CallSpec<() => number>;
};
type Casts = { tell: CastSpec<(a: number, b: number) => void> };
type Events = { report: CastSpec<(a: number, b: number) => void> };

export const talk: Contract<{ calls: Calls; casts: Casts; events: Events }> = contract('talk', {
  calls: { ask: call(['word', 'word'], ['word']), give: call(['right']), take: call([], ['right']) },
  casts: { tell: cast(['word', 'word']) },
  events: { report: cast(['word', 'word']) },
  capacity: 16,
});
/** The same without calls: it may go anywhere. */
export const whisper: Contract<{ casts: Casts; events: Events }> = contract('whisper', {
  casts: { tell: cast(['word', 'word']) },
  events: { report: cast(['word', 'word']) },
  capacity: 16,
});

type Send = Readonly<Record<string, (...args: number[]) => number>>;

/** What a script works with: one life of one component. */
export interface Self {
  readonly name: string;
  readonly context: Context;
  readonly kernel: Send;
  /** By the name of the server; `talk` is its own end for those who call it. */
  readonly ports: Readonly<Record<string, Send>>;
  readonly life: number;
  /** @returns 0, so that it may stand for an answer. */
  say(line: string): number;
}
/** What a component does. What is left out does nothing. */
export interface Act {
  start?(self: Self): void;
  ask?(self: Self, from: number, a: number, b: number): number;
  give?(self: Self, from: number, right: Right): number;
  take?(self: Self, from: number): number;
  tell?(self: Self, from: number, a: number, b: number): void;
  report?(self: Self, server: string, a: number, b: number): void;
  token?(self: Self, token: number): void;
  settle?(self: Self): void;
}
export interface ActorOptions {
  readonly level: number;
  /** Names of the components that it calls. */
  readonly servers?: readonly string[];
  readonly rights?: readonly string[];
  readonly shares?: readonly string[];
  readonly heapPages?: number;
  readonly contract?: 'talk' | 'whisper';
}

export class Stage {
  readonly story: string[] = [];
  readonly acts: Record<string, Act> = {};
  readonly lives: Record<string, number> = {};
  readonly actors: ComponentDefinition[] = [];

  /** Adds a component, which plays `acts[name]` as it is at the time. */
  actor(name: string, options: ActorOptions, act: Act = {}): ComponentDefinition {
    const { level, servers = [], rights = [], shares = [], heapPages = 1 } = options;
    const spoken = options.contract === 'whisper' ? whisper : talk;
    this.acts[name] = act;
    this.lives[name] = 0;
    const definition = component({
      name,
      level,
      uses: { kernel: kernel.contractOfKernel, ...Object.fromEntries(servers.map((server) => [server, spoken])) },
      provides: { talk: spoken },
      footprint: { codePages: 1, dataPages: 1 },
      heapPages,
      regions: { own: { sizeBits: 12 as const, count: 1 } },
      shares: Object.fromEntries(shares.map((port) => [port, { sizeBits: 12 as const, count: 1 }])),
      rights,
      work: ['step'],
      config: {},
      create: (context, ports) => this.#live(name, servers, context as Context, ports as never) as never,
    }) as unknown as ComponentDefinition;
    this.actors.push(definition);
    return definition;
  }
  #live(name: string, servers: readonly string[], context: Context, ports: Readonly<Record<string, Send>>): object {
    const life = this.lives[name]! + 1;
    this.lives[name] = life;
    const say = (line: string): number => {
      this.story.push(`${name}: ${line}`);
      return 0;
    };
    const self: Self = { name, context, ports, kernel: ports['kernel']!, life, say };
    const act = (): Act => this.acts[name]!;
    const reports = servers.map((server) => [
      server,
      { report: (a: number, b: number) => act().report?.(self, server, a, b) },
    ]);
    return {
      handlers: {
        kernel: { notified: (token: number) => act().token?.(self, token) },
        talk: {
          ask: (from: number, a: number, b: number) => act().ask?.(self, from, a, b) ?? 0,
          give: (from: number, right: Right) => act().give?.(self, from, right) ?? 0,
          take: (from: number) => act().take?.(self, from) ?? 0,
          tell: (from: number, a: number, b: number) => act().tell?.(self, from, a, b),
        },
        ...Object.fromEntries(reports),
      },
      start: () => act().start?.(self),
      settle: () => act().settle?.(self),
    };
  }
  /** A description of all actors. Every client is connected with its servers. */
  description(domains: Description['domains'], rest: Partial<Description> = {}): Description {
    return {
      name: 'stage',
      summary: 'a test',
      components: this.actors,
      domains,
      connections: this.actors.flatMap(({ name, uses }) =>
        Object.keys(uses)
          .filter((port) => port !== 'kernel')
          .map((port): ConnectionText => `${name}.${port} -> ${port}.talk`),
      ),
      authority: {},
      config: () => ({}),
      iommu: 'bare',
      supervised: [],
      ...rest,
    };
  }
}

/** Every component in a domain of its own. */
export const apart = (...names: readonly string[]): Record<string, readonly string[]> => ({
  kernel: [],
  ...Object.fromEntries(names.map((name) => [name, [name]])),
});

/** Spends a component's own work, until about `us` have passed. */
export function spendUs(self: Self, us: number): void {
  const step = self.context.work.id('step');
  const start = self.context.nowUs();
  while (((self.context.nowUs() - start) | 0) < us) self.context.work.spend(step);
}
