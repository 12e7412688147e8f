import { assemble, type Description } from '@bulkhead/assembler';
import { describe, expect, it } from 'vitest';
import { createTracer } from '../src/index.ts';
import { read } from './reader.ts';
import { castByTheCalled } from './recorded.ts';
import { apart, together, told } from './toys.ts';

describe.each<[string, Description]>([
  ['apart', apart],
  ['together', together],
])('Casts between components that stand %s', (_, description) => {
  told.length = 0;
  const tracer = createTracer();
  const { observer, trace } = tracer;
  const system = assemble(description, { observer, trace });
  tracer.attach(system);
  system.runUntil(10_000_000);
  const { arrows, counters, problems } = read([...tracer.finish()].join(''));
  const threadOf = (thread: string): string => thread.split('/')[1]!;
  const casts = arrows.filter(({ kind }) => kind === 'cast');

  it('are an arrow from the handler that appended to the one that took', () => {
    expect([told, problems]).toEqual([[1, 2], []]);
    expect(casts.map(({ from, to }) => [threadOf(from!.thread), threadOf(to!.thread)])).toEqual([['mid', 'low']]);
    expect(casts[0]!.fromNs).toBeLessThan(casts[0]!.toNs);
  });
  it('are counted while they wait', () => {
    const waiting = counters.filter(({ name }) => name === 'queue mid → low (asking)');
    expect(waiting.map(({ args }) => args['casts'])).toEqual([1, 2, 0]);
    const times = waiting.map(({ ns }) => ns);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });
  it('leave queues whose length is what was appended and not taken', () => {
    expect(system.connections.map(({ downQueue }) => downQueue?.length)).toEqual([0, 0]);
  });
});

describe('A cast by a component that its consumer has called', () => {
  it('points from there to a mark in the handler that called, and not back', () => {
    const { arrows, problems } = read(castByTheCalled());
    expect(problems).toEqual([]);
    const [{ from, to } = { from: null, to: null }] = arrows.filter(({ kind }) => kind === 'cast');
    expect([from?.thread, from?.beginNs]).toEqual(['user/c1', 10]);
    expect([to?.thread, to?.name, to?.beginNs, to?.endNs]).toEqual(['kernel/c0', 'casts of c1', 30, 30]);
    expect(to?.parent).toMatchObject({ name: 'woken', beginNs: 0, endNs: 40 });
  });
});
