/**
 * Perfetto's own importer, asked when it is installed: it must understand of a trace what `reader.ts` does, or the
 * tests that ask `reader.ts` hold nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTracer } from '../src/index.ts';
import { type Read, read, type Slice } from './reader.ts';
import { castByTheCalled } from './recorded.ts';
import { runUnderLoad, SHAPES } from './systems.ts';

const SHELL = 'trace_processor_shell';
const WHY_NOT = `${SHELL} is not installed`;
const exists = spawnSync(SHELL, ['--version']).error === undefined;

/** Each row is one text. `flow` has the start of the slice where an arrow ends: that tells one call from another. */
const QUERY = `
with track as (
  select thread_track.id, process.name || '/' || thread.name as thread
  from thread_track join thread using (utid) join process using (upid)
)
select 'trouble ' || name || ' ' || value as row from stats where severity in ('error', 'data_loss') and value > 0
union all
select 'slice ' || ifnull(thread, 'global') || ' ' || category || ' ' || name || ' ' || depth || ' ' || ts || ' ' || dur
from slice left join track on track.id = track_id
union all
select 'arrow ' || extract_arg(flow.arg_set_id, 'cat') || ' ' || origin.thread || ' ' || source.name || ' ' || source.ts
  || ' ' || target.thread || ' ' || sink.name || ' ' || sink.ts
from flow join slice source on source.id = slice_out join track origin on origin.id = source.track_id
join slice sink on sink.id = slice_in join track target on target.id = sink.track_id
union all
select 'counter ' || name || ' ' || ts || ' ' || cast(value as int)
from counter join process_counter_track on process_counter_track.id = track_id;
`;

function understoodByPerfetto(trace: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'trace-'));
  const [file, query] = [join(folder, 'trace.json'), join(folder, 'query.sql')];
  writeFileSync(file, trace);
  writeFileSync(query, QUERY);
  const { stdout, stderr, status } = spawnSync(SHELL, ['-q', query, file], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  rmSync(folder, { recursive: true });
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  const [, ...rows] = stdout.trimEnd().split('\n');
  return rows.map((row) => row.slice(1, -1)).toSorted();
}

const depthOf = ({ parent }: Slice): number => (parent === null ? 0 : depthOf(parent) + 1);

function understoodByReader({ slices, instants, arrows, counters }: Read): readonly string[] {
  const rows = slices.map((slice) => {
    const { thread, cat, name, beginNs, endNs } = slice;
    return `slice ${thread} ${cat} ${name} ${depthOf(slice)} ${beginNs} ${endNs - beginNs}`;
  });
  for (const { thread, cat, name, ns } of instants) rows.push(`slice ${thread} ${cat} ${name} 0 ${ns} 0`);
  for (const { kind, from, to } of arrows)
    rows.push(
      `arrow ${kind} ${[from!, to!].map(({ thread, name, beginNs }) => `${thread} ${name} ${beginNs}`).join(' ')}`,
    );
  for (const { name, ns, args } of counters)
    for (const [part, value] of Object.entries(args)) rows.push(`counter ${name} ${part} ${ns} ${value}`);
  return rows.toSorted();
}

describe.each(SHAPES.map((shape) => [shape.name, shape] as const))('A trace of %s', (_, description) => {
  it.for([
    ['whole', 1_000_000],
    ['cut', 3000],
  ] as const)('that is %s is to Perfetto what it is to the reader of these tests', ([, limit], context) => {
    context.skip(!exists, WHY_NOT);
    const tracer = createTracer({ limit });
    const { observer, trace, tap } = tracer;
    runUnderLoad(description, { observer, trace, tap }, (made) => tracer.attach(made));
    const text = [...tracer.finish()].join('');
    expect(understoodByPerfetto(text)).toEqual(understoodByReader(read(text)));
  });
});

describe('A cast by a component that its consumer has called', () => {
  it('is to Perfetto what it is to the reader of these tests', (context) => {
    context.skip(!exists, WHY_NOT);
    expect(understoodByPerfetto(castByTheCalled())).toEqual(understoodByReader(read(castByTheCalled())));
  });
});
