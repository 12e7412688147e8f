/**
 * The system calls that move messages, from the capability that the caller names to the state in which all threads are
 * left. seL4 reference manual 13.0.0 §2.2 "System Calls" (MCS), §4 "Message Passing (IPC)", §5 "Notifications".
 *
 * A thread's message is in its registers (`BlockedThreads.tag`, `registers`) and its buffer, and so is what it receives;
 * whom it received from is in `badge`. Each call is one step: it is done, or the thread waits, or it faults.
 */
import { BLOCKED, type BlockedThreads, NO_THREAD, RECORD_CORRUPTED, RUNNING, WOULD_BLOCK } from './blocked-threads.ts';
import type { CapabilityPort } from './capability-port.ts';
import { Endings } from './endings.ts';
import { Endpoints } from './endpoints.ts';
import { FastPath } from './fast-path.ts';
import { Misses, TAKEN } from './fast-path-misses.ts';
import { labelOf, MESSAGE_REGISTERS, messageTag, WORD_LANES } from './message.ts';
import { Notifications } from './notifications.ts';
import { CAP_FAULT, DONE, PREEMPTED, SWITCHED } from './outcomes.ts';
import { Replies } from './replies.ts';
import * as right from './rights.ts';
import type { SchedulingPort } from './scheduling-port.ts';
import { FAULT_ROOM_SHIFT, Transfer } from './transfer.ts';

/** The label of an answer that tells a caller that the capability which it invoked is not one to be invoked so. */
const INVALID_CAPABILITY = 2;
const OBEYS_LABEL = 0x100;

/** Why a thread faulted: a capability is not there, or not what the call needs. One object, reused. */
export class CapFault {
  pointer = 0;
  /** Whether it was to receive, and not to send. */
  inReceive = false;
  /** The look-up failed, and the port knows why. Otherwise it is said to be missing, with no bits left. */
  byLookup = false;
}

export class SystemCalls {
  readonly threads: BlockedThreads;
  readonly replies: Replies;
  readonly endpoints: Endpoints;
  readonly notifications: Notifications;
  readonly endings: Endings;
  readonly fault: CapFault = new CapFault();
  /** How calls and ReplyRecvs went. */
  readonly misses: Misses = new Misses();
  readonly #capabilities: CapabilityPort;
  readonly #scheduling: SchedulingPort;
  readonly #transfer: Transfer;
  readonly #fast: FastPath;

  constructor(threads: BlockedThreads, capabilities: CapabilityPort, scheduling: SchedulingPort) {
    const replies = new Replies(threads);
    const endpoints = new Endpoints(threads, replies);
    const notifications = new Notifications(threads, endpoints);
    const transfer = new Transfer(threads, capabilities);
    this.threads = threads;
    this.replies = replies;
    this.endpoints = endpoints;
    this.notifications = notifications;
    this.endings = new Endings({ threads, replies, endpoints, notifications, scheduling });
    this.#capabilities = capabilities;
    this.#scheduling = scheduling;
    this.#transfer = transfer;
    this.#fast = new FastPath({ threads, replies, notifications, transfer, capabilities, scheduling });
  }
  /** After SWITCHED: who runs. */
  get peer(): number {
    return this.#fast.peer;
  }

  /* The system calls. All answer DONE, BLOCKED, CAP_FAULT, PREEMPTED or RECORD_CORRUPTED; the first two also SWITCHED. */

