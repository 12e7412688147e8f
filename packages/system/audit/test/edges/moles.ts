/**
 * A system in which every component is a mole: it does its work, until it is told to do something else, and whatever
 * comes in at its handlers is heard. Words of an attack never reach the component's own code.
 */
import { assemble, type Description, type System } from '@bulkhead/assembler';
import type { ComponentDefinition, Context } from '@bulkhead/runtime';
import type { AnyPorts } from '../mole.ts';

/** No component, frame or table has these words; even, so that as an entry of a table each is invalid. */
export const MARK = 0x5afe_0100;
/** So many attacks can tell their words apart. */
const MARKS = 0x4000;
export const isMark = (word: number): boolean => word >= MARK && word < MARK + MARKS;

/** What a component has at hand. */
export interface Reach {
  readonly context: Context<unknown>;
  readonly ports: AnyPorts;
}
/** A handler that ran. */
export interface Heard {
  readonly component: string;
  readonly port: string;
  readonly method: string;
  readonly args: readonly number[];
}

/** Tokens that no component uses. */
const TOKEN = 13;
export const ALARM_TOKEN = 12;
const PATIENCE_NS = 2_000_000;

export class Moles {
  readonly system: System;
  readonly heard: Heard[] = [];
  readonly #attacks = new Map<string, (reach: Reach) => void>();
  /** A method without words is told from others by its name. */
  swallowed: string | null = null;

  constructor(description: Description) {
    const components = description.components.map((definition) => this.#infiltrated(definition));
    this.system = assemble({ ...description, components });
  }
  /** The component's next handler does this, once. @returns whether it came to do it. */
  strike(name: string, attack: (reach: Reach) => void): boolean {
    this.#attacks.set(name, attack);
    const { kernel, clock } = this.system;
    const seat = kernel.seats.find((one) => one.name === name)!;
    kernel.executive.signal(seat, 1 << TOKEN);
    const until = clock.now + clock.cyclesOf(PATIENCE_NS);
    const mayCome = (): boolean => this.#attacks.has(name) && !seat.life.over && this.system.panic === null;
    while (mayCome() && clock.now < until) this.system.runUntil(clock.now + 1);
    return !this.#attacks.delete(name);
  }
  /** Lets what was begun go on. */
  run(ns: number): void {
    const { clock } = this.system;
    this.system.runUntil(clock.now + clock.cyclesOf(ns));
  }

  #infiltrated(definition: ComponentDefinition): ComponentDefinition {
    const { name } = definition;
    return {
      ...definition,
      create: (context, ports) => {
        const instance = definition.create(context, ports as never);
        const settle = (): void => {
          const attack = this.#attacks.get(name);
          this.#attacks.delete(name);
          attack?.({ context, ports: ports as never });
          instance.settle?.();
        };
        return { handlers: this.#listening(name, instance.handlers as never), start: () => instance.start?.(), settle };
      },
    };
  }
  #listening(component: string, handlers: AnyPorts): AnyPorts {
    const listening = (port: string, method: string, handle: (...args: number[]) => number) => {
      return (...args: number[]): number => {
        if (port === 'kernel' && args[0] === TOKEN) return handle(...args);
        this.heard.push({ component, port, method, args });
        const isOurs = args.some(isMark) || this.swallowed === method;
        return isOurs || (port === 'kernel' && args[0] === ALARM_TOKEN) ? 0 : handle(...args);
      };
    };
    return Object.fromEntries(
      Object.entries(handlers).map(([port, methods]) => [
        port,
        Object.fromEntries(
          Object.entries(methods).map(([method, handle]) => [method, listening(port, method, handle)]),
        ),
      ]),
    );
  }
}
