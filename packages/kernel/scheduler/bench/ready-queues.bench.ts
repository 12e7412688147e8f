/** What the choice of a thread costs on this host, with many threads ready. */
import { bench } from '@bulkhead/bench';
import { ReadyQueues } from '../src/index.ts';

const THREADS = 1024;
const ROUNDS = 1000;
const queues = new ReadyQueues(THREADS);
for (let thread = 0; thread < THREADS; thread++) queues.enqueue(thread, (thread * 37) & 255);

bench(
  'highest of 1024 threads',
  () => {
    let sum = 0;
    for (let i = 0; i < ROUNDS; i++) sum += queues.highest();
    return sum;
  },
  { per: ROUNDS },
);

bench(
  'dequeue and enqueue among 1024 threads',
  () => {
    for (let i = 0; i < ROUNDS; i++) {
      const thread = (i * 97) & (THREADS - 1);
      queues.dequeue(thread);
      queues.enqueue(thread, i & 255);
    }
  },
  { per: ROUNDS },
);
