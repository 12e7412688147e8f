/** Runs that a test tells a recorder itself. */
import type { Names } from '../src/names.ts';
import { QueueWatch } from '../src/queue-watch.ts';
import { Recorder } from '../src/recorder.ts';
import { traceEvents } from '../src/trace-events.ts';

/** @param cyclesPerSecond against the nanosecond: slices of no length and every rounding come up. */
export const names = (cyclesPerSecond: number): Names => ({
  system: 'chance',
  profile: 'none',
  cyclesPerSecond,
  domains: ['kernel', 'user'],
  components: [0, 1, 2, 3, 4].map((index) => ({ name: `c${index}`, domain: index % 2, level: index + 1 })),
  primitives: ['work', 'interrupt-entry', 'idle'].map((name) => ({ name, label: name, cause: name })),
});

/** c0 calls c1, c1 appends a cast to c0, and c0 takes it when c1 has answered and the kernel has brought the answer. */
export function castByTheCalled(): string {
  const recorder = new Recorder(100, 0);
  const queue = { name: 'casts', producer: 1, consumer: 0, length: 0 };
  recorder.queues = new QueueWatch([queue], 2, () => {});
  recorder.observer.entered(0, -1);
  recorder.trace(0, 0, 1, 10);
  recorder.observer.entered(1, 0);
  recorder.trace(1, 0, 1, 30);
  queue.length = 1;
  recorder.observer.left(1);
  recorder.trace(4, 0, 1, 40);
  queue.length = 0;
  recorder.observer.left(0);
  return [...traceEvents(recorder, names(1e9))].join('');
}
