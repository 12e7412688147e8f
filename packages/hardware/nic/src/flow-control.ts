/**
 * Pause frames. Intel 82574 Datasheet revision 3.4 §6.2.6 "Flow Control"; IEEE 802.3-2018 Annex 31B.
 *
 * With CTRL.RFCE a frame to the flow-control address (FCAL, FCAH) or to the first receive address, of the type FCT and
 * with opcode 1, stops transmission for its count of 512 bit times. With CTRL.TFCE the device sends one (FCTTV) when its
 * receive buffer fills up to FCRTH, and an XON when it has drained below FCRTL with XONE.
 *
 * CHOICE: pause frames count in TPR, TOR, TPT and TOT, not among the good packets. CHOICE: frames that a pause frame
 * finds on their way out still leave. UNIMPLEMENTED: refreshing a pause that lasts (FCRTV).
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { DeviceParts } from './device.ts';
import type { Egress } from './egress.ts';
import { countTotalReceived, countTotalTransmitted } from './statistics.ts';
import { ADDRESSES_BYTES } from './vlan.ts';

export const NO_CONTROL = 0;
/** A control frame that is for the device alone, and one for software whatever its address. */
export const CONSUMED = 1;
export const FOR_HOST = 2;

const OPCODE_AT = 14;
const TIMER_AT = 16;
const OPCODE_PAUSE = 1;
const CONTROL_BYTES = 18;
const QUANTUM_BYTES = 64; // 512 bit times
const FRAME_BYTES = reg.FRAME_MIN_BYTES;

export class FlowControl {
  readonly #parts: DeviceParts;
  readonly #egress: Egress;
  /** Transmission may go on. */
  readonly #resume: () => void;
  readonly #frame: Uint8Array = new Uint8Array(FRAME_BYTES);
  /** The receive buffer was reported as full and not yet as drained. */
  #isFull = false;

  constructor(parts: DeviceParts, egress: Egress, resume: () => void) {
    this.#parts = parts;
    this.#egress = egress;
    this.#resume = resume;
  }
  reset(): void {
    this.#isFull = false;
  }

  /** §6.2.6.1 "MAC Control Frames and Reception of Flow Control Packets". @returns whose the frame is. */
  receive(frame: Uint8Array, lenBytes: number): number {
    const { registers } = this.#parts;
    if (!has(registers.get(reg.CTRL), reg.CTRL_RFCE) || lenBytes < CONTROL_BYTES) return NO_CONTROL;
    if (load16(frame, ADDRESSES_BYTES) !== registers.get(reg.FCT)) return NO_CONTROL;
    if (!this.#isAddressed(frame, reg.FCAL, reg.FCAH) && !this.#isAddressed(frame, reg.RAL, reg.RAH)) return NO_CONTROL;
    const rctl = registers.get(reg.RCTL);
    if (load16(frame, OPCODE_AT) !== OPCODE_PAUSE) {
      registers.count(reg.FCRUC);
      return has(rctl, reg.RCTL_PMCF) ? FOR_HOST : CONSUMED;
    }
    this.#pause(load16(frame, TIMER_AT));
    countTotalReceived(registers, Math.max(lenBytes, FRAME_BYTES) + reg.FRAME_CHECK_SEQUENCE_BYTES);
    return has(rctl, reg.RCTL_DPF) ? CONSUMED : NO_CONTROL;
  }

  /** The receive buffer holds so much. */
  level(usedBytes: number): void {
    const { registers } = this.#parts;
    if (!has(registers.get(reg.CTRL), reg.CTRL_TFCE)) return;
    const high = registers.get(reg.FCRTH) & reg.FCRTH_RTH.mask;
    const low = registers.get(reg.FCRTL);
    if (!this.#isFull && high !== 0 && usedBytes >= high) {
      this.#isFull = true;
      this.#send(registers.get(reg.FCTTV), reg.XOFFTXC);
    } else if (this.#isFull && usedBytes < (low & reg.FCRTL_RTL.mask)) {
      this.#isFull = false;
      if (has(low, reg.FCRTL_XONE)) this.#send(0, reg.XONTXC);
    }
  }
  /** TCTL.SWXOFF: software asks for a pause frame. */
  sendXoff(): void {
    const { registers } = this.#parts;
    if (has(registers.get(reg.CTRL), reg.CTRL_TFCE)) this.#send(registers.get(reg.FCTTV), reg.XOFFTXC);
  }

  #pause(quanta: number): void {
    const { registers, clock, timing } = this.#parts;
    registers.count(quanta === 0 ? reg.XONRXC : reg.XOFFRXC);
    this.#egress.pauseUntil(Math.ceil(clock.now + quanta * QUANTUM_BYTES * timing.wireCyclesPerByte));
    if (quanta === 0) this.#resume();
  }

  #isAddressed(frame: Uint8Array, low: number, high: number): boolean {
    const { registers } = this.#parts;
    const first = frame[0]! | (frame[1]! << 8) | (frame[2]! << 16) | (frame[3]! << 24);
    const last = frame[4]! | (frame[5]! << 8);
    return registers.get(low) === first && get(registers.get(high), reg.RAH_ADDRESS) === last;
  }

  #send(quanta: number, counter: number): void {
    const { registers, isLinkUp, send } = this.#parts;
    if (!isLinkUp()) return;
    const frame = this.#frame;
    this.#storeAddress(0, reg.FCAL, reg.FCAH);
    this.#storeAddress(6, reg.RAL, reg.RAH);
    store16(frame, ADDRESSES_BYTES, registers.get(reg.FCT));
    store16(frame, OPCODE_AT, OPCODE_PAUSE);
    store16(frame, TIMER_AT, quanta);
    registers.count(counter);
    countTotalTransmitted(registers, FRAME_BYTES + reg.FRAME_CHECK_SEQUENCE_BYTES);
    send(frame, FRAME_BYTES);
  }
  #storeAddress(at: number, low: number, high: number): void {
    const { registers } = this.#parts;
    for (let i = 0; i < 4; i++) this.#frame[at + i] = registers.get(low) >>> (8 * i);
    for (let i = 0; i < 2; i++) this.#frame[at + 4 + i] = registers.get(high) >>> (8 * i);
  }
}

const load16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
function store16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
