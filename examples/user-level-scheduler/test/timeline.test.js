import assert from 'node:assert/strict';
import { test } from 'node:test';
import { earliestDeadlineFirst, rateMonotonic, roundRobin } from '@bulkhead/user-scheduler';
import { run } from '../src/run.js';
import { countOf, timeline } from '../src/timeline.js';

const near = [
  { name: 'audio', work: 2500, period: 5000 },
  { name: 'video', work: 4200, period: 9000 },
];

test('at a utilisation of 0.97 earliest deadline first misses nothing', () => {
  const moments = run(earliestDeadlineFirst, near, 450_000);
  assert.equal(countOf(moments, 'missed'), 0);
  assert.ok(countOf(moments, 'done') > 135);
});

test('by the period, the job with the longer one misses deadlines, and the other none', () => {
  const missed = run(rateMonotonic, near, 450_000).filter(({ kind }) => kind === 'missed');
  assert.ok(missed.length > 0);
  assert.deepEqual([...new Set(missed.map(({ client }) => client))], [1]);
});

test('a job that wants more than it registered takes nothing from the other', () => {
  const moments = run(earliestDeadlineFirst, [{ ...near[0], wants: 100_000 }, near[1]], 90_000);
  assert.deepEqual([...new Set(moments.filter(({ kind }) => kind === 'missed').map(({ client }) => client))], [0]);
  assert.equal(countOf(moments, 'overrun'), 18);
});

test('a policy of your own is a value', () => {
  const shortestWork = { name: 'shortest work first', compare: (a, b) => a.budget - b.budget || a.client - b.client };
  const moments = run(shortestWork, [near[1], near[0]], 4000);
  assert.equal(moments.find(({ kind }) => kind === 'runs').client, 1);
});

test('the timeline shows who ran, who was released, and what was missed', () => {
  const moments = [
    { kind: 'released', at: 0, client: 0 },
    { kind: 'released', at: 0, client: 1 },
    { kind: 'runs', at: 0, client: 0 },
    { kind: 'done', at: 20, client: 0 },
    { kind: 'runs', at: 20, client: 1 },
    { kind: 'missed', at: 50, client: 1, deadline: 50 },
    { kind: 'done', at: 60, client: 1 },
  ];
  const jobs = [{ name: 'one' }, { name: 'two' }];
  assert.equal(timeline(moments, jobs, 80, 10), 'one      ##......\ntwo      |.###!..');
});

test('in turns of 1000 nobody waits long', () => {
  const jobs = [near[0], { name: 'other', work: 2000, period: 5000 }];
  const runs = run(roundRobin(1000), jobs, 4000).filter(({ kind }) => kind === 'runs');
  assert.deepEqual(
    runs.map(({ client }) => client),
    [0, 1, 0, 1],
  );
});
