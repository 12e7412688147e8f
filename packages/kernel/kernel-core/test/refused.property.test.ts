import { labels as spaceLabels } from '@bulkhead/address-space';
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import { labels as ioLabels } from '@bulkhead/io-spaces';
import { message } from '@bulkhead/ipc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labels, tcbLayout } from '../src/index.ts';
import { everything } from './everything.ts';
import type { World } from './support.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);

/** All that is remembered, but for what an answer writes: the caller's registers and its message buffer. */
function stateOf(w: World): readonly unknown[] {
  const { threads, scheduler, tcbs } = w.kernel;
  const { thread } = w.info;
  const words = w.words.slice();
  const context = tcbs.wordOf(thread) + tcbLayout.CONTEXT;
  words.fill(0, context, context + 2 * tcbLayout.REGISTER_COUNT);
  words.fill(0, w.info.bufferWord, w.info.bufferWord + message.BUFFER_LANES);
  const t = scheduler.threads;
  return [
    Buffer.from(words.buffer).toString('latin1'),
    ...[threads.state, threads.priority, threads.object, threads.reply, threads.bound, threads.buffer, threads.fault],
    ...[t.context, t.reply, t.state, t.priority, t.maximumControlled, t.domain, t.timeoutHandler, t.yieldedTo],
    [w.kernel.current, scheduler.until(), scheduler.domains.current],
  ].map((part) => (typeof part === 'string' ? part : [...(part as Iterable<number>)].join()));
}

const word = fc.oneof(
  fc.integer({ min: 0, max: 33 }),
  fc.integer({ min: 60, max: 90 }),
  fc.constantFrom(255, 256, 1000, 0x4000_0000, 0x4000_0010, -1),
);
const high = fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, -1) });

describe('an invocation that is refused', () => {
  it('changes nothing', () => {
    const onSlots = Object.values(slotLabels);
    const onThreads = Object.values(labels).filter((label) => label < labels.TCB_LAST);
    const onTime = Object.values(labels).filter((label) => label > labels.TCB_LAST);
    /** What is invoked, by what it is: slots, threads, time. */
    const aim = fc.oneof(
      fc.tuple(fc.constantFrom(...onSlots), fc.constantFrom(2, 73, 17, 18, 19)),
      fc.tuple(fc.constantFrom(...onThreads), fc.constantFrom(1, 67, 68, 69, 67, 69)),
      fc.tuple(fc.constantFrom(...onTime), fc.constantFrom(11, 14, 16, 71, 72)),
      fc.tuple(fc.constantFrom(...Object.values(spaceLabels)), fc.constantFrom(3, 5, 6, 74, 75, 70)),
      fc.tuple(
        fc.constantFrom(...Object.values(irqLabels), ...Object.values(ioLabels)),
        fc.constantFrom(4, 8, 70, 76, 80, 81),
      ),
      fc.tuple(fc.constantFrom(...onSlots, ...onThreads, ...onTime), fc.integer({ min: 1, max: 80 })),
    );
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            aim,
            fc.array(fc.tuple(word, high), { maxLength: 9 }),
            fc.array(fc.oneof(fc.integer({ min: 0, max: 17 }), fc.integer({ min: 62, max: 88 })), { maxLength: 3 }),
          ),
          { minLength: 30, maxLength: 60 },
        ),
        (steps) => {
          const w = everything({ pages: 64, kernel: { domainCount: 2, scheduleLength: 2 } });
          for (const type of [objects.ENDPOINT, objects.NOTIFICATION, objects.REPLY, objects.TCB, objects.TCB])
            w.make(type);
          w.makeThread({ priority: 3 });
          w.make(objects.SCHED_CONTEXT, 8);
          w.mint(64, objects.READ, 5);
          w.make(objects.CNODE, 3);
          for (const type of [objects.PAGE_TABLE, objects.PAGE_TABLE, objects.IO_PAGE_TABLE]) w.make(type);
          for (const [[label, pointer], words, extras] of steps) {
            if (w.kernel.current !== w.info.thread) break;
            if (w.kernel.capabilities.typeOf(w.slot(pointer)) === objects.NULL) continue;
            const before = stateOf(w);
            if (w.invoke(pointer, label, words as [number, number][], extras) === 0) continue;
            if (w.kernel.current !== w.info.thread) return;
            refused++;
            expect(stateOf(w)).toEqual(before);
          }
        },
      ),
      { numRuns: 30 * effort, seed: 20260102 },
    );
    expect(refused).toBeGreaterThan(500);
  });
});
