import type { Description, System } from '@bulkhead/assembler';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTracer, type Tracer } from '../src/index.ts';
import { type Read, read, type Slice } from './reader.ts';
import { runUnderLoad, SHAPES } from './systems.ts';

const textOf = (tracer: Tracer): string => [...tracer.finish()].join('');
function traced(description: Description, limit?: number): { system: System; tracer: Tracer } {
  const tracer = createTracer(limit === undefined ? {} : { limit });
  const { observer, trace, tap } = tracer;
  const system = runUnderLoad(description, { observer, trace, tap }, (made) => tracer.attach(made));
  return { system, tracer };
}
const componentOf = ({ thread }: Slice): string => thread.split('/')[1]!;

describe.each(SHAPES.map((shape) => [shape.name, shape] as const))('A trace of %s', (_, description) => {
  let system: System;
  let tracer: Tracer;
  let trace: Read;
  beforeAll(() => {
    ({ system, tracer } = traced(description));
    trace = read(textOf(tracer));
  });

  it('nests: every slice, arrow, thread and process is whole', () => {
    expect(trace.problems).toEqual([]);
    expect(read(textOf(tracer), Math.trunc).problems).toEqual([]);
    expect(trace.about['cut']).toBe('no');
    for (const { parent, beginNs, endNs } of trace.slices) {
      expect(endNs).toBeGreaterThanOrEqual(beginNs);
      if (parent !== null) expect(beginNs >= parent.beginNs && endNs <= parent.endNs).toBe(true);
    }
  });

  it('has every cycle and every count of the ledger, but for idle time', () => {
    const { ledger } = system;
    const cycles = new Map<string, number>();
    const counts = new Map<string, number>();
    const add = (map: Map<string, number>, key: string, value: unknown): void =>
      void map.set(key, (map.get(key) ?? 0) + Number(value));
    for (const slice of trace.slices) {
      if (slice.cat === 'handler') continue;
      const key = `${componentOf(slice)} ${slice.name}`;
      add(cycles, key, slice.args['cycles']);
      add(counts, key, slice.args['count']);
    }
    for (const [component, name] of ledger.components.entries())
      for (const [index, primitive] of ledger.primitives.entries()) {
        if (primitive.cause === 'idle') continue;
        const key = `${name} ${primitive.name}`;
        expect([key, cycles.get(key) ?? 0]).toEqual([key, ledger.cyclesOf(component, index)]);
        const count = ledger.counts[component * ledger.primitives.length + index];
        expect([key, counts.get(key) ?? 0]).toEqual([key, count]);
      }
  });

  it('puts components into the domains where they stand', () => {
    const threads = new Set(trace.slices.map(({ thread }) => thread));
    for (const { name, seats } of system.kernel.domains)
      for (const seat of seats) expect(threads).toContain(`${name}/${seat.name}`);
    expect(threads).toContain('kernel/kernel');
  });

  it('says of a handler how long it took and what of that was its own', () => {
    const handlers = trace.slices.filter(({ cat }) => cat === 'handler');
    expect(handlers.length).toBeGreaterThan(100);
    const children = new Map<Slice, number>();
    for (const { parent, args } of trace.slices)
      if (parent !== null) children.set(parent, (children.get(parent) ?? 0) + Number(args['cycles']));
    for (const handler of handlers) {
      expect(handler.args['cycles of its own']).toBe(children.get(handler) ?? 0);
      expect(handler.args['cycles of its own']).toBeLessThanOrEqual(handler.args['cycles'] as number);
    }
  });

  it('draws an arrow for every call, from its caller', () => {
    const called = trace.slices.filter(({ name }) => name.startsWith('called by '));
    const calls = trace.arrows.filter(({ kind }) => kind === 'call');
    const ends = (slices: readonly (readonly [string, string])[]): readonly string[] =>
      slices.map(([from, to]) => `${from} ${to}`).toSorted();
    expect(ends(calls.map(({ from, to }) => [componentOf(from!), componentOf(to!)]))).toEqual(
      ends(called.map((slice) => [slice.name.slice('called by '.length), componentOf(slice)])),
    );
    for (const { fromNs, toNs } of trace.arrows) expect(toNs).toBeGreaterThanOrEqual(fromNs);
  });

  it('draws casts from the stack to the web server and back in time, never forth', () => {
    const casts = trace.arrows.filter(({ kind }) => kind === 'cast');
    expect(casts.some(({ from, to }) => componentOf(from!) === 'net-stack' && componentOf(to!) === 'web-server')).toBe(
      true,
    );
    for (const { from, to } of casts) expect(from).not.toBe(to);
  });

  it('marks every interrupt', () => {
    const index = system.ledger.primitives.findIndex(({ name }) => name === 'interrupt-entry');
    const marks = trace.instants.filter(({ cat }) => cat === 'interrupt');
    expect(marks.length).toBe(system.ledger.countOf(index));
  });

  it('counts casts that wait, none in the end', () => {
    const queues = trace.counters.filter(({ name }) => name.startsWith('queue '));
    expect(queues.some(({ args }) => args['casts']! > 0)).toBe(true);
    const last = new Map(queues.map(({ name, args }) => [name, args['casts']]));
    for (const connection of system.connections)
      for (const queue of [connection.upQueue, connection.downQueue])
        if (queue !== null) expect(queue.length).toBeGreaterThanOrEqual(0);
    expect([...last.values()].reduce((sum, length) => sum! + length!, 0)).toBe(
      system.connections.reduce(
        (sum, { upQueue, downQueue }) => sum + (upQueue?.length ?? 0) + (downQueue?.length ?? 0),
        0,
      ),
    );
  });

  it('follows TCP windows, and never more in flight than was offered', () => {
    const windows = trace.counters.filter(({ name }) => name.startsWith('TCP '));
    expect(new Set(windows.map(({ name }) => name)).size).toBeGreaterThanOrEqual(6);
    expect(Math.max(...windows.map(({ args }) => args['in flight']!))).toBeGreaterThanOrEqual(2900);
    for (const { args } of windows)
      if (args['window']! > 0) expect(args['in flight']).toBeLessThanOrEqual(args['window']! + 1);
  });

  it('comes in pieces, and the same again', () => {
    const pieces = [...tracer.finish()];
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join('')).toBe(textOf(tracer));
  });

  it('changes nothing: the digest is that of a run without it', () => {
    expect(system.digest()).toBe(runUnderLoad(description).digest());
  });

  it('that is cut says so, nests, and holds the beginning of the whole one', () => {
    const { tracer: short } = traced(description, 3000);
    const cut = read(textOf(short));
    expect(cut.problems).toEqual([]);
    expect(short.dropped).toBeGreaterThan(0);
    expect(cut.about['cut']).toMatch(
      new RegExp(
        `^yes: the limit of 3000 records was reached at cycle \\d+; ${short.dropped} later ones are not here$`,
      ),
    );
    expect(cut.about['records']).toBe('3000');
    const [, cycle] = /at cycle (\d+);/.exec(cut.about['cut']!)!;
    const nsOfCut = Math.round((Number(cycle) * 1e9) / Number(cut.about['cyclesPerSecond']));
    for (const { endNs } of cut.slices) expect(endNs).toBeLessThanOrEqual(nsOfCut);
    expect(Math.abs(cut.instants.at(-1)!.ns - nsOfCut)).toBeLessThanOrEqual(1);
    expect(cut.instants.at(-1)).toMatchObject({ name: 'cut: the limit of 3000 records', cat: 'trace' });
    const charges = (of: Read): readonly string[] =>
      of.slices.filter(({ cat }) => cat !== 'handler').map(({ name, beginNs, endNs }) => `${beginNs} ${endNs} ${name}`);
    const some = charges(cut);
    expect(some.length).toBeGreaterThan(1000);
    expect(charges(trace).slice(0, some.length)).toEqual(some);
  });
});
