/**
 * The short ways of Call and ReplyRecv: a message that fits the registers goes straight to a thread that waits for it,
 * and the processor with it. They do what the general ways would do, under preconditions that are all checked before
 * anything is changed; the order of the checks decides which reason is recorded.
 */
import {
  BLOCKED_ON_RECEIVE,
  BLOCKED_ON_REPLY,
  type BlockedThreads,
  QUEUE_HEAD,
  QUEUE_TAIL,
  RECORD_CORRUPTED,
} from './blocked-threads.ts';
import type { CapabilityPort } from './capability-port.ts';
import { IDLE, RECEIVING, SENDING, STATE } from './endpoint-record.ts';
import * as miss from './fast-path-misses.ts';
import { isShort, lengthOf, MESSAGE_REGISTERS, shortTag } from './message.ts';
import type { Notifications } from './notifications.ts';
import type { Replies } from './replies.ts';
import { ENDPOINT, GRANT, GRANT_REPLY, READ, REPLY, WRITE } from './rights.ts';
import type { SchedulingPort } from './scheduling-port.ts';
import type { Transfer } from './transfer.ts';

export interface FastPathOptions {
  readonly threads: BlockedThreads;
  readonly replies: Replies;
  readonly notifications: Notifications;
  readonly transfer: Transfer;
  readonly capabilities: CapabilityPort;
  readonly scheduling: SchedulingPort;
}

export class FastPath {
  readonly #threads: BlockedThreads;
  readonly #replies: Replies;
  readonly #notifications: Notifications;
  readonly #transfer: Transfer;
  readonly #capabilities: CapabilityPort;
  readonly #scheduling: SchedulingPort;
  /** The thread that runs now, after TAKEN. */
  peer = -1;

  constructor(options: FastPathOptions) {
    this.#threads = options.threads;
    this.#replies = options.replies;
    this.#notifications = options.notifications;
    this.#transfer = options.transfer;
    this.#capabilities = options.capabilities;
    this.#scheduling = options.scheduling;
  }

  /** @returns TAKEN, or why not; then nothing was done. */
  call(caller: number, pointer: number): number {
    const threads = this.#threads;
    const port = this.#capabilities;
    const tag = threads.tag[caller]!;
    if (!isShort(tag)) return missOf(tag);
    const slot = port.lookup(caller, pointer);
    if (slot < 0) return miss.FAILED_LOOKUP;
    if (port.kindOf(slot) !== ENDPOINT) return miss.NOT_AN_ENDPOINT;
    const rights = port.rightsOf(slot);
    if ((rights & WRITE) === 0 || (rights & (GRANT | GRANT_REPLY)) === 0) return miss.NO_RIGHT;
    const endpoint = port.objectOf(slot);
    if (threads.words[endpoint + STATE] !== RECEIVING) return miss.NOBODY_RECEIVES;
    const receiver = threads.endOf(endpoint, QUEUE_HEAD);
    if (receiver < 0 || threads.state[receiver] !== BLOCKED_ON_RECEIVE || !threads.isFirst(receiver))
      return miss.CORRUPTED;
    const reply = threads.reply[receiver]!;
    if (reply === 0) return miss.NO_REPLY_LENT;
    const refused = this.#scheduling.missOfCall(caller, receiver);
    if (refused !== miss.TAKEN) return refused;

    if (threads.unblockHead(endpoint, receiver)) threads.words[endpoint + STATE] = IDLE;
    threads.reply[receiver] = 0;
    this.#replies.bind(reply, caller);
    this.#hand(caller, receiver, tag, port.badgeOf(slot));
    this.#scheduling.called(caller, receiver, reply, true);
    return miss.TAKEN;
  }

  /** @returns TAKEN, or why not; then nothing was done. */
  replyReceive(server: number, pointer: number, replyPointer: number): number {
    const threads = this.#threads;
    const port = this.#capabilities;
    const tag = threads.tag[server]!;
    if (!isShort(tag)) return missOf(tag);
    const slot = port.lookup(server, pointer);
    if (slot < 0) return miss.FAILED_LOOKUP;
    if (port.kindOf(slot) !== ENDPOINT) return miss.NOT_AN_ENDPOINT;
    if ((port.rightsOf(slot) & READ) === 0) return miss.NO_RIGHT;
    const replySlot = port.lookup(server, replyPointer);
    if (replySlot < 0 || port.kindOf(replySlot) !== REPLY) return miss.NOT_A_REPLY;
    const reply = port.objectOf(replySlot);
    const endpoint = port.objectOf(slot);
    const refused = this.#missOfReply(server, endpoint, reply);
    if (refused !== miss.TAKEN) return refused;

    const caller = this.#replies.take(reply);
    this.#hand(server, caller, tag, 0);
    this.#scheduling.answered(caller, server, reply);
    const bound = threads.bound[server]!;
    if (bound !== 0) this.#scheduling.rests(bound, server);
    threads.block(endpoint, server, BLOCKED_ON_RECEIVE);
    threads.words[endpoint + STATE] = RECEIVING;
    this.#replies.lend(reply, server);
    return miss.TAKEN;
  }
  #missOfReply(server: number, endpoint: number, reply: number): number {
    const threads = this.#threads;
    if (this.#notifications.isBoundActive(server)) return miss.SIGNALLED;
    const state = threads.words[endpoint + STATE];
    if (state === SENDING) return miss.SENDERS_WAIT;
    if (state !== IDLE && state !== RECEIVING) return miss.CORRUPTED;
    if (threads.endOf(endpoint, QUEUE_TAIL) === RECORD_CORRUPTED) return miss.CORRUPTED;
    const caller = this.#replies.threadOf(reply);
    if (caller < 0 || threads.state[caller] !== BLOCKED_ON_REPLY) return miss.NOBODY_TO_ANSWER;
    if (threads.fault[caller] !== 0) return miss.FAULT;
    return this.#scheduling.missOfReply(server, caller, reply);
  }

  #hand(from: number, to: number, tag: number, badge: number): void {
    const threads = this.#threads;
    this.#transfer.copyRegisters(from, to, lengthOf(tag));
    threads.tag[to] = shortTag(tag);
    threads.badge[to] = badge;
    this.peer = to;
  }
}

const missOf = (tag: number): number => (lengthOf(tag) > MESSAGE_REGISTERS ? miss.LONG_MESSAGE : miss.EXTRA_CAPS);
