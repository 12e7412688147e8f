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
import { ACCESS_EXECUTE, type Domain, FIRST_INBOUND_BIT, Life, START_BIT } from '@bulkhead/microkernel';
import { type ComponentDefinition, type Region, Window } from '@bulkhead/runtime';
import { CastQueue, queueBytes } from './cast-queue.ts';
import { createContext, LifeWork } from './component-context.ts';
import type { Connection } from './connection.ts';
import type { Resource } from './description.ts';
import type { GateScope } from './gates.ts';
import { type DeviceBus, HartMemory, type HartMemoryPrimitives, type Translator } from './hart-memory.ts';
import type { Handlers, Place } from './place.ts';
import { portsOf } from './ports.ts';
import type { Resources } from './resources.ts';

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
  readonly connections: readonly Connection[];
  readonly resources: Resources;
  readonly authority: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
  readonly configs: Readonly<Record<string, object>>;
  /** By component name: ledger index of each piece of its work. */
  readonly work: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

interface Piece {
  readonly right: number;
  readonly page: number;
}
interface Size {
  readonly sizeBits: 12 | 21;
  readonly count: number;
}

/** A domain's memory ran out while it was loaded. Ours to catch: no component sees it. */
class OutOfMemory extends Error {}

export class Loader {
  readonly #options: LoaderOptions;
  /** Shared regions, by connection index: the owner's and the other end's. */
  readonly #clientShares: (Region | undefined)[] = [];
  readonly #serverShares: (Region | undefined)[] = [];
  readonly #rights = new Map<Place, ReadonlyMap<string, number>>();
  readonly #regions = new Map<Place, ReadonlyMap<string, Region>>();
  readonly #heaps = new Map<Place, Window>();
  /** The right to a component's endpoint, in its own domain. */
  readonly #endpoints = new Map<Place, number>();
  readonly #notifications = new Map<Place, number>();
  /** What outlives a restart of the other end: an owner's frames of a queue, and where shared frames are mapped. */
  readonly #queues = new Map<string, { readonly life: Life; readonly piece: Piece }>();
  readonly #mapped = new Map<string, { readonly life: Life; readonly page: number }>();

