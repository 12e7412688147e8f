/**
 * A system as data: which components there are, where the walls stand, who is connected with whom, and who is given
 * what. The components are the same in every system; a description alone says what the walls are.
 */
import type { NicModel, Topology } from '@bulkhead/board';
import type { Program } from '@bulkhead/kernel-core';
import type { Patience } from '@bulkhead/microkernel';
import type { ComponentDefinition } from '@bulkhead/runtime';

/** `client.port -> server.port`. The client is the end that calls. */
export type ConnectionText = `${string}.${string} -> ${string}.${string}`;

/** What of the machine can be given away to one owner each; the windows as untyped memory, the others as frames. */
export const EXCLUSIVE_RESOURCES = ['ecam', 'pci-window', 'pci-io', 'iommu-registers'] as const;
/** What several may hold. */
export const SHARED_RESOURCES = ['irq-control'] as const;
/** A machine resource, or the right to end and start a domain. */
export type Resource = (typeof EXCLUSIVE_RESOURCES)[number] | (typeof SHARED_RESOURCES)[number] | `domain:${string}`;

/** What a configuration may refer to, because only the assembled system knows it. */
export interface Facts {
  /** The identity by which other components see this one. */
  identity(component: string): number;
  /** True when the component stands outside the kernel's domain and is started by a supervisor. */
  supervised(component: string): boolean;
  readonly iommu: Description['iommu'];
  readonly ownership?: Description['ownership'];
  readonly messages?: Description['messages'];
  readonly invalidation?: Description['invalidation'];
  readonly machine: MachineFacts;
  /** What everything by chance comes from. */
  readonly seed: number;
}
export interface MachineFacts {
  /** Physical page of the interrupt controller's file for message-signalled interrupts. */
  readonly msiPage: number;
  readonly pciWindowPage: number;
  readonly pciWindowPages: number;
  /** Where I/O address 0 of PCI stands in physical memory, and how much of I/O space there is. */
  readonly pciIoPage: number;
  readonly pciIoPages: number;
  /** How many buses the right to 'ecam' shows: rights to frames of two buses each, which follow each other. */
  readonly pciBusCount: number;
  /** Whether a network card stands on bus 0, where its number is known beforehand. */
  readonly hasBridges: boolean;
}

export interface Description {
  readonly name: string;
  /** One sentence for people: what this design is. */
  readonly summary: string;
  readonly components: readonly ComponentDefinition[];
  /** Component names by domain. What stands in the domain `kernel` runs with the kernel's privilege. */
  readonly domains: Readonly<Record<string, readonly string[]>>;
  readonly connections: readonly ConnectionText[];
  /** Initial authority: component, the name it has for the right, and what it is. */
  readonly authority: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
  /** Parameters that differ from the components' own, by component. */
  readonly config: (facts: Facts) => Readonly<Record<string, object>>;
  /**
   * Whether and how the IOMMU stands between devices and memory. `off` is `bare`, said of a system that has walls elsewhere
   * and leaves this door open.
   */
  readonly iommu: 'off' | 'bare' | 'translating';
  /** Whether the IOMMU driver asks who holds a device before it does anything for it. @defaultValue 'checked' */
  readonly ownership?: 'off' | 'checked' | undefined;
  /**
   * Whether each interrupt of a device goes by the IOMMU's MSI translation, so that the device raises no other. It counts
   * where the IOMMU translates. @defaultValue 'translated'
   */
  readonly messages?: 'off' | 'translated' | undefined;
  /** Whether an unmap is answered when the IOMMU has forgotten the page, or before, and many are told at once. @defaultValue 'strict' */
  readonly invalidation?: 'strict' | 'deferred' | undefined;
  /** Domains that a supervisor starts, and starts again. All others start at boot. */
  readonly supervised: readonly string[];
  /** Connections between user domains whose casts go through rings in shared memory. */
  readonly rings?: readonly ConnectionText[];
  /**
   * The level of each user domain that holds several components: it is one thread, so it has one level, at least the
   * highest of its members'. What it calls outside must stand higher.
   */
  readonly levels?: Readonly<Record<string, number>>;
  /** The longest that one handler may take, in whole microseconds, by component: in place of the component's own. */
  readonly limits?: Readonly<Record<string, number>>;
  /** How much of the processor a component gets in every period; without one, as much as it likes. It needs a limit. */
  readonly budgets?: Readonly<Record<string, Budget>>;
  /**
   * How long an interrupt is not acknowledged, and a budget used up, before a supervisor is told. @defaultValue what the kernel
   * has: DEFAULT_PATIENCE
   */
  readonly patience?: Patience;
  /** Threads with a stack of their own, beside components, by name: see `ProgramDescription`. */
  readonly programs?: Readonly<Record<string, ProgramDescription>>;
  /** How many network cards are on the board, each with a wire of its own. @defaultValue 1 */
  readonly nics?: number;
  /** What stands between the root complex and the network cards. @defaultValue 'flat' */
  readonly topology?: Topology;
  /** What each card is, in the order of the slots. @defaultValue an Intel 82574L in every slot */
  readonly nicModels?: readonly NicModel[];
  /** Memory that a domain is promised, in MiB; `atMiB` from the start of the reservable half of RAM, if it matters. */
  readonly reserve?: Readonly<Record<string, { readonly sizeMiB: number; readonly atMiB?: number }>>;
}

/** A thread that may block anywhere. It calls others and is called by nobody. */
export interface ProgramDescription {
  /** The user domain in which it stands. */
  readonly domain: string;
  /** Among the levels of components; those of its own level go first. */
  readonly priority: number;
  /** Time that it gets in every period; the same as the period: a time slice. */
  readonly budgetUs: number;
  readonly periodUs: number;
  /** Ports of components outside the kernel's domain that it calls, as `component.port`, by a name of its own. */
  readonly calls?: Readonly<Record<string, string>>;
  /** Memory of its domain's promise that is its own to make objects of: an untyped of 2^n bytes. @defaultValue none */
  readonly memoryBits?: number;
  /** Whether it may configure scheduling contexts. @defaultValue false */
  readonly schedControl?: boolean;
  /** Makes its code, which is told through which capability each of `calls` goes, and what it has. Once each time that it starts. */
  readonly code: (calls: Readonly<Record<string, number>>, own: ProgramRights) => Program;
}
/** Rights of a program in its domain's capability space; 0 for what it was not given. */
export interface ProgramRights {
  readonly thread: number;
  readonly schedContext: number;
  /** Its domain's CNode, in which it may name free slots. */
  readonly cnode: number;
  readonly untyped: number;
  readonly schedControl: number;
}

export interface Budget {
  readonly budgetUs: number;
  readonly periodUs: number;
}

/** Checks a description's types; the value is the description itself. */
export const system = (description: Description): Description => description;

export const KERNEL_DOMAIN = 'kernel';

/** The two ends of a connection, as they are written. */
export interface Ends {
  readonly client: string;
  readonly clientPort: string;
  readonly server: string;
  readonly serverPort: string;
}

/** @returns the ends, or null when the text is not of the form `client.port -> server.port`. */
export function parseConnection(text: string): Ends | null {
  const match = /^\s*([\w-]+)\.([\w-]+)\s*->\s*([\w-]+)\.([\w-]+)\s*$/.exec(text);
  if (match === null) return null;
  const [, client, clientPort, server, serverPort] = match as unknown as [string, string, string, string, string];
  return { client, clientPort, server, serverPort };
}
