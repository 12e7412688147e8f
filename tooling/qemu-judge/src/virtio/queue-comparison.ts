/** The same chains, frames and commands for both devices, each seen whole: used rings, memory, frames and messages. */
import * as virtio from '@bulkhead/virtio-datasheet';
import { hex, Verdict } from '../known-differences.ts';
import { type Chain, Guest, type Placed } from './guest.ts';
import type { VirtioDifference } from './known-differences.ts';
import { ISR, type VirtioRig } from './rig.ts';

const WORD_1 = 3;
const QUEUES: readonly number[] = [virtio.NET_RECEIVEQ, virtio.NET_TRANSMITQ, virtio.NET_CONTROLQ];

export interface QueueSetup {
  readonly usesMsix: boolean;
  /** Features 0 to 31 that are negotiated. */
  readonly features: number;
}
export type QueueStep =
  /** Chains, and whether the device is told of them. */
  | { readonly kind: 'offer'; readonly queue: number; readonly chains: readonly Chain[]; readonly tells: boolean }
  | { readonly kind: 'notify'; readonly queue: number }
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  /** The driver's suppression: the available ring's flags and its used_event. */
  | { readonly kind: 'suppress'; readonly queue: number; readonly flags: number; readonly event: number }
  /** Raw: a head that may name nothing. */
  | { readonly kind: 'head'; readonly queue: number; readonly head: number }
  /** Raw: the available index itself. */
  | { readonly kind: 'index'; readonly queue: number; readonly index: number }
  /** Raw: a descriptor, overwritten before its head is offered. */
  | {
      readonly kind: 'descriptor';
      readonly queue: number;
      readonly lenBytes: number;
      readonly flags: number;
      readonly next: number;
    };
export interface QueueScript {
  readonly setup: QueueSetup;
  readonly steps: readonly QueueStep[];
}

export type Aspect = 'frames' | 'used' | 'flags' | 'event' | 'messages' | 'status' | 'buffers' | 'isr';

const negotiated = ({ features }: QueueSetup, feature: number): boolean => (features & (1 << feature)) !== 0;

class Run {
  readonly guest: Guest;
  readonly #takesIndirect: boolean;
  /** Pieces that the device may write, of all chains so far, by chain. */
  readonly #writable: (readonly (readonly [at: number, lenBytes: number])[])[] = [];

  constructor(rig: VirtioRig, setup: QueueSetup) {
    const { usesMsix, features } = setup;
    this.#takesIndirect = negotiated(setup, virtio.F_INDIRECT_DESC);
    rig.reset();
    if (usesMsix) rig.enableMsix();
    this.guest = new Guest(rig);
    this.guest.start([features, WORD_1]);
    this.guest.notify(virtio.NET_TRANSMITQ); // what DRIVER_OK starts in QEMU is over behind this
  }
  step(step: QueueStep): void {
    const { guest } = this;
    switch (step.kind) {
      case 'offer':
        for (const chain of step.chains) {
          const isIndirect = chain.isIndirect && this.#takesIndirect;
          this.#remember(chain, guest.add(step.queue, { ...chain, isIndirect }));
        }
        if (step.tells) guest.notify(step.queue);
        return;
      case 'notify':
        guest.notify(step.queue);
        return;
      case 'frame':
        guest.rig.receive(step.frame);
        return;
      case 'suppress':
        guest.store16(guest.avail(step.queue) + virtio.AVAIL_FLAGS, step.flags);
        guest.store16(guest.usedEventAt(step.queue), step.event);
        return;
      case 'head':
        guest.offer(step.queue, step.head);
        guest.notify(step.queue);
        return;
      case 'index':
        guest.store16(guest.avail(step.queue) + virtio.AVAIL_IDX, step.index);
        guest.notify(step.queue);
        return;
      case 'descriptor':
        guest.writeDescriptor(guest.desc(step.queue), 0, SCRATCH, step.lenBytes, step.flags, step.next);
        guest.offer(step.queue, 0);
        guest.notify(step.queue);
        return;
    }
  }
  seen(): Readonly<Record<Aspect, string>> {
    const { guest } = this;
    return {
      status: guest.status.toString(16),
      frames: guest.rig.sent().map(hex).join(),
      used: QUEUES.map((queue) => guest.usedElements(queue).join(' ')).join(' | '),
      flags: QUEUES.map((queue) => guest.usedFlags(queue)).join(),
      event: QUEUES.map((queue) => guest.availEvent(queue)).join(),
      buffers: this.#writable
        .map((pieces) => pieces.map(([at, lenBytes]) => hex(guest.rig.readRam(at, lenBytes))).join(''))
        .join(),
      messages: guest.rig.messages().join(),
      isr: guest.rig.read(ISR, 1).toString(16),
    };
  }
  #remember({ parts }: Chain, { at }: Placed): void {
    this.#writable.push(parts.flatMap(({ isWrite, lenBytes }, i) => (isWrite ? [[at[i]!, lenBytes] as const] : [])));
  }
}
const SCRATCH = 0x1f_0000;