  constructor(options: LoaderOptions) {
    this.#options = options;
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
    const { scope, ledger, mmu, bus, memoryPrimitives } = this.#options;
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
    const heap = this.#makeFrames(seat.domain, PAGE_BITS, Math.max(1, definition.heapPages), READ_WRITE);
    this.#heaps.set(place, new Window(place.memory!, heap.page, 0, definition.heapPages * PAGE_BYTES));
    place.codePage =
      codePages > 0 ? this.#makeFrames(seat.domain, PAGE_BITS, codePages, READ | ACCESS_EXECUTE).page : 0;
    place.dataPage = dataPages > 0 ? this.#makeFrames(seat.domain, PAGE_BITS, dataPages, READ_WRITE).page : 0;
    this.#makeMeetingPlace(place);
    const buffer = this.#makeFrames(seat.domain, PAGE_BITS, 1, READ_WRITE);
    place.bufferPage = buffer.page;
    place.bufferWord = kernel.capabilities.wordOf(kernel.spaces.slotAt(seat.domain, buffer.right));
    const rights = new Map<string, number>();
    for (const [name, resource] of Object.entries(this.#options.authority[seat.name] ?? {}))
      rights.set(name, this.#checked(this.#options.resources.grant(resource, seat.domain)));
    this.#rights.set(place, rights);
  }
  /** The endpoint, reply object and notification at which the component meets others. */
  #makeMeetingPlace(place: Place): void {
    const { kernel } = this.#options.scope;
    const { seat } = place;
    const make = (type: number): number => this.#checked(kernel.spaces.make(seat.domain, type, 0, 1));
    const wordOf = (made: number): number => kernel.capabilities.wordOf(kernel.spaces.slotAt(seat.domain, made));
    const endpoint = make(objects.ENDPOINT);
    const notification = make(objects.NOTIFICATION);
    seat.endpoint = wordOf(endpoint);
    seat.notification = wordOf(notification);
    seat.reply = wordOf(make(objects.REPLY));
    this.#endpoints.set(place, endpoint);
    this.#notifications.set(place, notification);
  }
  /** A right to signal one bit of another component's notification. */
  #grantSignal(from: Place, to: Place, bit: number): number {
    const { spaces } = this.#options.scope.kernel;
    const notification = spaces.slotAt(to.seat.domain, this.#notifications.get(to)!);
    return this.#checked(spaces.grant(notification, from.seat.domain, 1, bit, objects.WRITE));
  }
  #checked(answer: number): number {
    if (answer < 0) throw new OutOfMemory(`error ${answer}`);
    return answer;
  }
  #makeFrames(domain: Domain, sizeBits: number, count: number, access: number): Piece {
    const { spaces } = this.#options.scope.kernel;
    let first = -1;
    let page = 0;
    // A retype makes at most 256 objects; pieces of one run stay side by side, in slots and in memory.
    const slots = this.#checked(spaces.freeSlots(domain, count));
    for (let done = 0; done < count; done += 256) {
      domain.nextSlot = slots + done;
      const made = this.#checked(spaces.make(domain, objects.FRAME, sizeBits, Math.min(256, count - done)));
      if (first < 0) first = made;
    }
    this.#checked(spaces.map(domain, first, count, access));
    page = spaces.mappedPage;
    return { right: first, page };
  }
  #makeRegion(place: Place, { sizeBits, count }: Size): Region {
    const piece = this.#makeFrames(place.seat.domain, sizeBits, count, READ_WRITE);
    return regionOf(place, piece, sizeBits, count);
  }

  // ---------------------------------------------------------------- connections

  #makeShares(place: Place): void {
    for (const connection of this.#options.connections) {
      const size = shareOf(place, connection);
      if (size === undefined) continue;
      const shares = connection.client === place ? this.#clientShares : this.#serverShares;
      shares[connection.index] = this.#makeRegion(place, size);
    }
  }
  /** Gives the other end of a shared region rights to its frames, and maps them there. */
  #share(connection: Connection, owner: Place, other: Place): void {
    const { spaces } = this.#options.scope.kernel;
    const [from, to] =
      owner === connection.client ? [this.#clientShares, this.#serverShares] : [this.#serverShares, this.#clientShares];
    const region = from[connection.index]!;
    const source = spaces.slotAt(owner.seat.domain, region.frame);
    const first = this.#checked(spaces.grant(source, other.seat.domain, region.frameCount));
    const piece = { right: first, page: this.#mapAgain(`share ${connection.index}`, other, first, region.frameCount) };
    to[connection.index] = regionOf(other, piece, region.frameSizeBits, region.frameCount);
  }
  #connect(connection: Connection): void {
    const { scope } = this.#options;
    const { client, server } = connection;
    const { spaces } = scope.kernel;
    if (shareOf(client, connection) !== undefined) this.#share(connection, client, server);
    else if (shareOf(server, connection) !== undefined) this.#share(connection, server, client);
    if (connection.up === 'ipc' || connection.up === 'ring') {
      const endpoint = spaces.slotAt(server.seat.domain, this.#endpoints.get(server)!);
      const badge = client.seat.index + 1;
      connection.endpointRight = this.#checked(spaces.grant(endpoint, client.seat.domain, 1, badge, MAY_CALL));
    }
    if (connection.up === 'ring' && connection.queuesUp)
      connection.signalServerRight = this.#grantSignal(client, server, connection.upBit);
    if (connection.down === 'ring' || connection.down === 'outbox')
      connection.signalClientRight = this.#grantSignal(server, client, connection.downBit);
    if (connection.queuesUp) connection.upQueue = this.#makeQueue(connection, true);
    if (connection.events.length > 0) connection.downQueue = this.#makeQueue(connection, false);
  }
  /** A ring in the producer's memory, or in the consumer's when that is the kernel, which appends for a user. */
  #makeQueue(connection: Connection, toServer: boolean): CastQueue {
    const [producer, consumer] = toServer
      ? [connection.client, connection.server]
      : [connection.server, connection.client];
    const fetched = !toServer && connection.down === 'outbox';
    const { spaces } = this.#options.scope.kernel;
    const { capacity } = connection.contract;
    const lenBytes = queueBytes(capacity);
    const count = Math.ceil(lenBytes / PAGE_BYTES);
    const inKernel = consumer.seat.domain.isKernel && !producer.seat.domain.isKernel;
    const owner = inKernel ? consumer : producer;
    const piece = this.#queueFrames(connection, toServer, owner, count);
    const own = new Window(owner.memory!, piece.page, 0, lenBytes);
    if (inKernel || fetched) return new CastQueue(capacity, own, own);
    if (consumer.seat.domain === owner.seat.domain)
      return new CastQueue(capacity, own, new Window(consumer.memory!, piece.page, 0, lenBytes));
    const source = spaces.slotAt(owner.seat.domain, piece.right);
    const first = this.#checked(spaces.grant(source, consumer.seat.domain, count));
    const page = this.#mapAgain(`queue ${connection.index} ${toServer}`, consumer, first, count);
    return new CastQueue(capacity, own, new Window(consumer.memory!, page, 0, lenBytes));
  }
  /** The frames of a queue: those that an owner, who still lives, gave it before, cleared; or new ones. */
  #queueFrames(connection: Connection, toServer: boolean, owner: Place, count: number): Piece {
    const key = `${connection.index} ${toServer}`;
    const known = this.#queues.get(key);
    const { kernel } = this.#options.scope;
    if (known !== undefined && known.life === owner.life) {
      const word = kernel.capabilities.wordOf(kernel.spaces.slotAt(owner.seat.domain, known.piece.right));
      kernel.memory.words.fill(0, word, word + (count * PAGE_BYTES) / 4);
      return known.piece;
    }
    const piece = this.#makeFrames(owner.seat.domain, PAGE_BITS, count, READ_WRITE);
    this.#queues.set(key, { life: owner.life, piece });
    return piece;
  }
  /** Maps frames that another shares where the last ones were mapped, so that a restart of the other is not noticed. */
  #mapAgain(key: string, place: Place, right: number, count: number): number {
    const { spaces } = this.#options.scope.kernel;
    const known = this.#mapped.get(key);
    const at = known !== undefined && known.life === place.life && !place.seat.domain.isKernel ? known.page : -1;
    this.#checked(spaces.map(place.seat.domain, right, count, READ_WRITE, at));
    this.#mapped.set(key, { life: place.life, page: spaces.mappedPage });
    return spaces.mappedPage;
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
    const create = (): void => {
      const instance = definition.create(context, ports as never);
      place.handlers = instance.handlers as unknown as Readonly<Record<string, Handlers>>;
      place.settleHandler = instance.settle === undefined ? null : () => instance.settle!();
      place.notified = notifiedOf(definition, place);
      instance.start?.();
    };
    place.handlers = {};
    place.settleHandler = null;
    place.notified = null;
    seat.deliver = () => {
      place.touch();
      const bits = executive.takeNotification(seat);
      if ((bits & (1 << START_BIT)) !== 0) create();
      if ((bits & TOKEN_MASK) !== 0) deliverTokens(place, bits & TOKEN_MASK);
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

function deliverTokens(place: Place, bits: number): void {
  for (let token = 0; token < START_BIT; token++) {
    if ((bits & (1 << token)) !== 0) place.notified?.(token);
    if (place.life.over) throw place.life.ended;
  }
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

/** The size of the region that `place` shares on a connection, when it is the one who decides it. */
const shareOf = (place: Place, connection: Connection): Size | undefined =>
  connection.client === place
    ? place.definition.shares?.[connection.clientPort]
    : connection.server === place
      ? place.definition.shares?.[connection.serverPort]
      : undefined;
