/** Those who only look on while a system serves: a capture of its frames, and a trace of what ran when. */
import type { AssembleOptions, System } from '@bulkhead/assembler';
import { createTracer, type Tracer } from '@bulkhead/trace';
import { captureTo } from './capture.ts';
import { mustBeWritable, OutputFile } from './output/files.ts';
import { writeTrace } from './tracing.ts';

interface Files {
  readonly capture?: string;
  readonly trace?: string;
}

export class Onlookers {
  readonly options: AssembleOptions;
  readonly #capture: OutputFile | null;
  readonly #tracer: Tracer | null;
  readonly #tracePath: string;

  /** @throws UsageError when the trace could not be written in the end. */
  constructor({ capture, trace }: Files, cyclesPerSecond: number, nics: number) {
    this.#capture = capture === undefined ? null : new OutputFile(capture);
    this.#tracer = trace === undefined ? null : createTracer();
    this.#tracePath = trace ?? '';
    if (trace !== undefined) mustBeWritable(trace);
    const taps = [
      ...(this.#capture === null ? [] : [captureTo(this.#capture, cyclesPerSecond, nics)]),
      ...(this.#tracer === null ? [] : [this.#tracer.tap]),
    ];
    this.options = {
      ...(taps.length === 0 ? {} : { tap: (...frame) => taps.forEach((tap) => void tap(...frame)) }),
      ...(this.#tracer === null ? {} : { observer: this.#tracer.observer, trace: this.#tracer.trace }),
    };
  }
  attach(system: System): void {
    this.#tracer?.attach(system);
  }
  /** Serving begins. @throws UsageError when the capture cannot be written. */
  open(): void {
    this.#capture?.open();
  }
  async close(): Promise<void> {
    await this.#capture?.close();
    if (this.#tracer !== null) await writeTrace(this.#tracer, this.#tracePath);
  }
}
