/** What to hand to `assemble`, and the file that comes of it. */
import type { AssembleOptions, System } from '@bulkhead/assembler';
import { invariant, unreachable } from '@bulkhead/result';
import { collapsedStacks, speedscope } from './profile.ts';
import { Recorder } from './recorder.ts';
import { traceEvents } from './trace-events.ts';

export const TRACE_FORMATS = ['trace-events', 'speedscope', 'collapsed'] as const;
/** `trace-events`: for Perfetto. The other two are profiles. */
export type TraceFormat = (typeof TRACE_FORMATS)[number];

export interface TracerOptions {
  /** So many records are kept of the run; the profiles are of all of it. @defaultValue 500000 */
  readonly limit?: number;
  /** TCP connections whose windows are followed. @defaultValue 64 */
  readonly connections?: number;
}

export interface Tracer extends Required<Pick<AssembleOptions, 'observer' | 'trace' | 'tap'>> {
  /** As soon as the system is there: its names, its queues. */
  attach(system: System): void;
  /** What happened so far. The run may go on afterwards. @param format @defaultValue 'trace-events' */
  finish(format?: TraceFormat): Iterable<string>;
  /** Records that came after the limit: 0 when the trace is whole. */
  readonly dropped: number;
}

const DEFAULT_LIMIT = 500_000;
const DEFAULT_CONNECTIONS = 64;

/** Its `observer`, `trace` and `tap` go into the options of one system. It changes nothing of what happens there. */
export function createTracer({ limit = DEFAULT_LIMIT, connections = DEFAULT_CONNECTIONS }: TracerOptions = {}): Tracer {
  const recorder = new Recorder(limit, connections);
  return {
    observer: recorder.observer,
    trace: recorder.trace,
    tap: recorder.tap,
    attach: (system) => recorder.attach(system),
    finish: (format = 'trace-events') => textOf(recorder, format),
    get dropped() {
      return recorder.log.dropped;
    },
  };
}

function textOf(recorder: Recorder, format: TraceFormat): Iterable<string> {
  const { names, stacks } = recorder;
  invariant(names !== null, 'a tracer is attached to its system before it is asked for a file');
  recorder.flush();
  switch (format) {
    case 'trace-events':
      return traceEvents(recorder, names);
    case 'speedscope':
      return speedscope(stacks, names);
    case 'collapsed':
      return collapsedStacks(stacks, names);
    default:
      return unreachable(format);
  }
}

/** @returns the format that a file's name asks for: `.speedscope.json`, `.folded` or `.collapsed`; else a trace. */
export function traceFormatOf(fileName: string): TraceFormat {
  if (/\.speedscope(\.json)?$/i.test(fileName)) return 'speedscope';
  return /\.(folded|collapsed)$/i.test(fileName) ? 'collapsed' : 'trace-events';
}