export function compareQueues(
  ours: VirtioRig,
  theirs: VirtioRig,
  { setup, steps }: QueueScript,
  met: Set<VirtioDifference>,
): string[] {
  const verdict = new Verdict<VirtioDifference>(met);
  const runs = [new Run(ours, setup), new Run(theirs, setup)] as const;
  /** Queues of which QEMU has told its driver. */
  const told = new Set<number>();
  steps.forEach((step, number) => {
    if (verdict.unexplained.length > 0) return;
    for (const run of runs) run.step(step);
    const [mine, others] = [runs[0].seen(), runs[1].seen()];
    const queue = 'queue' in step ? step.queue : virtio.NET_RECEIVEQ;
    const isFirst = negotiated(setup, virtio.F_EVENT_IDX) && !told.has(queue);
    if (others.messages !== '' || others.isr !== '0') told.add(queue);
    for (const aspect of Object.keys(mine) as Aspect[]) {
      if (mine[aspect] === others[aspect] || excuse(verdict, setup, isFirst, aspect, mine[aspect], others[aspect]))
        continue;
      verdict.same(`step ${number} ${step.kind}, ${aspect}`, mine[aspect], others[aspect]);
    }
  });
  return verdict.unexplained;
}

/** Where num_buffers stands in a header that is shown, and what ours says of one buffer. */
const COUNT_AT: number = virtio.NET_HDR_NUM_BUFFERS * 2;
const ONE_BUFFER = '0100';
const NO_BUFFER = '0000';

/** @returns true when a known difference explains all of it. */
function excuse(
  verdict: Verdict<VirtioDifference>,
  setup: QueueSetup,
  isFirst: boolean,
  aspect: Aspect,
  mine: string,
  other: string,
): boolean {
  switch (aspect) {
    case 'isr':
      return (
        verdict.explains('isr-under-msix', setup.usesMsix && mine === '0' && other === '1') ||
        verdict.explains('first-event', isFirst && mine === '0' && other === '1')
      );
    case 'messages':
      return verdict.explains('first-event', isFirst && mine === '' && other !== '');
    case 'buffers':
      return mine.split(',').every((buffer, i) => excusesBuffer(verdict, setup, buffer, other.split(',')[i]!));
    case 'flags':
    case 'event':
      return verdict.explains(
        'buffers-before-filter',
        mine.slice(mine.indexOf(',')) === other.slice(other.indexOf(',')),
      );
    default:
      return false;
  }
}
function excusesBuffer(verdict: Verdict<VirtioDifference>, setup: QueueSetup, mine: string, other: string): boolean {
  if (mine === other) return true;
  if (negotiated(setup, virtio.NET_F_MRG_RXBUF)) return false;
  return (
    verdict.explains('number-of-buffers', uncounted(mine) === other) ||
    verdict.explains('short-buffer-is-written', other.startsWith(uncounted(mine).replace(/(00)*$/, '')))
  );
}
const uncounted = (buffer: string): string =>
  buffer.slice(COUNT_AT, COUNT_AT + 4) === ONE_BUFFER
    ? buffer.slice(0, COUNT_AT) + NO_BUFFER + buffer.slice(COUNT_AT + 4)
    : buffer;
