/**
 * A driver that does its work until it turns. Whatever it then does, it does in its own domain, with its own ports,
 * memory and device, and with nothing else: who stops it is the system's affair.
 */
import { type Contract, refusalName } from '@bulkhead/abi';
import { assemble, type Description, type MessageSink, type System } from '@bulkhead/assembler';
import type { ComponentDefinition, Context } from '@bulkhead/runtime';
import type { AttemptOptions } from './attack.ts';
import { type Witness, withBystander } from './bystander.ts';
import { type Card, driverOf } from './device.ts';

type Method = (...args: number[]) => number;
export type AnyPorts = Readonly<Record<string, Readonly<Record<string, Method>>>>;

/** What the driver has. */
export interface Hands {
  readonly card: Card;
  readonly context: Context<unknown>;
  readonly ports: AnyPorts;
  /** First page of its device's registers, in its own address space. */
  readonly registerPage: number;
  /** Rights to its interrupts. */
  readonly interrupts: readonly number[];
  /** IO pages that the IOMMU driver gave it, in the order in which it asked. */
  readonly ioPages: readonly number[];
}
/** Something that the driver does instead of, or before, its work. */
export type Order = (hands: Hands) => void;

/** A message that the system's own components sent while the attack went on. */
export interface Told {
  readonly contract: string;
  readonly method: string;
  readonly from: string;
  readonly args: readonly number[];
  /** Null while there is no answer. */
  result: number | null;
  /** The refusal's name, where the result is one. */
  refusal: string | null;
  /** Words beside the result. */
  answers: readonly number[];
}

/** No component uses this token. */
const TOKEN = 13;
const PATIENCE_NS = 2_000_000;
const BOOT_NS = 5_000_000;

export class Turncoat {
  readonly system: System;
  readonly name: string;
  readonly card: Card;
  readonly witness: Witness = { beats: 0, interrupts: 0 };
  readonly told: Told[] = [];
  /** What it does with every notification of its interrupts, in place of its work. */
  deafness: Order | null = null;
  #order: Order | null = null;
  #notes: Notes = { registerPage: 0, ioPages: [], interrupts: [], device: 0 };

  /** The system boots, and everybody does his work. */
  constructor(description: Description, options: AttemptOptions = {}) {
    const [driver, card] = driverOf(description);
    this.name = driver.name;
    this.card = card;
    const components = description.components.map((definition) =>
      definition === driver ? this.#infiltrated(definition) : definition,
    );
    const infiltrated = withBystander({ ...description, components }, this.name, this.witness);
    this.system = assemble(infiltrated, { ...options, messages: this.#listener(infiltrated) });
    this.run(BOOT_NS);
  }
  /** Requester ID of the device that it holds. */
  get device(): number {
    return this.#notes.device;
  }
  /** The driver's next handler does this, once, and then its work. @returns whether it came to do it. */
  order(order: Order): boolean {
    this.#order = order;
    const { kernel, clock } = this.system;
    const seat = kernel.seats.find(({ name }) => name === this.name)!;
    kernel.executive.signal(seat, 1 << TOKEN);
    const until = clock.now + clock.cyclesOf(PATIENCE_NS);
    while (this.#order !== null && this.system.panic === null && clock.now < until) this.system.runUntil(clock.now + 1);
    const came = this.#order === null;
    this.#order = null;
    return came;
  }
  run(ns: number): void {
    const { clock } = this.system;
    this.system.runUntil(clock.now + clock.cyclesOf(ns));
  }

  #infiltrated(definition: ComponentDefinition): ComponentDefinition {
    return {
      ...definition,
      create: (context, ports) => {
        const notes: Notes = { registerPage: 0, ioPages: [], interrupts: [], device: 0 };
        this.#notes = notes;
        const hands = (): Hands => ({ card: this.card, context, ports: noted as never, ...notes });
        const noted = noting(ports as never, context, notes);
        const instance = definition.create(context, noted as never);
        const settle = (): void => {
          const order = this.#order;
          this.#order = null;
          order?.(hands());
          instance.settle?.();
        };
        const kernel = instance.handlers['kernel'] as unknown as { notified(token: number): void };
        const notified = (token: number): void => {
          if (this.deafness === null || token === TOKEN) kernel.notified(token);
          else this.deafness(hands());
        };
        const handlers = { ...instance.handlers, kernel: { notified } } as never;
        return { handlers, start: () => instance.start?.(), settle };
      },
    };
  }
  #listener({ components }: Description): MessageSink {
    const open: { readonly told: Told; readonly contract: Contract }[] = [];
    return {
      sent: ({ from, contract, method, args }) => {
        const told: Told = {
          contract: contract.name,
          method: method.name,
          from: components[from]!.name,
          args,
          result: null,
          refusal: null,
          answers: [],
        };
        this.told.push(told);
        open.push({ told, contract });
      },
      moved: () => {},
      answered: (result, answers) => {
        const { told, contract } = open.pop()!;
        told.result = result;
        told.answers = answers;
        told.refusal = result < 0 ? refusalName(contract, result) : null;
      },
      lost: () => {
        open.pop();
      },
    };
  }
}

interface Notes {
  registerPage: number;
  device: number;
  readonly interrupts: number[];
  readonly ioPages: number[];
}

/** Ports that leave a note of what the kernel and the IOMMU driver mapped. */
function noting(ports: AnyPorts, { answer }: Context<unknown>, notes: Notes): AnyPorts {
  const { kernel, iommu, pci } = ports;
  return {
    ...ports,
    kernel: {
      ...kernel,
      map: (...args) => {
        const result = kernel!['map']!(...args);
        if (result >= 0 && notes.registerPage === 0) notes.registerPage = answer[1]!;
        return result;
      },
    },
    pci: {
      ...pci,
      claim: (device) => {
        const result = pci!['claim']!(device!);
        if (result >= 0) notes.device = device!;
        return result;
      },
      interrupt: (...args) => {
        const result = pci!['interrupt']!(...args);
        if (result >= 0) notes.interrupts.push(answer[1]!);
        return result;
      },
    },
    iommu: {
      ...iommu,
      map: (...args) => {
        const page = iommu!['map']!(...args);
        if (page >= 0) notes.ioPages.push(page);
        return page;
      },
    },
  };
}
