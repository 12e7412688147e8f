/**
 * One message between two user domains, in the two ways that a null call does not show: a call of more words than there
 * are registers, and casts in batches, synchronous or through a ring.
 */
import { type CallSpec, type CastSpec, type Contract, call, cast, contract, kernel } from '@bulkhead/abi';
import type { ConnectionText, Description } from '@bulkhead/assembler';
import { type ComponentDefinition, component, LEVELS } from '@bulkhead/runtime';

/** CHOICE: twice as many words as there are message registers. */
type Eight = (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => number;
type LongCalls = { carry: CallSpec<Eight> };
const longService: Contract<{ calls: LongCalls }> = contract('long', {
  calls: { carry: call(['word', 'word', 'word', 'word', 'word', 'word', 'word', 'word']) },
});

type Casts = { message: CastSpec<(word: number) => void> };
/** CHOICE: twice the largest batch, so that the consumer finds a whole batch and room beside it. */
const STREAM_CAPACITY = 512;
export const MAX_BATCH = 256;
const stream: Contract<{ casts: Casts }> = contract('stream', {
  casts: { message: cast(['word']) },
  capacity: STREAM_CAPACITY,
});

/** CHOICE: one page of code and one of data each, as in a null call. */
const FOOTPRINT = { codePages: 1, dataPages: 1 };

export interface LongCallOptions {
  /** The caller's script: it is handed the call, which carries eight words and brings their sum. */
  readonly run: (carry: () => number) => void;
}

/** A call whose words do not fit the registers: it takes the kernel's general path. */
export function longCall({ run }: LongCallOptions): Description {
  const caller = component<{ readonly server: typeof longService }, Record<never, never>, object>({
    name: 'caller',
    level: LEVELS.application,
    uses: { server: longService },
    provides: {},
    footprint: FOOTPRINT,
    heapPages: 1,
    work: [],
    config: {},
    create: (_context, { server }) => ({
      handlers: { server: {} },
      start: () => run(() => server.carry(1, 2, 3, 4, 5, 6, 7, 8)),
    }),
  });
  const callee = component<Record<never, never>, { readonly calls: typeof longService }, object>({
    name: 'callee',
    level: LEVELS.netStack,
    uses: {},
    provides: { calls: longService },
    footprint: FOOTPRINT,
    heapPages: 1,
    work: [],
    config: {},
    create: () => ({ handlers: { calls: { carry: (_from, ...words) => words.reduce((sum, word) => sum + word, 0) } } }),
  });
  return apart(
    'long call',
    'a call of more words than there are registers',
    [caller, callee],
    'caller.server -> callee.calls',
  );
}

export interface CastBatchesOptions {
  /** True: a ring in shared memory, and a signal when the consumer sleeps. False: each cast is an IPC. */
  readonly asynchronous: boolean;
  /** How often the producer wakes. */
  readonly rounds: number;
  /** The producer's script, each time that it wakes. A `send` gives 0, or a refusal. */
  readonly produce: (round: number, send: (word: number) => number) => void;
  /** Shown every word when it is there. */
  readonly consume?: (word: number) => void;
}

/** Long enough for a batch to be over before the next. */
const INTERVAL_US = 10_000;
const WAKE = 0;

type ProducerUses = { readonly stream: typeof stream; readonly kernel: typeof kernel.contractOfKernel };

/** A producer that wakes now and then and sends casts, and a consumer that is idle otherwise. */
export function castBatches({ asynchronous, rounds, produce, consume = nothing }: CastBatchesOptions): Description {
  const producer = component<ProducerUses, Record<never, never>, object>({
    name: 'producer',
    level: LEVELS.application,
    uses: { stream, kernel: kernel.contractOfKernel },
    provides: {},
    footprint: FOOTPRINT,
    heapPages: 1,
    work: [],
    config: {},
    create: (_context, ports) => {
      let round = 0;
      const wakeAgain = (): void => void (round < rounds && ports.kernel.setAlarm(WAKE, INTERVAL_US));
      const notified = (): void => {
        const now = round++;
        wakeAgain();
        produce(now, (word) => ports.stream.message(word));
      };
      return { handlers: { stream: {}, kernel: { notified } }, start: wakeAgain };
    },
  });
  const consumer = component<Record<never, never>, { readonly stream: typeof stream }, object>({
    name: 'consumer',
    level: LEVELS.netStack,
    uses: {},
    provides: { stream },
    footprint: FOOTPRINT,
    heapPages: 1,
    work: [],
    config: {},
    create: () => ({ handlers: { stream: { message: (_from, word) => consume(word) } } }),
  });
  const connection = 'producer.stream -> consumer.stream';
  return {
    ...apart('casts', 'a producer and a consumer of casts', [producer, consumer], connection),
    rings: asynchronous ? [connection] : [],
  };
}

function nothing(): void {}

/** Each component in a domain of its own, beside an empty kernel. */
function apart(
  name: string,
  summary: string,
  components: readonly { readonly name: string }[],
  connection: ConnectionText,
): Description {
  return {
    name,
    summary,
    components: components as unknown as ComponentDefinition[],
    domains: { kernel: [], ...Object.fromEntries(components.map((each) => [each.name, [each.name]])) },
    connections: [connection],
    authority: {},
    config: () => ({}),
    iommu: 'bare',
    supervised: [],
  };
}
