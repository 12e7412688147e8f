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
import { type Endpoints, IDLE, RECEIVING, SENDING, STATE } from './endpoints.ts';
import * as miss from './fast-path-misses.ts';
import { extraCapsOf, labelOf, lengthOf, MESSAGE_REGISTERS, messageTag } from './message.ts';
import type { Notifications } from './notifications.ts';
import type { Replies } from './replies.ts';
import { CALL, ENDPOINT, GRANT, GRANT_REPLY, READ, REPLY, WRITE } from './rights.ts';
import type { SchedulingPort } from './scheduling-port.ts';
import type { Transfer } from './transfer.ts';

export interface FastPathOptions {
  readonly threads: BlockedThreads;
  readonly replies: Replies;
  readonly endpoints: Endpoints;
  readonly notifications: Notifications;
  readonly transfer: Transfer;
  readonly capabilities: CapabilityPort;
  readonly scheduling: SchedulingPort;
}

export class FastPath {
  readonly #threads: BlockedThreads;
  readonly #replies: Replies;
  readonly #endpoints: Endpoints;
  readonly #notifications: Notifications;
  readonly #transfer: Transfer;
  readonly #capabilities: CapabilityPort;
  readonly #scheduling: SchedulingPort;
  /** The thread that runs now, after TAKEN. */
  peer = -1;

  constructor(options: FastPathOptions) {
    this.#threads = options.threads;
    this.#replies = options.replies;
    this.#endpoints = options.endpoints;
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
    if (lengthOf(tag) > MESSAGE_REGISTERS) return miss.LONG_MESSAGE;
    if (extraCapsOf(tag) !== 0) return miss.EXTRA_CAPS;
    const slot = port.lookup(caller, pointer);
    if (slot < 0) return miss.FAILED_LOOKUP;
    if (port.kindOf(slot) !== ENDPOINT) return miss.NOT_AN_ENDPOINT;
    const rights = port.rightsOf(slot);
    if ((rights & WRITE) === 0 || (rights & (GRANT | GRANT_REPLY)) === 0) return miss.NO_RIGHT;
    const endpoint = port.objectOf(slot);
    if (threads.words[endpoint + STATE] !== RECEIVING) return miss.NOBODY_RECEIVES;
    const receiver = threads.endOf(endpoint, QUEUE_HEAD);
    if (receiver < 0 || threads.state[receiver] !== BLOCKED_ON_RECEIVE) return miss.CORRUPTED;
    const reply = threads.reply[receiver]!;
    if (reply === 0) return miss.NO_REPLY_LENT;
    const refused = this.#scheduling.missOfCall(caller, receiver);
    if (refused !== miss.TAKEN) return refused;

    this.#endpoints.send(endpoint, caller, 0, CALL | (rights & (GRANT | GRANT_REPLY)), false);
    this.#hand(caller, receiver, tag, port.badgeOf(slot));
    this.#scheduling.called(caller, receiver, reply, true);
    return miss.TAKEN;
  }

  /** @returns TAKEN, or why not; then nothing was done. */
  replyReceive(server: number, pointer: number, replyPointer: number): number {
    const threads = this.#threads;
    const port = this.#capabilities;
    const tag = threads.tag[server]!;
    if (lengthOf(tag) > MESSAGE_REGISTERS) return miss.LONG_MESSAGE;
    if (extraCapsOf(tag) !== 0) return miss.EXTRA_CAPS;
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
    this.#endpoints.receive(endpoint, server, reply, true);
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
    const length = lengthOf(tag);
    this.#transfer.copyRegisters(from, to, length);
    threads.tag[to] = messageTag(labelOf(tag), 0, 0, length);
    threads.badge[to] = badge;
    this.peer = to;
  }
}
