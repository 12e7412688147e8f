/** A small pair of components that knows every kind of method, for tests of gates. */
import {
  type BufferRef,
  type CallSpec,
  type CastSpec,
  type Contract,
  call,
  cast,
  contract,
  kernel,
  type Right,
} from '@bulkhead/abi';
import { type ComponentDefinition, type Context, component } from '@bulkhead/runtime';
import type { Description } from '../src/index.ts';

type Calls = {
  add: CallSpec<(a: number, b: number) => number>;
  six: CallSpec<(a: number, b: number, c: number, d: number, e: number, f: number) => number>;
  look: CallSpec<(right: Right) => number>;
  make: CallSpec<() => number>;
  fail: CallSpec<() => number>;
  wild: CallSpec<(page: number) => number>;
};
type Casts = { up: CastSpec<(value: number) => void> };
type Events = { down: CastSpec<(value: number, square: number) => void> };

export const toy: Contract<{ calls: Calls; casts: Casts; events: Events }> = contract('toy', {
  calls: {
    add: call(['word', 'word'], ['word']),
    six: call(['word', 'word', 'word', 'word', 'word', 'word']),
    look: call(['right']),
    make: call([], ['right']),
    fail: call([]),
    wild: call(['word']),
  },
  casts: { up: cast(['word']) },
  events: { down: cast(['word', 'word']) },
  capacity: 8,
});

/** What happened, in order. */
export const story: string[] = [];
export type Script = (
  ports: { toy: Record<string, (...args: number[]) => number>; kernel: Record<string, (...args: number[]) => number> },
  context: Context,
) => void;
export const script: { client: Script; server: Script; down: () => void } = {
  client: () => {},
  server: () => {},
  down: () => {},
};

type Uses = { readonly toy: typeof toy; readonly kernel: typeof kernel.contractOfKernel };

export const client = component<Uses, Record<never, never>, object>({
  name: 'client',
  level: 10,
  uses: { toy, kernel: kernel.contractOfKernel },
  provides: {},
  footprint: { codePages: 1, dataPages: 1 },
  heapPages: 1,
  regions: { own: { sizeBits: 12, count: 1 } },
  work: ['step'],
  config: {},
  create: (context, ports) => ({
    handlers: {
      toy: {
        down: (value: number, square: number) => {
          story.push(`down ${value} ${square}`);
          script.down();
        },
      },
      kernel: { notified: (token: number) => void story.push(`client token ${token}`) },
    },
    start: () => script.client(ports as never, context as Context),
    settle: () => void story.push('client settles'),
  }),
});

export const server = component<
  { readonly kernel: typeof kernel.contractOfKernel },
  { readonly toy: typeof toy },
  object
>({
  name: 'server',
  level: 20,
  uses: { kernel: kernel.contractOfKernel },
  provides: { toy },
  footprint: { codePages: 1, dataPages: 1 },
  heapPages: 1,
  regions: { gift: { sizeBits: 12, count: 1 } },
  shares: { toy: { sizeBits: 12, count: 1 } },
  work: ['step'],
  config: {},
  create: (context, ports) => ({
    handlers: {
      toy: {
        add: (from: number, a: number, b: number) => {
          story.push(`add from ${from}`);
          context.answer[1] = a * b;
          return a + b;
        },
        six: (_from: number, a: number, b: number, c: number, d: number, e: number, f: number) =>
          a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f,
        look: (_from: number, right: Right) => ports.kernel.address(right),
        make: () => {
          context.answer[1] = context.region('gift').frame;
          return 0;
        },
        fail: () => {
          throw new Error('no luck');
        },
        wild: (_from: number, page: number) => {
          context.memory.store32(page, 0, 1);
          return 0;
        },
        up: (from: number, value: number) => {
          story.push(`up ${value}`);
          if (ports.toy.down(from, value, value * value) < 0) story.push('full');
        },
      },
      kernel: { notified: (token: number) => void story.push(`server token ${token}`) },
    },
    start: () => script.server(ports as never, context as Context),
  }),
});

/** Where the two stand. */
export const placements = {
  'both in the kernel': { kernel: ['server', 'client'] },
  'server in the kernel': { kernel: ['server'], client: ['client'] },
  'both outside': { kernel: [], server: ['server'], client: ['client'] },
} as const;
export type Placement = keyof typeof placements;

export const toySystem = (placement: Placement, ring = false): Description => ({
  name: placement,
  summary: 'a test',
  components: [client, server] as unknown as ComponentDefinition[],
  domains: placements[placement],
  connections: ['client.toy -> server.toy'],
  ...(ring ? { rings: ['client.toy -> server.toy' as const] } : {}),
  authority: {},
  config: () => ({}),
  iommu: 'bare',
  supervised: [],
});
export type { BufferRef };
