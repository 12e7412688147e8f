/**
 * A component that does its work, until it is told to do something else: whatever it then does, it does in its own
 * domain, with its own ports, memory and rights, and with nothing else.
 */
import { type AssembleOptions, assemble, type Description, type System } from '@bulkhead/assembler';
import type { ComponentDefinition, Context } from '@bulkhead/runtime';

type Method = (...args: number[]) => number;
export type AnyPorts = Readonly<Record<string, Readonly<Record<string, Method>>>>;
/** What the mole has: exactly what the component had. */
export interface Hands {
  readonly context: Context<unknown>;
  readonly ports: AnyPorts;
  /** Pages at which the kernel mapped what the component asked for, in that order. */
  readonly mappedPages: readonly number[];
}
export type Attack = (hands: Hands) => void;

/** A token that no component uses. */
const TOKEN = 13;
const PATIENCE_NS = 2_000_000;

export class Mole {
  readonly system: System;
  readonly name: string;
  #attack: Attack | null = null;

  constructor(description: Description, name: string, options: AssembleOptions = {}) {
    this.name = name;
    const components = description.components.map((definition) =>
      definition.name === name ? this.#infiltrated(definition) : definition,
    );
    this.system = assemble({ ...description, components }, options);
  }
  /** The component's next handler does this, once, and then its work. */
  strike(attack: Attack): void {
    this.#attack = attack;
    const { kernel, clock } = this.system;
    const seat = kernel.seats.find(({ name }) => name === this.name)!;
    kernel.executive.signal(seat, 1 << TOKEN);
    for (const until = clock.now + clock.cyclesOf(PATIENCE_NS); this.#attack !== null && clock.now < until; )
      this.system.runUntil(clock.now + 1);
  }

  #infiltrated(definition: ComponentDefinition): ComponentDefinition {
    return {
      ...definition,
      create: (context, ports) => {
        const mappedPages: number[] = [];
        const hands: Hands = { context, ports: recording(ports as never, context, mappedPages), mappedPages };
        const instance = definition.create(context, hands.ports as never);
        const settle = (): void => {
          const attack = this.#attack;
          this.#attack = null;
          attack?.(hands);
          instance.settle?.();
        };
        return { handlers: instance.handlers, start: () => instance.start?.(), settle };
      },
    };
  }
}

/** Ports of which the kernel's `map` leaves a note. */
function recording(ports: AnyPorts, { answer }: Context<unknown>, pages: number[]): AnyPorts {
  const { kernel } = ports;
  if (kernel === undefined) return ports;
  const map: Method = (...args) => {
    const result = kernel['map']!(...args);
    if (result >= 0) pages.push(answer[1]!);
    return result;
  };
  return { ...ports, kernel: { ...kernel, map } };
}
