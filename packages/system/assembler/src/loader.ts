/**
 * Fills opened domains with their components: memory, rights, connections, ports, and last the components themselves.
 * The same steps at boot for all domains together, and at a restart for one.
 *
 * Everything is made from the untyped memory that the domain was promised, by the kernel's own operations. When that
 * does not suffice, loading gives false, and what was made goes with the domain.
 */
import { kernel as kernelAbi, right } from '@bulkhead/abi';
import { objects } from '@bulkhead/capabilities';
import type { Ledger } from '@bulkhead/ledger';
import { ACCESS_EXECUTE, type Domain, type Executive, FIRST_INBOUND_BIT, Life, START_BIT } from '@bulkhead/microkernel';
import { type ComponentDefinition, type Region, Window } from '@bulkhead/runtime';
import { createContext, LifeWork } from './component-context.ts';
import type { Connection } from './connection.ts';
import type { Resource } from './description.ts';
import { checked, Frames, OutOfMemory, type Piece } from './frames.ts';
import type { GateScope } from './gates.ts';
import { type DeviceBus, HartMemory, type HartMemoryPrimitives, type Translator } from './hart-memory.ts';
import { Originals } from './originals.ts';
import type { Handlers, Place } from './place.ts';
import { portsOf } from './ports.ts';
import type { ProgramThreads } from './programs.ts';
import { Queues } from './queues.ts';
import type { Resources } from './resources.ts';
import { SharedFrames } from './shared-frames.ts';

const PAGE_BITS = 12;
const PAGE_BYTES = 4096;
const READ = 2;
const READ_WRITE = 6;
/** A client may call and pass rights; it may not receive. */
const MAY_CALL: number = objects.WRITE | objects.GRANT;
const TOKEN_MASK: number = (1 << START_BIT) - 1;

export interface LoaderOptions {
  readonly scope: GateScope;
  readonly ledger: Ledger;
  readonly mmu: Translator;
  readonly bus: DeviceBus;
  readonly memoryPrimitives: HartMemoryPrimitives;
  /** Counts copies: see HartMemory. */
  readonly copies: Float64Array;
  readonly connections: readonly Connection[];
  readonly resources: Resources;
  readonly authority: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
  readonly configs: Readonly<Record<string, object>>;
  /** By component name: ledger index of each piece of its work. */
  readonly work: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly programs: ProgramThreads;
}

interface Size {
  readonly sizeBits: 12 | 21;
  readonly count: number;
}

export class Loader {
  readonly #options: LoaderOptions;
  /** Shared regions, by connection index: the owner's and the other end's. */
  readonly #clientShares: (Region | undefined)[] = [];
  readonly #serverShares: (Region | undefined)[] = [];
  readonly #rights = new Map<Place, ReadonlyMap<string, number>>();
  readonly #regions = new Map<Place, ReadonlyMap<string, Region>>();
  readonly #heaps = new Map<Place, Window>();
  /** The slots of the originals, from which others are given theirs. */
  readonly #endpoints = new Map<Place, number>();
  readonly #notifications = new Map<Place, number>();
  readonly #frames: Frames;
  readonly #originals: Originals;
  readonly #sharedFrames: SharedFrames;
  readonly #queues: Queues;

  constructor(options: LoaderOptions) {
    this.#options = options;
    const { kernel } = options.scope;
    this.#frames = new Frames(kernel.spaces);
    this.#originals = new Originals(kernel);
    this.#sharedFrames = new SharedFrames(kernel, this.#originals);
    this.#queues = new Queues(this.#sharedFrames);
  }

