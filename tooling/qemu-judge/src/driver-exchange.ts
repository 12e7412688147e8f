/**
 * A network stack's part in an exchange through a driver: it lends the pool's buffers within its credits, and holds
 * every frame against what was sent.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { Chance } from '@bulkhead/clock';
import { BUFFER_SIZE_BYTES, CREDITS } from '@bulkhead/nic-driver-api';
import { type DriverBench, type NicConfig, POOL_SIZE_BYTES } from './driver-bench.ts';

const ADDRESS_BYTES = 6;

export class Exchange<Config extends NicConfig> {
  /** What the stack has received, in order. */
  readonly arrived: Uint8Array[] = [];
  completedCount = 0;
  readonly #bench: DriverBench<Config>;
  readonly #chance: Chance;
  readonly #mac: Uint8Array;
  readonly #free: number[];
  /** Buffers that are out for transmission, oldest first. */
  readonly #submitted: number[] = [];
  #suppliedCount = 0;

  constructor(bench: DriverBench<Config>, mac: Uint8Array, seed: number) {
    this.#bench = bench;
    this.#chance = new Chance(seed);
    this.#mac = mac;
    this.#free = Array.from({ length: POOL_SIZE_BYTES / BUFFER_SIZE_BYTES }, (_, i) => i * BUFFER_SIZE_BYTES);
  }

  /** A frame of random bytes, for the device or for everybody when its length has room for an address. */
  frame(lenBytes: number): Uint8Array {
    const frame = new Uint8Array(lenBytes).map(() => this.#chance.below(256));
    if (lenBytes >= ADDRESS_BYTES) frame.set(this.#chance.below(4) === 0 ? new Uint8Array(6).fill(0xff) : this.#mac);
    return frame;
  }
  /** Lends as many buffers for reception as the credits allow, or `count`. */
  supply(count: number = CREDITS): void {
    for (let i = 0; i < count && this.#suppliedCount < CREDITS; i++) {
      this.#bench.supply(this.#free.shift()!);
      this.#suppliedCount++;
    }
  }
  /** @returns false when no credit is left. */
  submit(frame: Uint8Array): boolean {
    if (this.#submitted.length === CREDITS) return false;
    const buffer = this.#free.shift()!;
    this.#submitted.push(buffer);
    this.#bench.submit(buffer, frame);
    return true;
  }
  get isTransmitted(): boolean {
    return this.#submitted.length === 0;
  }

  /** Takes back what the driver gave back: completions in the order of their submission. */
  collect(): void {
    for (const event of this.#bench.events.splice(0)) {
      if (event.kind === 'completed') {
        deepStrictEqual(event.buffer, this.#submitted.shift());
        this.completedCount++;
        this.#free.push(event.buffer);
      } else if (event.kind === 'arrived') {
        this.arrived.push(this.#bench.bytesAt(event.buffer, event.lenBytes));
        this.#suppliedCount--;
        this.#free.push(event.buffer);
      } else throw new Error(`a driver at work says ${event.kind}`);
    }
  }
  /** Transmits and receives these frames, all of them, however often buffers must be lent. */
  exchange(transmit: readonly Uint8Array[], receive: readonly Uint8Array[]): void {
    const expected = this.arrived.length + receive.length;
    for (const frame of receive) this.#bench.machine.wire.send(frame);
    let next = 0;
    this.#bench.runUntil(() => {
      this.collect();
      while (next < transmit.length && this.submit(transmit[next]!)) next++;
      this.supply();
      return next === transmit.length && this.isTransmitted && this.arrived.length >= expected;
    });
  }
}