  call(thread: number, pointer: number): number {
    if (this.misses.record(this.#fast.call(thread, pointer)) === TAKEN) return SWITCHED;
    return this.callSlowly(thread, pointer);
  }
  /** As `call`, without the fast path. */
  callSlowly(thread: number, pointer: number): number {
    return this.#invoke(thread, pointer, true, true, false);
  }
  send(thread: number, pointer: number): number {
    return this.#invoke(thread, pointer, true, false, false);
  }
  nbSend(thread: number, pointer: number): number {
    return this.#invoke(thread, pointer, false, false, false);
  }
  receive(thread: number, pointer: number, replyPointer: number): number {
    return this.#receive(thread, pointer, true, replyPointer, true);
  }
  nbReceive(thread: number, pointer: number, replyPointer: number): number {
    return this.#receive(thread, pointer, true, replyPointer, false);
  }
  wait(thread: number, pointer: number): number {
    return this.#receive(thread, pointer, false, 0, true);
  }
  /** NBWait. */
  poll(thread: number, pointer: number): number {
    return this.#receive(thread, pointer, false, 0, false);
  }
  replyReceive(thread: number, pointer: number, replyPointer: number): number {
    if (this.misses.record(this.#fast.replyReceive(thread, pointer, replyPointer)) === TAKEN) return SWITCHED;
    return this.replyReceiveSlowly(thread, pointer, replyPointer);
  }
  /** As `replyReceive`, without the fast path. */
  replyReceiveSlowly(thread: number, pointer: number, replyPointer: number): number {
    return this.nbSendReceive(thread, replyPointer, pointer, replyPointer);
  }
  nbSendReceive(thread: number, destination: number, pointer: number, replyPointer: number): number {
    const sent = this.#invoke(thread, destination, false, false, true);
    return sent === DONE ? this.receive(thread, pointer, replyPointer) : sent;
  }
  nbSendWait(thread: number, destination: number, pointer: number): number {
    const sent = this.#invoke(thread, destination, false, false, true);
    return sent === DONE ? this.wait(thread, pointer) : sent;
  }
  yield(thread: number): number {
    this.#scheduling.yields(thread);
    return DONE;
  }

  /**
   * A thread's fault goes to a handler, as if the thread had called it. Its words are in `threads.faultWords`.
   * @param slot of the handler's capability, or 0
   * @param obeysLabel whether an answer with another label than 0 ends the thread
   * @param answerWords how many words of an answer are kept, at most
   * @returns BLOCKED, also when nobody will hear of it (then the thread is INACTIVE), or RECORD_CORRUPTED.
   */
  raise(
    thread: number,
    slot: number,
    label: number,
    lengthWords: number,
    obeysLabel: boolean,
    answerWords: number = lengthWords,
  ): number {
    const { threads } = this;
    const rights =
      slot > 0 && this.#capabilities.kindOf(slot) === right.ENDPOINT ? this.#capabilities.rightsOf(slot) : 0;
    if ((rights & right.WRITE) === 0 || (rights & (right.GRANT | right.GRANT_REPLY)) === 0)
      return this.endings.suspend(thread);
    threads.fault[thread] = label;
    threads.faultShape[thread] = lengthWords | (obeysLabel ? OBEYS_LABEL : 0) | (answerWords << FAULT_ROOM_SHIFT);
    return this.#sendThrough(thread, slot, rights, true, true, false);
  }
  /** Sets bits of a notification, as an interrupt does. @returns as `Notifications.signal`. */
  signal(notification: number, bits: number): number {
    const woken = this.notifications.signal(notification, bits);
    if (woken < 0) return woken;
    this.#scheduling.woke(notification, woken);
    this.#scheduling.resume(woken);
    return woken;
  }

  /* Sending. */

  #invoke(thread: number, pointer: number, blocking: boolean, isCall: boolean, isFirstPhase: boolean): number {
    const port = this.#capabilities;
    const slot = port.lookup(thread, pointer);
    if (slot < 0) return blocking ? this.#faults(pointer, false, true) : DONE;
    if (!this.#transfer.findExtra(thread))
      return blocking ? this.#faults(this.#transfer.failedPointer, false, true) : DONE;
    switch (port.kindOf(slot)) {
      case right.ENDPOINT: {
        const rights = port.rightsOf(slot);
        if ((rights & right.WRITE) === 0) return this.#invalid(thread, isCall);
        return this.#sendThrough(thread, slot, rights, blocking, isCall, isFirstPhase);
      }
      case right.NOTIFICATION:
        return this.#signalThrough(thread, slot, isCall);
      case right.REPLY:
        return this.#replyThrough(thread, slot, isCall);
      case right.OTHER:
        return this.#invokeOther(thread, slot, isCall);
      case right.OTHER_ALONE:
        return isFirstPhase ? DONE : this.#invokeOther(thread, slot, isCall);
      default:
        return this.#invalid(thread, isCall);
    }
  }

  #sendThrough(
    thread: number,
    slot: number,
    rights: number,
    blocking: boolean,
    isCall: boolean,
    isFirstPhase: boolean,
  ): number {
    const endpoint = this.#capabilities.objectOf(slot);
    const badge = this.#capabilities.badgeOf(slot);
    const sending = (rights & (right.GRANT | right.GRANT_REPLY)) | (isCall ? right.CALL : 0);
    const receiver = this.endpoints.send(endpoint, thread, badge, sending, blocking);
    if (receiver < 0) return receiver === WOULD_BLOCK ? DONE : receiver;
    this.#transfer.move(thread, receiver, endpoint, badge, (rights & right.GRANT) !== 0);
    if (isCall) this.#called(thread, receiver);
    else if (isFirstPhase) this.#scheduling.lends(thread, receiver);
    this.#scheduling.resume(receiver);
    return isCall ? BLOCKED : DONE;
  }
  /** Without a reply object the caller is INACTIVE: nobody can answer it. */
  #called(caller: number, callee: number): void {
    const reply = this.threads.reply[caller]!;
    if (reply !== 0) this.#scheduling.called(caller, callee, reply, true);
    else this.#scheduling.ended?.(caller);
  }

  #signalThrough(thread: number, slot: number, isCall: boolean): number {
    const port = this.#capabilities;
    if ((port.rightsOf(slot) & right.WRITE) === 0) return this.#invalid(thread, isCall);
    if (this.signal(port.objectOf(slot), port.badgeOf(slot)) === RECORD_CORRUPTED) return RECORD_CORRUPTED;
    return isCall ? this.#answer(thread, 0, 0) : DONE;
  }

  #replyThrough(thread: number, slot: number, isCall: boolean): number {
    const mayGrant = (this.#capabilities.rightsOf(slot) & right.GRANT) !== 0;
    const answered = this.answer(thread, this.#capabilities.objectOf(slot), mayGrant);
    if (answered === RECORD_CORRUPTED) return RECORD_CORRUPTED;
    return isCall ? this.#answer(thread, 0, 0) : DONE;
  }
  /**
   * A thread's message is the answer to whoever waits for a reply object, if anybody does.
   * @param mayGrant whether capabilities may go with it
   * @returns DONE or RECORD_CORRUPTED.
   */
  answer(thread: number, reply: number, mayGrant: boolean): number {
    const { threads } = this;
    const caller = this.replies.take(reply);
    if (caller === RECORD_CORRUPTED) return RECORD_CORRUPTED;
    if (caller === NO_THREAD) return DONE;
    this.#scheduling.answered(caller, thread, reply);
    if (threads.fault[caller] !== 0) this.#answerFault(thread, caller);
    else {
      this.#transfer.move(thread, caller, 0, 0, mayGrant);
      this.#scheduling.resume(caller);
    }
    return DONE;
  }
  #answerFault(server: number, faulted: number): void {
    const { threads } = this;
    const ends = (threads.faultShape[faulted]! & OBEYS_LABEL) !== 0 && labelOf(threads.tag[server]!) !== 0;
    this.#transfer.answerFault(server, faulted);
    threads.fault[faulted] = 0;
    if (ends) this.endings.suspend(faulted);
    else this.#scheduling.restart(faulted);
  }

  #invokeOther(thread: number, slot: number, isCall: boolean): number {
    const port = this.#capabilities;
    const result = port.invoke(thread, slot, isCall);
    if (result === PREEMPTED) return PREEMPTED;
    if (this.threads.state[thread] !== RUNNING) return BLOCKED;
    if (!isCall) return DONE;
    return result < 0 ? this.#answer(thread, -result, port.explain(thread, result)) : this.#answer(thread, 0, result);
  }
  /** The invoked capability, number 0 of the message's, is not one to be invoked so. Only a call says so. */
  #invalid(thread: number, isCall: boolean): number {
    if (!isCall) return DONE;
    const register = thread * MESSAGE_REGISTERS * WORD_LANES;
    this.threads.registers[register] = 0;
    this.threads.registers[register + 1] = 0;
    return this.#answer(thread, INVALID_CAPABILITY, 1);
  }
  /** The kernel answers itself. */
  #answer(thread: number, label: number, lengthWords: number): number {
    this.threads.tag[thread] = messageTag(label, 0, 0, lengthWords);
    this.threads.badge[thread] = 0;
    return DONE;
  }

  /* Receiving. */

  #receive(thread: number, pointer: number, canReply: boolean, replyPointer: number, blocking: boolean): number {
    const port = this.#capabilities;
    const slot = port.lookup(thread, pointer);
    if (slot < 0) return this.#faults(pointer, true, true);
    const kind = port.kindOf(slot);
    if (kind !== right.ENDPOINT && kind !== right.NOTIFICATION) return this.#faults(pointer, true, false);
    if ((port.rightsOf(slot) & right.READ) === 0) return this.#faults(pointer, true, false);
    const object = port.objectOf(slot);
    if (kind === right.NOTIFICATION) return this.#waitAt(thread, pointer, object, blocking);
    if (!canReply) return this.#receiveAt(thread, object, 0, blocking);
    const replySlot = port.lookup(thread, replyPointer);
    if (replySlot < 0) return this.#faults(replyPointer, true, true);
    if (port.kindOf(replySlot) !== right.REPLY) return this.#faults(replyPointer, true, false);
    return this.#receiveAt(thread, object, port.objectOf(replySlot), blocking);
  }

  #receiveAt(thread: number, endpoint: number, reply: number, blocking: boolean): number {
    const { threads, notifications } = this;
    if (reply !== 0) this.endings.untie(reply);
    const bound = threads.bound[thread]!;
    if (notifications.takeBound(thread) === DONE) return this.#took(thread, bound);
    if (bound !== 0 && blocking) this.#scheduling.rests(bound, thread);
    const sender = this.endpoints.receive(endpoint, thread, reply, blocking);
    if (sender === WOULD_BLOCK) return this.#nothing(thread);
    if (sender < 0) return sender;
    this.collect(sender, thread, endpoint);
    return DONE;
  }
  /** A thread receives what another, which waited at an endpoint until `endpoints.receive` found it, sends. */
  collect(sender: number, thread: number, endpoint: number): void {
    const { threads } = this;
    const sending = threads.sending[sender]!;
    this.#transfer.move(sender, thread, endpoint, threads.sendBadge[sender]!, (sending & right.GRANT) !== 0);
    if ((sending & right.CALL) !== 0) this.#called(sender, thread);
    else this.#scheduling.resume(sender);
  }

  #waitAt(thread: number, pointer: number, notification: number, blocking: boolean): number {
    const { notifications } = this;
    const bound = notifications.boundThread(notification);
    if (bound === RECORD_CORRUPTED) return RECORD_CORRUPTED;
    if (bound !== NO_THREAD && bound !== thread) return this.#faults(pointer, true, false);
    const answer = notifications.wait(notification, thread, blocking);
    if (answer === DONE) return this.#took(thread, notification);
    if (answer === WOULD_BLOCK) return this.#nothing(thread);
    if (answer === BLOCKED) this.#scheduling.rests(notification, thread);
    return answer;
  }
  #took(thread: number, notification: number): number {
    this.threads.badge[thread] = this.notifications.word;
    this.#scheduling.woke(notification, thread);
    return DONE;
  }
  #nothing(thread: number): number {
    this.threads.badge[thread] = 0;
    return DONE;
  }

  #faults(pointer: number, inReceive: boolean, byLookup: boolean): number {
    this.fault.pointer = pointer;
    this.fault.inReceive = inReceive;
    this.fault.byLookup = byLookup;
    return CAP_FAULT;
  }
}