  /** @returns false when the memory of a domain does not suffice. */
  load(domains: readonly Domain[]): boolean {
    const places = domains.flatMap(({ seats }) => seats.map(({ index }) => this.#options.scope.places[index]!));
    try {
      for (const place of places) this.#beginLife(place);
      // Large frames first: an untyped gives memory out in order, and aligns.
      for (const place of places) this.#makeShares(place);
      for (const place of places) this.#furnish(place);
      for (const connection of this.#options.connections) {
        const { client, server } = connection;
        const touched = places.includes(client) || places.includes(server);
        if (touched && this.#isFurnished(client) && this.#isFurnished(server)) this.#connect(connection);
      }
      for (const place of places) this.#prepare(place);
      for (const domain of domains) this.#options.programs.start(domain, (place) => this.#endpoints.get(place)!);
      return true;
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error;
      for (const place of places) place.life.over = true;
      return false;
    }
  }
  #isFurnished(place: Place): boolean {
    return place.memory !== null && !place.life.over;
  }

  // ---------------------------------------------------------------- memory and rights of one component

  #beginLife(place: Place): void {
    const { scope, ledger, mmu, bus, memoryPrimitives, copies } = this.#options;
    const { kernel } = scope;
    const { seat } = place;
    const life = new Life(seat.index);
    place.life = life;
    seat.life = life;
    place.unsignalled.length = 0;
    const { executive } = kernel;
    place.memory = new HartMemory({
      mmu,
      ram: kernel.memory,
      bus,
      life,
      charge: ledger.charge(seat.index, () => executive.attend(seat, life)),
      refillCharge: place.quiet,
      primitives: memoryPrimitives,
      copies,
      fault: (page, offset, store) => kernel.pageFault(seat, life, page, offset, store),
    });
  }
  #furnish(place: Place): void {
    const { kernel } = this.#options.scope;
    const { seat, definition } = place;
    const { codePages, dataPages } = definition.footprint;
    const regions = new Map<string, Region>();
    const sizes = Object.entries(definition.regions ?? {}).sort(([, a], [, b]) => b.sizeBits - a.sizeBits);
    for (const [name, size] of sizes) regions.set(name, this.#makeRegion(place, size));
    this.#regions.set(place, regions);
    const heap = this.#frames.make(seat.domain, PAGE_BITS, Math.max(1, definition.heapPages), READ_WRITE);
    this.#heaps.set(place, new Window(place.memory!, heap.page, 0, definition.heapPages * PAGE_BYTES));
    place.codePage =
      codePages > 0 ? this.#frames.make(seat.domain, PAGE_BITS, codePages, READ | ACCESS_EXECUTE).page : 0;
    place.dataPage = dataPages > 0 ? this.#frames.make(seat.domain, PAGE_BITS, dataPages, READ_WRITE).page : 0;
    this.#makeMeetingPlace(place);
    const buffer = this.#frames.make(seat.domain, PAGE_BITS, 1, READ_WRITE);
    place.bufferPage = buffer.page;
    place.bufferWord = kernel.capabilities.wordOf(kernel.spaces.slotAt(seat.domain, buffer.right));
    const rights = new Map<string, number>();
    for (const [name, resource] of Object.entries(this.#options.authority[seat.name] ?? {}))
      rights.set(name, checked(this.#options.resources.grant(resource, seat.domain)));
    this.#rights.set(place, rights);
  }
  /** The endpoint, reply object and notification at which the component meets others. */
  #makeMeetingPlace(place: Place): void {
    const { capabilities, spaces } = this.#options.scope.kernel;
    const { seat } = place;
    const endpoint = this.#makeMet('endpoint', place, objects.ENDPOINT);
    const notification = this.#makeMet('notification', place, objects.NOTIFICATION);
    const reply = checked(spaces.make(seat.domain, objects.REPLY, 0, 1));
    seat.endpoint = capabilities.wordOf(endpoint);
    seat.notification = capabilities.wordOf(notification);
    seat.notificationSlot = notification;
    seat.reply = capabilities.wordOf(spaces.slotAt(seat.domain, reply));
    this.#endpoints.set(place, endpoint);
    this.#notifications.set(place, notification);
  }
  /** @returns the slot of the original; the component itself holds a copy. */
  #makeMet(what: string, { seat }: Place, type: number): number {
    const slot = this.#originals.make(`${what} ${seat.index}`, seat.domain, type, 0, 1);
    checked(this.#options.scope.kernel.spaces.grant(slot, seat.domain));
    return slot;
  }
  /** A right to signal one bit of another component's notification. */
  #grantSignal(from: Place, to: Place, bit: number): number {
    const { spaces } = this.#options.scope.kernel;
    return checked(spaces.grant(this.#notifications.get(to)!, from.seat.domain, 1, bit, objects.WRITE));
  }
  #makeRegion(place: Place, { sizeBits, count }: Size): Region {
    const piece = this.#frames.make(place.seat.domain, sizeBits, count, READ_WRITE);
    return regionOf(place, piece, sizeBits, count);
  }

  // ---------------------------------------------------------------- connections

  #makeShares(place: Place): void {
    for (const connection of this.#options.connections) {
      const share = shareOf(connection);
      if (share?.owner !== place) continue;
      const { sizeBits, count } = share.size;
      const piece = this.#sharedFrames.own(shareName(connection), place, sizeBits, count);
      this.#keepShare(connection, place, regionOf(place, piece, sizeBits, count));
    }
  }
  /** Gives the other end of a shared region rights to its frames, and maps them there. */
  #share(connection: Connection, { other, size }: Share): void {
    const piece = this.#sharedFrames.share(shareName(connection), other);
    this.#keepShare(connection, other, regionOf(other, piece, size.sizeBits, size.count));
  }
  #keepShare({ index, client }: Connection, end: Place, region: Region): void {
    const shares = client === end ? this.#clientShares : this.#serverShares;
    shares[index] = region;
  }
  #connect(connection: Connection): void {
    const { scope } = this.#options;
    const { client, server } = connection;
    const { spaces } = scope.kernel;
    const share = shareOf(connection);
    if (share !== undefined) this.#share(connection, share);
    if (connection.up === 'ipc' || connection.up === 'ring') {
      const badge = client.seat.index + 1;
      const endpoint = this.#endpoints.get(server)!;
      connection.endpointRight = checked(spaces.grant(endpoint, client.seat.domain, 1, badge, MAY_CALL));
    }
    if (connection.up === 'ring' && connection.queuesUp)
      connection.signalServerRight = this.#grantSignal(client, server, connection.upBit);
    const isSignalled = connection.down === 'ring' || connection.down === 'outbox';
    if (isSignalled && connection.events.length > 0)
      connection.signalClientRight = this.#grantSignal(server, client, connection.downBit);
    if (connection.queuesUp) connection.upQueue = this.#queues.make(connection, true);
    if (connection.events.length > 0) connection.downQueue = this.#queues.make(connection, false);
  }

