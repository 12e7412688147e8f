import { earliestDeadlineFirst, rateMonotonic } from '@bulkhead/user-scheduler';
import { run } from './run.js';
import { countOf, timeline } from './timeline.js';

const TIME = 45_000;
const STEP = 500;
const jobs = [
  { name: 'audio', work: 2500, period: 5000 },
  { name: 'video', work: 4200, period: 9000 },
];
for (const policy of [earliestDeadlineFirst, rateMonotonic]) {
  const moments = run(policy, jobs, TIME);
  const [done, missed] = [countOf(moments, 'done'), countOf(moments, 'missed')];
  console.log(`${policy.name}: ${done} jobs done, deadlines missed: ${missed}`);
  console.log(`${timeline(moments, jobs, TIME, STEP)}\n`);
}
