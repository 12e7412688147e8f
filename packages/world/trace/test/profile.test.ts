import { assemble, type Description, type System } from '@bulkhead/assembler';
import { describe, expect, it } from 'vitest';
import { createTracer, type Tracer, type TracerOptions, traceFormatOf } from '../src/index.ts';
import { runUnderLoad, SHAPES } from './systems.ts';
import { apart } from './toys.ts';

interface Speedscope {
  readonly $schema: string;
  readonly name: string;
  readonly exporter: string;
  readonly activeProfileIndex: number;
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
  readonly profiles: readonly {
    readonly type: string;
    readonly name: string;
    readonly unit: string;
    readonly startValue: number;
    readonly endValue: number;
    readonly samples: readonly (readonly number[])[];
    readonly weights: readonly number[];
  }[];
}

function profiled(description: Description, options: TracerOptions = {}): { system: System; tracer: Tracer } {
  const tracer = createTracer(options);
  const { observer, trace, tap } = tracer;
  const system = runUnderLoad(description, { observer, trace, tap, profile: 'lecture' }, (made) => tracer.attach(made));
  return { system, tracer };
}
const collapsedOf = (tracer: Tracer): readonly (readonly [string, number])[] =>
  [...tracer.finish('collapsed')]
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, stack, cycles] = /^(\S.*) (\d+)$/.exec(line)!;
      return [stack!, Number(cycles)];
    });
const sum = (weights: readonly number[]): number => weights.reduce((total, weight) => total + weight, 0);

describe.each(SHAPES.map((shape) => [shape.name, shape] as const))('A profile of %s', (_, description) => {
  // A limit that cuts the trace: the profile is of everything all the same.
  const { system, tracer } = profiled(description, { limit: 10 });

  it('has every cycle of the ledger, by component and primitive, but for idle time', () => {
    const { ledger, kernel } = system;
    const found = new Map<string, number>();
    for (const [stack, cycles] of collapsedOf(tracer)) {
      const [name, domain, component, ...rest] = stack.split(';');
      expect(name).toBe(description.name);
      const key = `${domain};${component};${rest.at(-1)}`;
      found.set(key, (found.get(key) ?? 0) + cycles);
    }
    const expected = new Map<string, number>();
    for (const [component, name] of ledger.components.entries()) {
      const seat = kernel.domains.flatMap(({ seats }) => seats).find((each) => each.index === component);
      const domain = seat?.domain.name ?? 'kernel';
      for (const [primitive, { name: what, cause }] of ledger.primitives.entries()) {
        const cycles = ledger.cyclesOf(component, primitive);
        if (cycles > 0 && cause !== 'idle') expected.set(`domain ${domain};${name};${what}`, cycles);
      }
    }
    expect(new Map([...found].sort())).toEqual(new Map([...expected].sort()));
  });

  it('has the entry of an interrupt for the interrupt, and for nobody who ran', () => {
    const entries = collapsedOf(tracer).filter(([stack]) => stack.endsWith(';interrupt-entry'));
    expect(entries.map(([stack]) => stack)).toEqual([
      `${description.name};domain kernel;kernel;for an interrupt;interrupt-entry`,
    ]);
  });

  it('is of speedscope’s file format (file-format-schema.json: FileFormat.File, SampledProfile)', () => {
    const file = JSON.parse([...tracer.finish('speedscope')].join('')) as Speedscope;
    expect(Object.keys(file).sort()).toEqual(
      ['$schema', 'activeProfileIndex', 'exporter', 'name', 'profiles', 'shared'].sort(),
    );
    expect(file.$schema).toBe('https://www.speedscope.app/file-format-schema.json');
    const { frames } = file.shared;
    for (const frame of frames) expect(Object.entries(frame)).toEqual([['name', expect.any(String)]]);
    expect(new Set(frames.map(({ name }) => name)).size).toBe(frames.length);
    expect(file.profiles).toHaveLength(1);
    const [profile] = file.profiles;
    expect(profile).toMatchObject({ type: 'sampled', unit: 'none', startValue: 0, name: expect.any(String) });
    expect(profile!.samples).toHaveLength(profile!.weights.length);
    expect(profile!.endValue).toBe(sum(profile!.weights));
    for (const stack of profile!.samples)
      for (const frame of stack) expect(Number.isInteger(frame) && frame >= 0 && frame < frames.length).toBe(true);
    for (const weight of profile!.weights) expect(weight).toBeGreaterThan(0);
  });

  it('says the same in both formats', () => {
    const { shared, profiles } = JSON.parse([...tracer.finish('speedscope')].join('')) as Speedscope;
    const [{ samples, weights }] = profiles as [Speedscope['profiles'][number]];
    expect(
      samples.map((stack, index) => [stack.map((at) => shared.frames[at]!.name).join(';'), weights[index]]),
    ).toEqual(collapsedOf(tracer));
  });
});

describe('A stack', () => {
  const tracer = createTracer();
  const { observer, trace } = tracer;
  const system = assemble(apart, { observer, trace });
  tracer.attach(system);
  system.runUntil(10_000_000);
  const stacks = collapsedOf(tracer).map(([stack]) => stack);

  it('names those for whom it was, the nearest first', () => {
    expect(stacks).toContain('toys;domain kernel;kernel;for low;kernel-entry-exit');
    expect(stacks).toContain('toys;domain kernel;kernel;for mid;for low;kernel-entry-exit');
    expect(stacks).toContain('toys;domain kernel;kernel;for high;for mid;for low;kernel-entry-exit');
  });
  it('of a component that was woken is for nobody', () => {
    const ofLow = stacks.filter((stack) => stack.startsWith('toys;domain low;low;'));
    expect(ofLow.length).toBeGreaterThan(0);
    for (const stack of ofLow) expect(stack).not.toContain(';for ');
  });
  it('of a component says only who called it', () => {
    const ofMid = stacks.filter((stack) => stack.startsWith('toys;domain mid;mid;'));
    expect(ofMid.length).toBeGreaterThan(0);
    for (const stack of ofMid) expect(stack).not.toContain('for mid');
  });
});

describe('The format', () => {
  it.each([
    ['trace.json', 'trace-events'],
    ['a.perfetto', 'trace-events'],
    ['run.speedscope.json', 'speedscope'],
    ['run.speedscope', 'speedscope'],
    ['run.folded', 'collapsed'],
    ['run.collapsed', 'collapsed'],
  ])('of %s is %s', (name, format) => {
    expect(traceFormatOf(name)).toBe(format);
  });
});
