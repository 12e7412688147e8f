import { labels as spaceLabels } from '@bulkhead/address-space';
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import { labels as ioLabels } from '@bulkhead/io-spaces';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { everything } from './everything.ts';
import { stateOf } from './state.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);

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
