/**
 * What a thread reaches: TCB_Configure, SetSpace, SetIPCBuffer, SetTimeoutEndpoint. seL4 reference manual 13.0.0
 * §10.3, §3.2 "Deletion and Revocation". Everything is checked before the first slot is emptied.
 *
 * The order is the reference kernel's: the buffer's frame, the slots, CSpace, address space, the fault endpoint; and each
 * capability is derived before its type is looked at.
 */
import { type Capabilities, errors, type InvocationMessage, objects } from '@bulkhead/capabilities';
import { message as format } from '@bulkhead/ipc';
import type { Scheduler } from '@bulkhead/scheduler';
import { isHandler } from '../faults.ts';
import * as tcb from '../tcb-layout.ts';
import type { Tcbs } from '../tcbs.ts';

const BUFFER_BYTES = 1024;
const LANE_BYTES_BITS = 2;
const CAPABILITY_BITS = 32;
const GUARD_SIZE_MASK = 0x1f;
/** 2^32 modulo 2^30 is 0: the low lane of an address says where in a frame it is. */
const maskOf = (bits: number): number => (1 << bits) - 1;

export class SpaceInvocations {
  readonly #capabilities: Capabilities;
  readonly #scheduler: Scheduler;
  readonly #tcbs: Tcbs;
  readonly #isAddressSpace: (slot: number) => boolean;

  constructor(capabilities: Capabilities, scheduler: Scheduler, tcbs: Tcbs, isAddressSpace: (slot: number) => boolean) {
    this.#capabilities = capabilities;
    this.#scheduler = scheduler;
    this.#tcbs = tcbs;
    this.#isAddressSpace = isAddressSpace;
  }

