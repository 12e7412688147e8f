/** What every part of the stack is built from: memory, time, chance, counters. Ports, windows and constants only. */
import type { Context, Window, Work } from '@bulkhead/runtime';
import { Alarm } from './alarm.ts';
import { Arena } from './arena.ts';
import { Buffers } from './buffers.ts';
import { type NetStackConfig, type Settings, settingsOf } from './config.ts';
import { COUNTERS_BYTES, Counters } from './counters.ts';

export interface CorePorts {
  readonly pool: Window;
  readonly setAlarm: (token: number, delayUs: number) => number;
}

export class Core {
  readonly settings: Settings;
  readonly work: Work;
  readonly answer: Int32Array;
  readonly arena: Arena;
  readonly counters: Counters;
  readonly buffers: Buffers;
  readonly alarm: Alarm;
  readonly #context: Context<NetStackConfig>;

  constructor(context: Context<NetStackConfig>, { pool, setAlarm }: CorePorts) {
    this.#context = context;
    this.settings = settingsOf(context.config);
    this.work = context.work;
    this.answer = context.answer;
    this.arena = new Arena(context.heap);
    this.counters = new Counters(this.arena.take(COUNTERS_BYTES));
    this.buffers = new Buffers(pool, this.arena);
    this.alarm = new Alarm({ state: this.arena.take(Alarm.STATE_BYTES), nowUs: () => context.nowUs(), setAlarm });
  }
  nowUs(): number {
    return this.#context.nowUs();
  }
}
