/** From a description to a system that has booted: machine, ledger, kernel, components, gates. */
import { log2 } from '@bulkhead/bits';
import { type Board, createBoard } from '@bulkhead/board';
import { Clock, Digest } from '@bulkhead/clock';
import { createProfile, PRIMITIVES, type Profile, pricesOf, workPrimitive } from '@bulkhead/costs';
import { type IommuCapabilities, SV39_CAPABILITIES } from '@bulkhead/iommu';
import type { Program } from '@bulkhead/kernel-core';
import { Ledger, type Primitive, type TraceSink } from '@bulkhead/ledger';
import {
  Domain,
  Kernel,
  type Observer,
  RESERVABLE_PAGE,
  Seat,
  type SeatOptions,
  type UserCode,
} from '@bulkhead/microkernel';
import { invariant } from '@bulkhead/result';
import { CAPABILITIES_AMO_MRIF, CAPABILITIES_MSI_FLAT, CAPABILITIES_MSI_MRIF } from '@bulkhead/riscv-iommu-datasheet';
import { type ComponentDefinition, kindOf } from '@bulkhead/runtime';
import { checkDescription } from './check.ts';
import { limitOf } from './check-times.ts';
import { own } from './check-words.ts';
import { Connection } from './connection.ts';
import { type Description, KERNEL_DOMAIN, parseConnection } from './description.ts';
import { DescriptionError } from './description-error.ts';
import { factsOf, machineFacts } from './facts.ts';
import { gateScope, ringSignal } from './gate-scope.ts';
import type { GateScope } from './gates.ts';
import { addInbound, fetchedInbound, sharedInbound } from './inbound.ts';
import { Loader } from './loader.ts';
import type { MessageSink } from './messages.ts';
import { Place } from './place.ts';
import { kernelPrimitives, memoryPrimitives } from './primitive-indices.ts';
import { ProgramThreads } from './programs.ts';
import { planReservations } from './reservations.ts';
import { Resources } from './resources.ts';
import { System } from './system.ts';

export interface AssembleOptions {
  /** A cost profile, or its name. @defaultValue 'haswell' */
  readonly profile?: string | Profile;
  /** Told of every charge, in order. It makes the run slower and changes nothing else. */
  readonly trace?: TraceSink;
  /** Sees every frame on a link when it is delivered: from the machine's end (0) or the world's (1), of which card. */
  readonly tap?: (from: number, atCycles: number, frame: Uint8Array, lenBytes: number, nic: number) => void;
  /** Sees who runs when. It changes nothing. */
  readonly observer?: Observer;
  /** Sees what goes through the gates. It makes the run slower and changes nothing else. */
  readonly messages?: MessageSink;
  /** @defaultValue 5000 */
  readonly linkDelayNs?: number;
  /** @defaultValue 1 */
  readonly seed?: number;
}

/** CHOICE: what the IOMMU driver uses, and no more: Sv39, and messages by MSI page tables and memory-resident files. */
const IOMMU_CAPABILITIES: IommuCapabilities = {
  ...SV39_CAPABILITIES,
  lo: SV39_CAPABILITIES.lo | CAPABILITIES_MSI_FLAT.mask | CAPABILITIES_MSI_MRIF.mask | CAPABILITIES_AMO_MRIF.mask,
};
/** The kernel's row in the ledger comes after those of the components. */
const PAGES_PER_MIB = 256;
const PAGE_BITS_PER_MIB = 20;

/** @throws DescriptionError when the description is wrong. */
export function assemble(description: Description, options: AssembleOptions = {}): System {
  const problems = checkDescription(description);
  if (problems.length > 0) throw new DescriptionError(description.name, problems);
  const profile = profileOf(options.profile ?? 'haswell');
  const clock = new Clock(profile.cyclesPerSecond);
  const digest = new Digest();
  const board = createBoard({
    clock,
    tlbEntries: profile.tlbEntries,
    tlbWays: profile.tlbWays,
    superpageTlbEntries: profile.superpageEntries,
    taggedTlb: profile.taggedTlb,
    linkDelayNs: options.linkDelayNs ?? 5000,
    nics: description.nics ?? 1,
    topology: description.topology ?? 'flat',
    iommuCapabilities: IOMMU_CAPABILITIES,
    nicModels: description.nicModels ?? [],
    tap: (from, atCycles, frame, lenBytes, nic) => {
      digest.word(nic * 2 + from);
      digest.number(atCycles);
      digest.bytes(frame, lenBytes);
      options.tap?.(from, atCycles, frame, lenBytes, nic);
    },
  });
  return new Assembly(description, profile, board, digest, options).build();
}