  configure(thread: number, { low, high, extras }: InvocationMessage): number {
    const [cspace, vspace, frame] = [extras[0]!, extras[1]!, extras[2]!];
    const error =
      this.#checkBuffer(frame, low[2]!, high[2]!) || this.#checkSpaces(thread, cspace, low[0]!, high[0]!, vspace);
    if (error !== 0) return error;
    return this.#setSpaces(thread, cspace, low[0]!, vspace) || this.#setBuffer(thread, frame, low[2]!, high[2]!);
  }
  setBuffer(thread: number, { low, high, extras }: InvocationMessage): number {
    const error = this.#checkBuffer(extras[0]!, low[0]!, high[0]!);
    return error !== 0 ? error : this.#setBuffer(thread, extras[0]!, low[0]!, high[0]!);
  }
  setSpace(thread: number, { low, high, extras }: InvocationMessage): number {
    const [handler, cspace, vspace] = [extras[0]!, extras[1]!, extras[2]!];
    const error = this.#checkSpaces(thread, cspace, low[0]!, high[0]!, vspace);
    if (error !== 0) return error;
    if (!isHandler(this.#capabilities, handler)) return this.#capabilities.details.invalidCapability(1);
    return this.setFaultHandler(thread, handler) || this.#setSpaces(thread, cspace, low[0]!, vspace);
  }
  setTimeoutEndpoint(thread: number, { extras }: InvocationMessage): number {
    if (!isHandler(this.#capabilities, extras[0]!)) return this.#capabilities.details.invalidCapability(1);
    const error = this.#replace(this.#tcbs.wordOf(thread) + tcb.TIMEOUT_HANDLER_SLOT, extras[0]!, 0);
    if (error !== 0) return error;
    this.#scheduler.threads.timeoutHandler[thread] = this.#isEmpty(extras[0]!) ? 0 : 1;
    return 0;
  }
  /** Checked before. @param handler empty for none */
  setFaultHandler(thread: number, handler: number): number {
    return this.#replace(this.#tcbs.wordOf(thread) + tcb.FAULT_HANDLER_SLOT, handler, 0);
  }

  /** No frame, or a device's: REVOKE_FIRST or ILLEGAL_OPERATION; ALIGNMENT_ERROR. Address 0 is no buffer, whatever comes with it. */
  #checkBuffer(frame: number, low: number, high: number): number {
    const capabilities = this.#capabilities;
    if (low === 0 && high === 0) return 0;
    if (capabilities.typeOf(frame) !== objects.FRAME) return this.#wrongType(frame);
    if (capabilities.isDevice(frame)) return errors.ILLEGAL_OPERATION;
    return (low & (BUFFER_BYTES - 1)) === 0 ? 0 : errors.ALIGNMENT_ERROR;
  }
  /**
   * A slot whose emptying would take long, no CNode or no such guard, no address space: ILLEGAL_OPERATION, all of them;
   * but REVOKE_FIRST for an untyped with children.
   */
  #checkSpaces(thread: number, cspace: number, data: number, dataHigh: number, vspace: number): number {
    const capabilities = this.#capabilities;
    const at = this.#tcbs.wordOf(thread);
    if (this.#takesLong(at + tcb.CSPACE_SLOT) || this.#takesLong(at + tcb.VSPACE_SLOT)) return errors.ILLEGAL_OPERATION;
    if (capabilities.typeOf(cspace) !== objects.CNODE || capabilities.isZombie(cspace)) return this.#wrongType(cspace);
    if (dataHigh !== 0 || (data & GUARD_SIZE_MASK) + capabilities.sizeOf(cspace) > CAPABILITY_BITS)
      return errors.ILLEGAL_OPERATION;
    return this.#isAddressSpace(vspace) ? 0 : this.#wrongType(vspace);
  }
  /** What is given is derived before its type is looked at: an untyped with children cannot be. */
  #wrongType(slot: number): number {
    const isParent = this.#capabilities.typeOf(slot) === objects.UNTYPED && this.#capabilities.hasChildren(slot);
    return isParent ? errors.REVOKE_FIRST : errors.ILLEGAL_OPERATION;
  }

  #setSpaces(thread: number, cspace: number, data: number, vspace: number): number {
    const at = this.#tcbs.wordOf(thread);
    const error = this.#replace(at + tcb.CSPACE_SLOT, cspace, data);
    return error !== 0 ? error : this.#replace(at + tcb.VSPACE_SLOT, vspace, 0);
  }
  /** Messages are sent from a frame that may be read, and arrive in one that may be written, too; any other is as none. */
  #setBuffer(thread: number, frame: number, low: number, high: number): number {
    const { words, threads } = this.#tcbs;
    const capabilities = this.#capabilities;
    const at = this.#tcbs.wordOf(thread);
    const hasBuffer = low !== 0 || high !== 0;
    const offset = hasBuffer ? low & maskOf(capabilities.sizeOf(frame)) : 0;
    const buffer = hasBuffer ? capabilities.wordOf(frame) + (offset >>> LANE_BYTES_BITS) : 0;
    const held = hasBuffer ? capabilities.rightsOf(frame) : 0;
    if (hasBuffer && !(buffer > 0 && buffer + format.BUFFER_LANES <= words.length)) return errors.CORRUPTED;
    const error = this.#replace(at + tcb.BUFFER_SLOT, hasBuffer ? frame : 0, 0);
    if (error !== 0) return error;
    words[at + tcb.BUFFER_ADDRESS] = low;
    words[at + tcb.BUFFER_ADDRESS + 1] = high;
    threads.buffer[thread] = (held & objects.READ) !== 0 ? buffer : 0;
    threads.bufferReadOnly[thread] = (held & objects.WRITE) === 0 ? 1 : 0;
    return 0;
  }

  /** Empties a slot of a TCB and puts a copy there. @param source 0, or an empty slot, for nothing */
  #replace(slot: number, source: number, data: number): number {
    const capabilities = this.#capabilities;
    const deleted = capabilities.delete(slot);
    if (deleted !== 0) return errors.CORRUPTED;
    if (this.#isEmpty(source)) return 0;
    if (data === 0) return capabilities.copy(slot, source, objects.ALL_RIGHTS);
    return capabilities.mint(slot, source, objects.ALL_RIGHTS, data);
  }
  #isEmpty(slot: number): boolean {
    return slot === 0 || this.#capabilities.typeOf(slot) === objects.NULL;
  }
  /** The last capability to something that holds slots: to take it away would delete those, too. */
  #takesLong(slot: number): boolean {
    const capabilities = this.#capabilities;
    const type = capabilities.typeOf(slot);
    if (type !== objects.CNODE && type !== objects.TCB) return false;
    return (
      !this.#namesTheSame(slot, capabilities.previousOf(slot)) && !this.#namesTheSame(slot, capabilities.nextOf(slot))
    );
  }
  #namesTheSame(slot: number, other: number): boolean {
    const capabilities = this.#capabilities;
    if (other === 0) return false;
    return (
      capabilities.typeOf(other) === capabilities.typeOf(slot) &&
      capabilities.objectOf(other) === capabilities.objectOf(slot)
    );
  }
}
