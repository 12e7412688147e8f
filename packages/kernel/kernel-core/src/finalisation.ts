/**
 * What goes with the last capability to an object, by type. seL4 reference manual 13.0.0 §3.2 "Deletion and
 * Revocation", §2.4.1 "Reusing Memory". Slots inside (CNodes, TCBs) are emptied by `@bulkhead/capabilities`.
 */
import { type Capabilities, objects } from '@bulkhead/capabilities';
import { outcomes, type SystemCalls } from '@bulkhead/ipc';
import type { Calls, Scheduler } from '@bulkhead/scheduler';
import type { Decoder } from './decoder.ts';
import * as tcb from './tcb-layout.ts';
import type { Tcbs } from './tcbs.ts';
import type { ThreadControl } from './thread-control.ts';

export interface FinalisationOptions {
  readonly capabilities: Capabilities;
  readonly calls: SystemCalls;
  readonly scheduler: Scheduler;
  readonly donation: Calls;
  readonly tcbs: Tcbs;
  readonly control: ThreadControl;
  readonly decoders: readonly Decoder[];
  /** A record is not what was left there. */
  readonly onCorruption: () => void;
}

export class Finalisation {
  readonly #o: FinalisationOptions;
  /** By type; undefined where nobody else wants to know. */
  readonly #decoders: (readonly Decoder[] | undefined)[];

  constructor(options: FinalisationOptions) {
    this.#o = options;
    this.#decoders = Array.from({ length: objects.TYPE_COUNT }, (_, type) => {
      const wanting = options.decoders.filter(({ types }) => types.includes(type));
      return wanting.length === 0 ? undefined : wanting;
    });
  }

  finalise(type: number, object: number, slot: number, final: boolean): void {
    this.#leaveTcb(type, slot);
    if (final) this.#destroy(type, object);
    const decoders = this.#decoders[type];
    if (decoders !== undefined) for (const decoder of decoders) decoder.finalise(type, object, slot, final);
  }
  cancelBadgedSends(endpoint: number, badge: number): void {
    this.#sound(this.#o.calls.endings.cancelBadgedSends(this.#o.capabilities.wordOfGranule(endpoint), badge));
  }

  #destroy(type: number, object: number): void {
    const { capabilities, calls, donation } = this.#o;
    const word = capabilities.wordOfGranule(object);
    switch (type) {
      case objects.ENDPOINT:
        this.#sound(calls.endings.endpointDeleted(word));
        break;
      case objects.NOTIFICATION:
        donation.forget(word);
        this.#sound(calls.endings.notificationDeleted(word));
        break;
      case objects.REPLY:
        calls.endings.replyDeleted(word);
        break;
      case objects.TCB:
        this.#destroyThread(object);
        break;
      case objects.SCHED_CONTEXT:
        this.#o.scheduler.destroyContext(word);
        break;
      default:
        break;
    }
  }
  #destroyThread(object: number): void {
    const thread = this.#o.tcbs.threadAt(object);
    if (thread < 0) this.#o.onCorruption();
    else this.#o.control.destroy(thread);
  }
  /** A capability in a TCB goes: the thread has no buffer, or no timeout handler, any more. */
  #leaveTcb(type: number, slot: number): void {
    const { tcbs, scheduler } = this.#o;
    if (type === objects.FRAME) {
      const thread = tcbs.ownerOf(slot, tcb.BUFFER_SLOT);
      if (thread >= 0) tcbs.threads.buffer[thread] = 0;
    } else if (type === objects.ENDPOINT) {
      const thread = tcbs.ownerOf(slot, tcb.TIMEOUT_HANDLER_SLOT);
      if (thread >= 0) scheduler.threads.timeoutHandler[thread] = 0;
    }
  }
  #sound(answer: number): void {
    if (answer === outcomes.RECORD_CORRUPTED) this.#o.onCorruption();
  }
}
