/** One run in a process of its own: prints its digest. */
import { multiserver } from '@bulkhead/test-systems';
import { measure } from '../src/index.ts';
import { create, loadOf } from './systems.ts';

const run = measure(create(multiserver, 1), loadOf(1));
for (let step = run.next(); ; step = run.next()) {
  if (step.done !== true) continue;
  process.stdout.write('digest' in step.value ? step.value.digest : step.value.unfinished);
  break;
}
