/**
 * Systems with one component that does what it is told beside its work, and a device that obeys nobody: a second way to
 * memory under the requester ID of the network card, which no bus master bit and no reset stops. Only the IOMMU does.
 */
import { assemble, type Description, type System } from '@bulkhead/assembler';
import type { IommuDriverCounters } from '@bulkhead/iommu-driver';
import type { ComponentDefinition, Context } from '@bulkhead/runtime';
import { machineOf, memoryOf } from '../src/index.ts';

export const NIC = 0x08;
const FAULT_EXCEPTION = 2;
const TOKEN = 13;
const PATIENCE_NS = 5_000_000;

// biome-ignore lint/suspicious/noExplicitAny: ports of whichever component.
export type AnyPorts = Record<string, Record<string, (...args: any[]) => number>>;
export interface Hands {
  readonly context: Context<unknown>;
  readonly ports: AnyPorts;
}

export class Rig {
  readonly system: System;
  #order: ((hands: Hands) => void) | null = null;

  /** @param name the component. @param through sees every call that it makes, and may answer in its place. */
  constructor(description: Description, name: string, through: Through = passOn) {
    const components = description.components.map((definition) =>
      definition.name === name ? this.#told(definition, through) : definition,
    );
    this.system = assemble({ ...description, components });
    this.run(20_000_000);
  }
  run(ns: number): void {
    this.system.runUntil(this.system.clock.now + this.system.clock.cyclesOf(ns));
  }
  /** The component does this at its next handler. */
  tell(name: string, order: (hands: Hands) => void): void {
    this.#order = order;
    const seat = this.system.kernel.seats.find((one) => one.name === name)!;
    this.system.kernel.executive.signal(seat, 1 << TOKEN);
    const until = this.system.clock.now + this.system.clock.cyclesOf(PATIENCE_NS);
    while (this.#order !== null && this.system.clock.now < until) this.system.runUntil(this.system.clock.now + 1);
  }
  /** The device writes a word. @returns whether it came to stand somewhere. */
  write(ioPage: number, offset: number, word: number, device: number = NIC): boolean {
    const { iommu, bus } = this.system.board;
    const bytes = new Uint8Array(new Int32Array([word]).buffer);
    return iommu.dmaPort(device, bus).write(ioPage, offset, bytes, 0, bytes.length) >= 0;
  }

  counters(): IommuDriverCounters {
    return machineOf(this.system).iommu.driver!;
  }
  /** Identities of the card's interrupts, by vector. */
  identities(): number[] {
    return this.#runs()
      .filter(({ what }) => what.startsWith('interrupt '))
      .map(({ what }) => Number(what.slice('interrupt '.length)));
  }
  /** IO pages of the driver's rings, and the physical pages behind them. */
  rings(): { readonly ioPage: number; readonly physicalPage: number }[] {
    return this.#runs()
      .filter(({ what }) => what === 'rings of nic-driver')
      .flatMap(({ page, count, physicalPage }) =>
        Array.from({ length: count }, (_, i) => ({ ioPage: page + i, physicalPage: physicalPage + i })),
      );
  }
  #runs() {
    return memoryOf(this.system).devices[0]!.runs;
  }
  isAlive(domain: string): boolean {
    return this.system.kernel.domains.find(({ name }) => name === domain)!.alive;
  }
  /** The component's domain ends, as by a fault. */
  kill(component: string): void {
    const { kernel } = this.system;
    kernel.end(kernel.seats.find(({ name }) => name === component)!, FAULT_EXCEPTION, 0, 0, 'killed by a test');
  }
  /** Frames come in from the wire, and time passes in which they arrive. */
  flood(count: number): void {
    const frame = new Uint8Array(64).fill(0xff);
    for (let i = 0; i < count; i++) this.system.wire.transmit(frame, frame.length);
  }

  #told(definition: ComponentDefinition, through: Through): ComponentDefinition {
    return {
      ...definition,
      create: (context, ports) => {
        const watched = watch(ports as unknown as AnyPorts, through);
        const instance = definition.create(context, watched as never);
        const settle = (): void => {
          const order = this.#order;
          this.#order = null;
          order?.({ context, ports: watched });
          instance.settle?.();
        };
        return { ...instance, settle };
      },
    };
  }
}

export type Through = (port: string, method: string, args: readonly number[], call: () => number) => number;
const passOn: Through = (_port, _method, _args, call) => call();

const watch = (ports: AnyPorts, through: Through): AnyPorts =>
  Object.fromEntries(
    Object.entries(ports).map(([port, methods]) => [
      port,
      new Proxy(methods, {
        get: (target, method: string) => {
          const own = target[method];
          if (typeof own !== 'function') return own;
          return (...args: number[]) => through(port, method, args, () => own.call(target, ...args));
        },
      }),
    ]),
  );
