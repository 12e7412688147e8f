/** Lone stacks on one simulated wire, in simulated time: frames and alarms in the order of their times. */
import { createLoneStack, type LoneStack, type NetStackConfig } from '../src/index.ts';

export interface Impairment {
  /** In permille. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly corrupt: number;
  readonly delayUs: number;
  readonly jitterUs: number;
}
export const PERFECT: Impairment = { loss: 0, duplicate: 0, reorder: 0, corrupt: 0, delayUs: 100, jitterUs: 0 };

/** A small generator of our own (mulberry32), so that a test's chance is its own. */
export function chanceOf(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export interface Host {
  readonly lone: LoneStack;
  onReady: (socket: number, what: number) => void;
}

export class World {
  now = 0;
  /** Where 32-bit time starts, so that it wraps in tests. */
  readonly epochUs: number;
  readonly hosts: Host[] = [];
  frames = 0;
  impairment: Impairment;
  /** Sees every frame before the wire does; false drops it. */
  filter: (frame: Uint8Array, from: number) => boolean = () => true;
  readonly #chance: (bound: number) => number;
  readonly #queue: Happening[] = [];
  #order = 0;

  constructor(seed = 1, impairment: Impairment = PERFECT, epochUs = 0x7fff_0000) {
    this.#chance = chanceOf(seed);
    this.impairment = impairment;
    this.epochUs = epochUs;
  }
  add(config: NetStackConfig): Host {
    const index = this.hosts.length;
    let alarm = 0;
    const host: Host = {
      onReady: () => {},
      lone: createLoneStack({
        config,
        nowUs: () => (this.epochUs + this.now) | 0,
        transmit: (frame, lenBytes) => this.#transmit(frame.slice(0, lenBytes), index),
        setAlarm: (delayUs) => {
          const mine = ++alarm;
          this.after(delayUs, () => {
            if (mine !== alarm) return;
            host.lone.alarm();
            host.lone.settle();
          });
        },
        onReady: (socket, what) => host.onReady(socket, what),
      }),
    };
    this.hosts.push(host);
    return host;
  }
  after(delayUs: number, run: () => void): void {
    this.#queue.push({ at: this.now + delayUs, order: this.#order++, run });
  }
  /** Runs until nothing happens any more, or `untilUs`. */
  run(untilUs = 1e15): void {
    for (const host of this.hosts) host.lone.settle();
    for (;;) {
      let best = -1;
      for (let i = 0; i < this.#queue.length; i++) {
        const one = this.#queue[i]!;
        const other = this.#queue[best];
        if (other === undefined || one.at < other.at || (one.at === other.at && one.order < other.order)) best = i;
      }
      if (best < 0 || this.#queue[best]!.at > untilUs) {
        if (untilUs < 1e15) this.now = untilUs;
        return;
      }
      const [happening] = this.#queue.splice(best, 1);
      this.now = Math.max(this.now, happening!.at);
      happening!.run();
    }
  }
  #transmit(frame: Uint8Array, from: number): void {
    this.frames++;
    if (!this.filter(frame, from)) return;
    const { loss, duplicate, reorder, corrupt, delayUs, jitterUs } = this.impairment;
    const hits = (permille: number): boolean => permille > 0 && this.#chance(1000) < permille;
    if (hits(loss)) return;
    const copies = hits(duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const bytes = frame.slice();
      if (hits(corrupt)) bytes[this.#chance(bytes.length)]! ^= 1 << this.#chance(8);
      const late = hits(reorder) ? this.#chance(5000) : 0;
      this.after(delayUs + late + (jitterUs > 0 ? this.#chance(jitterUs) : 0), () => {
        this.hosts.forEach((host, index) => {
          if (index === from) return;
          host.lone.receive(bytes, bytes.length);
          host.lone.settle();
        });
      });
    }
  }
}

export const SERVER = { address: '10.0.0.1', prefixBits: 24, gateway: 0, seed: 1 } as const;
export const CLIENT = { address: '10.0.0.2', prefixBits: 24, gateway: 0, seed: 2 } as const;
export const SERVER_ADDRESS = 0x0a000001;
export const CLIENT_ADDRESS = 0x0a000002;