function profileOf(profile: string | Profile): Profile {
  if (typeof profile !== 'string') return profile;
  const made = createProfile(profile);
  invariant(made.ok, `unknown profile '${profile}'`);
  return made.value;
}

class Assembly {
  readonly #description: Description;
  readonly #profile: Profile;
  readonly #board: Board;
  readonly #digest: Digest;
  readonly #primitives: readonly Primitive[];
  readonly #ledger: Ledger;
  readonly #domains: readonly Domain[];
  readonly #places: readonly Place[];
  readonly #connections: readonly Connection[];
  readonly #seed: number;
  readonly #copies: Float64Array = new Float64Array(2);
  readonly #observer: Observer | undefined;
  readonly #messages: MessageSink | undefined;

  constructor(
    description: Description,
    profile: Profile,
    board: Board,
    digest: Digest,
    { trace, observer, messages, seed = 1 }: AssembleOptions,
  ) {
    this.#seed = seed;
    this.#observer = observer;
    this.#messages = messages;
    this.#description = description;
    this.#profile = profile;
    this.#board = board;
    this.#digest = digest;
    const programs = Object.keys(description.programs ?? {});
    const priced = [...PRIMITIVES, ...workOf(description)];
    this.#primitives = [...priced, ...programs.map(programPrimitive)];
    this.#ledger = new Ledger({
      clock: board.clock,
      primitives: this.#primitives,
      prices: [...pricesOf(profile, priced), ...programs.map(() => 1)],
      components: [...description.components.map(({ name }) => name), KERNEL_DOMAIN, ...programs],
      ...(trace === undefined ? {} : { trace }),
    });
    // The kernel's domain comes first, so that what others are granted from it exists.
    const names = Object.keys(description.domains).filter((name) => name !== KERNEL_DOMAIN);
    this.#domains = [KERNEL_DOMAIN, ...names].map((name, index) => new Domain(index, name, name === KERNEL_DOMAIN));
    this.#places = description.components.map((definition, index) => {
      const domain = this.#domains.find(({ name }) => description.domains[name]?.includes(definition.name))!;
      const level = description.levels?.[domain.name] ?? definition.level;
      const options = { ownLevel: definition.level, ...timesOf(description, definition, board.clock) };
      const seat = new Seat(index, definition.name, level, domain, options);
      seat.quiet = this.#ledger.charge(index, nothing);
      return new Place(seat, definition, seat.quiet);
    });
    this.#connections = this.#makeConnections();
  }

  build(): System {
    let loader: Loader | null = null;
    const code: (Program | undefined)[] = [];
    const kernel = new Kernel({
      hart: this.#board.hart,
      memory: this.#board.ram,
      clock: this.#board.clock,
      charge: this.#ledger.charge(this.#places.length, nothing),
      primitives: kernelPrimitives((name) => this.#index(name)),
      interruptFile: this.#board.interruptFile,
      interruptIdentities: this.#board.interruptFile.identities,
      domains: this.#domains,
      seats: this.#places.map(({ seat }) => seat),
      load: (domain) => loader!.load([domain]),
      ...this.#userCode(code),
      ...(this.#description.patience === undefined ? {} : { patience: this.#description.patience }),
      ...(this.#observer === undefined ? {} : { observer: this.#observer }),
    });
    this.#promiseMemory(kernel);
    const scope = gateScope(kernel, this.#places, this.#messages);
    this.#assignBits(scope);
    loader = new Loader({
      scope,
      ledger: this.#ledger,
      mmu: this.#board.mmu,
      bus: this.#board.bus,
      memoryPrimitives: memoryPrimitives((name) => this.#index(name)),
      copies: this.#copies,
      connections: this.#connections,
      resources: new Resources(kernel, machineFacts(this.#description)),
      authority: this.#description.authority,
      configs: this.#description.config(factsOf(this.#description, this.#seed)),
      work: this.#workIds(),
      programs: new ProgramThreads(kernel, this.#places, this.#description, code),
    });
    this.#boot(kernel, loader);
    return new System({
      description: this.#description,
      profile: this.#profile,
      board: this.#board,
      kernel,
      ledger: this.#ledger,
      places: this.#places,
      connections: this.#connections,
      copies: this.#copies,
      digest: this.#digest,
    });
  }

  /** Programs have rows of the ledger after the kernel's, and a primitive each: a cycle of their own. */
  #userCode(code: (Program | undefined)[]): { userCode?: UserCode } {
    const names = Object.keys(this.#description.programs ?? {});
    if (names.length === 0) return {};
    const charges = names.map((_, index) => this.#ledger.charge(this.#places.length + 1 + index, nothing));
    const work = names.map((name) => this.#index(programPrimitive(name).name));
    return { userCode: { programs: code, charges, work } };
  }
  #makeConnections(): Connection[] {
    const place = (name: string): Place => this.#places.find(({ seat }) => seat.name === name)!;
    return this.#description.connections.map((text, index) => {
      const { client, clientPort, server, serverPort } = parseConnection(text)!;
      const contract = place(client).definition.uses[clientPort]!;
      const ring = this.#description.rings?.includes(text) ?? false;
      return new Connection(index, contract, place(client), clientPort, place(server), serverPort, ring);
    });
  }
  #promiseMemory(kernel: Kernel): void {
    const plan = planReservations(this.#description, this.#connections);
    if (typeof plan === 'string') throw new DescriptionError(this.#description.name, [plan]);
    for (const { domain, atMiB, sizeMiB } of plan) {
      const page = kernel.memory.basePage + RESERVABLE_PAGE + atMiB * PAGES_PER_MIB;
      const found = this.#domains.find(({ name }) => name === domain)!;
      found.untypedSlot = kernel.kernelMemory.installUntyped(page, PAGE_BITS_PER_MIB + log2(sizeMiB), false);
    }
  }
  #assignBits(scope: GateScope): void {
    for (const connection of this.#connections) {
      if (connection.queuesUp) {
        connection.upInbound = sharedInbound(scope, connection, true);
        connection.upBit = addInbound(connection.server, connection.upInbound);
      }
      if (connection.events.length > 0)
        connection.downBit = addInbound(
          connection.client,
          connection.down === 'outbox' ? fetchedInbound(scope, connection) : sharedInbound(scope, connection, false),
        );
      connection.signalServer = ringSignal(scope, connection, true);
      connection.signalClient = ringSignal(scope, connection, false);
    }
  }
  #boot(kernel: Kernel, loader: Loader): void {
    const { supervised } = this.#description;
    const atBoot = this.#domains.filter((domain) => this.#isUsed(domain) && !supervised.includes(domain.name));
    for (const domain of atBoot) kernel.spaces.mustOpen(domain);
    for (const domain of atBoot) domain.starts++;
    if (!loader.load(atBoot))
      throw new DescriptionError(this.#description.name, [
        `a domain's memory does not hold its components: reserve more for ${atBoot.map(({ name }) => name).join(', ')}`,
      ]);
    kernel.begin(atBoot);
  }

  #isUsed({ name, seats }: Domain): boolean {
    const programs = Object.values(this.#description.programs ?? {});
    return seats.length > 0 || programs.some(({ domain }) => domain === name);
  }
  #index(name: string): number {
    const index = this.#primitives.findIndex((primitive) => primitive.name === name);
    invariant(index >= 0, `no primitive '${name}'`);
    return index;
  }
  #workIds(): Map<string, ReadonlyMap<string, number>> {
    return new Map(
      this.#description.components.map((definition) => [
        definition.name,
        new Map(definition.work.map((piece) => [piece, this.#index(`${kindOf(definition)}.${piece}`)])),
      ]),
    );
  }
}

function nothing(): void {}
const programPrimitive = (name: string): Primitive => ({ name: `${name}.own`, cause: 'compute' });

/** A component's limit and budget in cycles. */
function timesOf(description: Description, definition: ComponentDefinition, clock: Clock): SeatOptions {
  const cyclesOfUs = (us: number): number => clock.cyclesOf(us * 1000);
  const limitUs = limitOf(description, definition);
  const budget = own(description.budgets ?? {}, definition.name);
  return {
    ...(limitUs === undefined ? {} : { limitCycles: cyclesOfUs(limitUs) }),
    ...(budget === undefined
      ? {}
      : { budgetCycles: cyclesOfUs(budget.budgetUs), periodCycles: cyclesOfUs(budget.periodUs) }),
  };
}

/** The pieces of work that somebody lists, each once: two components of one kind share their prices. */
function workOf({ components }: Description): Primitive[] {
  const work = components.flatMap((definition) =>
    definition.work.map((piece) => workPrimitive(kindOf(definition), piece)),
  );
  return work.filter(({ name }, index) => work.findIndex((other) => other.name === name) === index);
}