  // ---------------------------------------------------------------- the component itself

  /** Everything is in place; the component is made when it first runs, as its own first work. */
  #prepare(place: Place): void {
    const { scope, ledger, configs, work } = this.#options;
    const { seat, definition, life } = place;
    const charge = ledger.charge(seat.index, () => scope.kernel.executive.attend(seat, life));
    const context = createContext({
      component: seat.name,
      self: seat.index,
      memory: place.memory!,
      heap: this.#heaps.get(place)!,
      work: new LifeWork(seat.name, charge, life, work.get(seat.name)!),
      answer: seat.answer,
      config: { ...(definition.config as object), ...configs[seat.name] },
      rights: this.#rights.get(place)!,
      regions: this.#regions.get(place)!,
      shared: (port, peer) => this.#sharedOf(place, port, peer),
      clock: scope.kernel.clock,
    });
    const ports = portsOf(scope, this.#options.connections, place);
    const { executive } = scope.kernel;
    let isMade = false;
    const create = (): void => {
      if (isMade) return;
      isMade = true;
      const instance = definition.create(context, ports as never);
      place.handlers = instance.handlers as unknown as Readonly<Record<string, Handlers>>;
      place.settleHandler = instance.settle === undefined ? null : () => instance.settle!();
      place.notified = notifiedOf(definition, place);
      instance.start?.();
    };
    const { programs } = this.#options;
    const mayWait = seat.budgetCycles !== 0 || programs.count > 0;
    programs.listen(place);
    place.handlers = mayWait ? firstHandlers(place, create) : {};
    place.settleHandler = null;
    place.notified = null;
    seat.deliver = () => {
      place.touch();
      const bits = executive.takeNotification(seat);
      if ((bits & (1 << START_BIT)) !== 0) {
        executive.meter.next(seat.index);
        create();
      }
      const late = (bits & TOKEN_MASK) === 0 ? 0 : deliverTokens(place, bits & TOKEN_MASK, executive);
      if (late !== 0) executive.signal(seat, late);
      for (let i = 0; i < place.inbound.length; i++) {
        if ((bits & (1 << (FIRST_INBOUND_BIT + i))) !== 0) place.inbound[i]!.drain();
      }
      place.finish();
    };
  }
  #sharedOf(place: Place, port: string, peer: number | undefined): Region | undefined {
    for (const { index, client, clientPort, server, serverPort } of this.#options.connections) {
      if (client === place && clientPort === port) return this.#clientShares[index];
      if (server === place && serverPort === port && (peer === undefined || peer === client.seat.index))
        return this.#serverShares[index];
    }
    return undefined;
  }
}

/** @returns the tokens that must wait for the component's budget. */
function deliverTokens(place: Place, bits: number, { meter }: Executive): number {
  for (let token = 0; token < START_BIT; token++) {
    if ((bits & (1 << token)) === 0) continue;
    if (!meter.next(place.seat.index)) return bits & (-1 << token);
    place.notified?.(token);
    if (place.life.over) throw place.life.ended;
  }
  return 0;
}

/** A component whose start waits for its budget may be called before: then that call starts it, on who calls. */
function firstHandlers(place: Place, create: () => void): Readonly<Record<string, Handlers>> {
  const first =
    (port: string, method: string) =>
    (...args: number[]): number | undefined => {
      create();
      return place.handlers[port]![method]!(...args);
    };
  const provided = Object.entries(place.definition.provides);
  return Object.fromEntries(
    provided.map(([port, { calls, casts }]) => [
      port,
      Object.fromEntries(Object.keys({ ...calls, ...casts }).map((method) => [method, first(port, method)])),
    ]),
  );
}

function notifiedOf(definition: ComponentDefinition, place: Place): ((token: number) => void) | null {
  for (const [port, contract] of Object.entries(definition.uses)) {
    if (contract.name !== kernelAbi.contractOfKernel.name) continue;
    const handlers = place.handlers[port];
    return handlers?.['notified'] === undefined ? null : (token) => void handlers['notified']!(token);
  }
  return null;
}

const regionOf = (place: Place, { right: first, page }: Piece, sizeBits: number, count: number): Region => ({
  window: new Window(place.memory!, page, 0, count * 2 ** sizeBits),
  frame: right(first),
  frameCount: count,
  frameSizeBits: sizeBits,
});

const shareName = ({ index }: Connection): string => `share ${index}`;

/** A shared region: the end that decides its size owns it. */
interface Share {
  readonly owner: Place;
  readonly other: Place;
  readonly size: Size;
}
function shareOf({ client, clientPort, server, serverPort }: Connection): Share | undefined {
  const ofClient = client.definition.shares?.[clientPort];
  if (ofClient !== undefined) return { owner: client, other: server, size: ofClient };
  const ofServer = server.definition.shares?.[serverPort];
  return ofServer === undefined ? undefined : { owner: server, other: client, size: ofServer };
}
