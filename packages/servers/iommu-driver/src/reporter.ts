/**
 * Who is told of which fault, and how often.
 *
 * A device that faults without end would fill the fault queue, and faults of others would be lost. So of each IO space, and
 * of each device without one, the supervisor is told FAULTS_TOLD times; then the device's context says that its faults are
 * not reported (DTF), until the device changes hands or is reclaimed. It reaches no more than before.
 */
import type { ServerPort } from '@bulkhead/abi';
import type { iommu } from '@bulkhead/iommu-driver-api';
import type { Context } from '@bulkhead/runtime';
import type { Commands } from './commands.ts';
import { type IommuDriverConfig, NOBODY } from './config.ts';
import type { Counters } from './counters.ts';
import * as counter from './counters.ts';
import type { Devices } from './devices.ts';
import type { FaultSink } from './faults.ts';
import * as layout from './layout.ts';

/** CHOICE: enough to tell what is wrong, few beside the 127 records of the queue. */
const FAULTS_TOLD = 8;

export interface ReporterOptions {
  readonly context: Context<IommuDriverConfig>;
  readonly events: ServerPort<typeof iommu>;
  readonly devices: Devices;
  readonly commands: Commands;
  readonly counters: Counters;
}

export class Reporter implements FaultSink {
  readonly #context: Context<IommuDriverConfig>;
  readonly #events: ServerPort<typeof iommu>;
  readonly #devices: Devices;
  readonly #commands: Commands;
  readonly #counters: Counters;
  readonly #fault: number;

  constructor({ context, events, devices, commands, counters }: ReporterOptions) {
    this.#context = context;
    this.#events = events;
    this.#devices = devices;
    this.#commands = commands;
    this.#counters = counters;
    this.#fault = context.work.id('fault');
  }

  overflowed(): void {
    this.#counters.add(counter.FAULT_OVERFLOWS);
  }
  faulted(device: number, cause: number, ioPage: number, ioPageHigh: number): void {
    const count = this.#count(device);
    if (count > FAULTS_TOLD) {
      this.#counters.add(counter.FAULTS_UNTOLD);
      return;
    }
    this.#context.work.spend(this.#fault);
    const { supervisor } = this.#context.config;
    if (supervisor !== NOBODY) this.#events.faulted(supervisor, device, cause, ioPage, ioPageHigh);
    if (count === FAULTS_TOLD) this.#hush(device);
  }
  /** @returns how often the device faulted, this time included; 0 where there is no room to count. */
  #count(device: number): number {
    const known = this.#devices.find(device);
    const at = known >= 0 ? known : this.#devices.addStranger(device);
    if (at < 0) return 0;
    const count = this.#devices.word(at, layout.DEVICE_FAULTS) + 1;
    this.#devices.setWord(at, layout.DEVICE_FAULTS, count);
    return count;
  }
  /** What the table of contexts lacks is always reported, whatever DTF says: a stranger gets an empty IO space for it. */
  #hush(device: number): void {
    if (this.#context.config.mode !== 'translating') return;
    const devices = this.#devices;
    const at = devices.find(device);
    if (devices.root(at) === layout.NO_ROOT) {
      if (!devices.giveRoot(at)) return;
      devices.publish(at);
    }
    devices.hush(at);
    this.#commands.invalidateDevice(device);
    this.#commands.fence();
    this.#counters.add(counter.DEVICES_HUSHED);
  }
}
