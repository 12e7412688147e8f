/**
 * Where the cycles went, as stacks: system, domain, component that was charged, on whose behalf, primitive. The sums by
 * component are the rows of the ledger. Idle time is left out.
 *
 * - speedscope's file format (https://www.speedscope.app/file-format-schema.json): a sampled profile in which each
 *   stack is one sample, and its weight its cycles. The order of samples is that in which stacks first appeared.
 * - collapsed stacks, as flame-graph programs take them: frames joined by semicolons, a blank, the cycles.
 */
import type { Names } from './names.ts';
import type { ChargedStack, Stacks } from './stacks.ts';
import { inChunks, quoted } from './text.ts';

const IDLE = 'idle';
const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';

interface Sample {
  readonly frames: readonly string[];
  readonly cycles: number;
}

function* samplesOf(stacks: Stacks, names: Names): Generator<Sample> {
  for (const stack of stacks.charged())
    if (stack.cycles > 0 && names.primitives[stack.primitive]!.cause !== IDLE)
      yield { frames: framesOf(stack, names), cycles: stack.cycles };
}

function framesOf({ component, callers, forInterrupt, primitive }: ChargedStack, names: Names): string[] {
  const { name, domain } = names.components[component]!;
  return [
    names.system,
    `domain ${names.domains[domain]}`,
    name,
    ...(forInterrupt ? ['for an interrupt'] : []),
    ...callers.map((caller) => `for ${names.components[caller]!.name}`),
    names.primitives[primitive]!.name,
  ];
}

/** @returns the file's text, in pieces. */
export const collapsedStacks = (stacks: Stacks, names: Names): Iterable<string> =>
  inChunks(collapsedLines(stacks, names));

function* collapsedLines(stacks: Stacks, names: Names): Generator<string> {
  for (const { frames, cycles } of samplesOf(stacks, names))
    yield `${frames.map((frame) => frame.replace(/[;\n]/g, '_')).join(';')} ${cycles}\n`;
}

/** @returns the file's text, in pieces. */
export const speedscope = (stacks: Stacks, names: Names): Iterable<string> => inChunks(speedscopeText(stacks, names));

function* speedscopeText(stacks: Stacks, names: Names): Generator<string> {
  const frames = new Map<string, number>();
  const samples: number[][] = [];
  const weights: number[] = [];
  for (const sample of samplesOf(stacks, names)) {
    samples.push(sample.frames.map((frame) => indexOf(frames, frame)));
    weights.push(sample.cycles);
  }
  const total = weights.reduce((sum, cycles) => sum + cycles, 0);
  const title = `${names.system}: cycles under profile ${names.profile}`;
  yield `{"$schema":"${SCHEMA}","exporter":"@bulkhead/trace","name":${quoted(title)},"activeProfileIndex":0,\n`;
  yield `"shared":{"frames":[${[...frames.keys()].map((name) => `{"name":${quoted(name)}}`).join(',')}]},\n`;
  yield `"profiles":[{"type":"sampled","name":${quoted(title)},"unit":"none","startValue":0,"endValue":${total},\n`;
  yield '"samples":[';
  for (const [index, sample] of samples.entries()) yield `${index === 0 ? '' : ','}[${sample.join(',')}]`;
  yield `],\n"weights":[${weights.join(',')}]}]}\n`;
}

function indexOf(frames: Map<string, number>, name: string): number {
  const known = frames.get(name);
  if (known !== undefined) return known;
  frames.set(name, frames.size);
  return frames.size - 1;
}
