import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLog } from '../src/event-log.ts';
import { QueueWatch } from '../src/queue-watch.ts';
import { Recorder } from '../src/recorder.ts';
import { traceEvents } from '../src/trace-events.ts';
import { read } from './reader.ts';
import { names } from './recorded.ts';

const runs = { numRuns: 200 * Number(process.env.BULKHEAD_EFFORT ?? 1) };
const COMPONENTS = 4;

type Step =
  | { readonly kind: 'enter'; readonly by: boolean }
  | { readonly kind: 'leave' }
  | { readonly kind: 'cast'; readonly queue: number }
  | {
      readonly kind: 'charge';
      readonly own: boolean;
      readonly primitive: number;
      readonly cycles: number;
    };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('enter' as const), by: fc.boolean() }),
  fc.record({ kind: fc.constant('leave' as const) }),
  fc.record({ kind: fc.constant('cast' as const), queue: fc.nat(2) }),
  fc.record({
    kind: fc.constant('charge' as const),
    own: fc.boolean(),
    primitive: fc.integer({ min: 0, max: 2 }),
    cycles: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 5000 })),
  }),
);

interface Lengths {
  name: string;
  producer: number;
  consumer: number;
  length: number;
}
/** Down, up, and down again. */
const someQueues = (): Lengths[] =>
  [
    [3, 1],
    [0, 2],
    [1, 0],
  ].map(([producer, consumer]) => ({ name: 'casts', producer: producer!, consumer: consumer!, length: 0 }));

/** Any run that the executive could tell of: components stand on the stack in rising order, and leave from the top. */
function tell(recorder: Recorder, steps: readonly Step[]): { entered: number; busy: number } {
  const stack: number[] = [];
  const queues = someQueues();
  recorder.queues = new QueueWatch(queues, COMPONENTS + 1, () => {});
  let now = 0;
  let entered = 0;
  let busy = 0;
  for (const each of steps) {
    const top = stack.at(-1) ?? -1;
    if (each.kind === 'enter' && top + 1 < COMPONENTS) {
      recorder.observer.entered(top + 1, each.by ? top : -1);
      stack.push(top + 1);
      entered++;
    } else if (each.kind === 'leave' && top >= 0) {
      recorder.observer.left(top);
      stack.pop();
    } else if (each.kind === 'cast') {
      const queue = queues[each.queue]!;
      if (top === queue.producer) queue.length++;
      if (top === queue.consumer) queue.length = 0;
    } else if (each.kind === 'charge') {
      now += each.cycles;
      const idle = each.primitive === 2;
      if (!idle) busy += each.cycles;
      recorder.trace(each.own && top >= 0 && !idle ? top : COMPONENTS, each.primitive, 1, now);
    }
  }
  recorder.flush();
  return { entered, busy };
}

describe('Whatever runs', () => {
  it('the trace nests and its arrows have both ends and point forward, whole or cut anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120, size: 'max' }),
        fc.constantFrom(1e9, 2.6e9, 1e6, 3_333_333_333),
        fc.oneof(fc.constant(10_000), fc.integer({ min: 0, max: 100 })),
        (steps, cyclesPerSecond, limit) => {
          const recorder = new Recorder(limit, 2);
          const { entered, busy } = tell(recorder, steps);
          const text = [...traceEvents(recorder, names(cyclesPerSecond))].join('');
          const trace = read(text);
          expect([trace.problems, read(text, Math.trunc).problems]).toEqual([[], []]);
          const handlers = trace.slices.filter(({ cat }) => cat === 'handler');
          const charged = trace.slices
            .filter(({ cat }) => cat !== 'handler')
            .reduce((sum, { args }) => sum + Number(args['cycles']), 0);
          if (recorder.log.dropped === 0) expect([handlers.length, charged]).toEqual([entered, busy]);
          else expect(trace.about['cut']).toContain(`${recorder.log.dropped} later ones are not here`);
          const { stacks } = recorder;
          const all = [...stacks.charged()].filter(({ primitive }) => primitive !== 2);
          expect(all.reduce((sum, { cycles }) => sum + cycles, 0)).toBe(busy);
        },
      ),
      runs,
    );
  });
});

describe('A log', () => {
  it('keeps what came first, up to its limit, and counts the rest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 0, max: 9000 }), (limit, count) => {
        const log = new EventLog(limit);
        for (let i = 0; i < count; i++) log.add(i % 7, i * 3, i, i + 1, i + 2, i + 3);
        expect([log.count, log.dropped]).toEqual([Math.min(limit, count), Math.max(0, count - limit)]);
        expect([log.isCut, log.cutAtCycles]).toEqual([count > limit, count > limit ? limit * 3 : -1]);
        for (let row = 0; row < log.count; row += 97)
          expect([0, 1, 2, 3, 4, 5].map((column) => log.cell(row, column))).toEqual([
            row % 7,
            row * 3,
            row,
            row + 1,
            row + 2,
            row + 3,
          ]);
      }),
      { ...runs, numRuns: runs.numRuns / 10 },
    );
  });
});
