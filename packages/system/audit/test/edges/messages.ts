/** Attacks by messages: calls, casts, and the signals that wake their receivers. */
import type { CallSpec, CastSpec } from '@bulkhead/abi';
import type { Connection } from '@bulkhead/assembler';
import { domainId, KERNEL } from '../../src/model.ts';
import type { Siege } from './evidence.ts';
import { ALARM_TOKEN, MARK, type Reach } from './moles.ts';
import { wordsAt } from './spots.ts';

const SETTLE_NS = 200_000;
const DELAY_US = 50;

interface Way {
  readonly kind: 'calls' | 'casts';
  readonly from: string;
  readonly fromPort: string;
  readonly to: string;
  readonly toPort: string;
  readonly method: string;
  readonly spec: CallSpec | CastSpec;
  /** A server says to whom; a server is told who. */
  readonly peer: number | null;
  readonly badge: number | null;
  /** The memory in which a cast waits, or null. */
  readonly queue: string | null;
}

/** A method that takes words, where there is one: they are what is looked for at the other end. */
const firstOf = (methods: Readonly<Record<string, CallSpec | CastSpec>>) =>
  Object.entries(methods)
    .filter(([, { args }]) => !args.includes('right'))
    .toSorted(([, a], [, b]) => b.args.length - a.args.length)
    .slice(0, 1);

function waysOf(connection: Connection): Way[] {
  const { client, clientPort, server, serverPort, contract } = connection;
  const text = `${client.seat.name}.${clientPort} -> ${server.seat.name}.${serverPort}`;
  const up = { from: client.seat.name, fromPort: clientPort, to: server.seat.name, toPort: serverPort };
  const down = { from: server.seat.name, fromPort: serverPort, to: client.seat.name, toPort: clientPort };
  const isQueued = connection.up === 'ring' || connection.up === 'upcall';
  const ofClient = { peer: null, badge: client.seat.index };
  const castQueue = isQueued ? `cast queue of ${text}` : null;
  return [
    ...firstOf(contract.calls).map(([method, spec]) => ({
      kind: 'calls' as const,
      ...up,
      method,
      spec,
      ...ofClient,
      queue: null,
    })),
    ...firstOf(contract.casts).map(([method, spec]) => ({
      kind: 'casts' as const,
      ...up,
      method,
      spec,
      ...ofClient,
      queue: castQueue,
    })),
    ...firstOf(contract.events).map(([method, spec]) => ({
      kind: 'casts' as const,
      ...down,
      method,
      spec,
      peer: client.seat.index,
      badge: null,
      queue: `event queue of ${text}`,
    })),
  ];
}

/** @returns whether the handler at the other end ran, with these words and the sender's name. */
function isHeard(siege: Siege, way: Way, words: readonly number[]): boolean {
  return siege.moles.heard.some(({ component, port, method, args }) => {
    if (component !== way.to || port !== way.toPort || method !== way.method) return false;
    const [from, ...rest] = way.badge === null ? [null, ...args] : args;
    return from === way.badge && rest.length === words.length && rest.every((word, i) => word === words[i]);
  });
}

function send(
  siege: Siege,
  way: Way,
  words: readonly number[],
  spoil: (queue: Int32Array, before: Int32Array) => void,
): void {
  siege.moles.heard.length = 0;
  siege.moles.swallowed = words.length === 0 ? way.method : null;
  const piece = way.queue === null ? null : siege.spots.get(way.queue)!.piece;
  const queue = piece === null ? new Int32Array(0) : wordsAt(siege.system, piece.address, piece.lenBytes);
  siege.moles.strike(way.from, ({ ports }: Reach) => {
    const before = queue.slice();
    const args = way.peer === null ? words : [way.peer, ...words];
    // A receiver of a higher level runs before the cast returns, once it is signalled.
    const unhook = onceSignalled(siege, () => spoil(queue, before));
    ports[way.fromPort]![way.method]!(...args);
    unhook();
  });
  siege.moles.run(SETTLE_NS);
  siege.moles.swallowed = null;
}

/** Has something happen before the next signal. @returns what ends that, and has it happen if nothing was signalled. */
function onceSignalled({ system }: Siege, act: () => void): () => void {
  const { executive } = system.kernel;
  const { signal } = executive;
  let isDone = false;
  const once = (): void => {
    if (!isDone) act();
    isDone = true;
  };
  executive.signal = (seat, bits) => {
    once();
    signal.call(executive, seat, bits);
  };
  return () => {
    executive.signal = signal;
    once();
  };
}

/** Through every connection, each way that it has. */
function talk(siege: Siege): void {
  for (const [i, way] of siege.system.connections.flatMap(waysOf).entries()) {
    const words = way.spec.args.map((_, arg) => MARK + 16 * i + 2 * arg);
    send(siege, way, words, () => {});
    if (!isHeard(siege, way, words)) continue;
    siege.show(way.kind === 'calls' ? 'call' : 'cast', way.from, way.kind, way.to);
    if (way.queue !== null && isSpoilt(siege, way, words))
      for (const end of [way.from, way.to]) siege.show('cast', way.queue, 'carries-data-of', end);
  }
}
/** A word that is changed where the cast waits is what arrives; a cast without words, taken out there, does not arrive. */
function isSpoilt(siege: Siege, way: Way, words: readonly number[]): boolean {
  const spoilt = words.map((word) => word + 1);
  let stood = false;
  send(siege, way, words, (queue, before) => {
    stood = queue.some((word, i) => word !== before[i]);
    if (words.length === 0) queue.set(before);
    else for (const [i, word] of queue.entries()) if (words.includes(word)) queue[i] = word + 1;
  });
  return stood && (words.length === 0 ? !isHeard(siege, way, words) : isHeard(siege, way, spoilt));
}

/** The kernel does what it is asked: an alarm comes. */
function callKernel(siege: Siege): void {
  for (const { seat, definition } of siege.system.places) {
    const port = Object.keys(definition.uses).find((one) => definition.uses[one]!.name === 'kernel');
    if (port === undefined) continue;
    siege.moles.heard.length = 0;
    siege.moles.strike(seat.name, ({ ports }) => void ports[port]!['setAlarm']!(ALARM_TOKEN, DELAY_US));
    siege.moles.run(SETTLE_NS);
    const came = siege.moles.heard.some(
      ({ component, method, args }) => component === seat.name && method === 'notified' && args[0] === ALARM_TOKEN,
    );
    if (came) siege.show('call', seat.name, 'calls', KERNEL);
  }
}

/** Every event through a ring or an outbox, and whose right it was by which the other was woken. */
function signal(siege: Siege): void {
  const { kernel, connections } = siege.system;
  const holders = new Map(
    siege.reach.domains.flatMap(({ domain, capabilities }) =>
      capabilities.map(({ slot, component }) => [slot, { domain, component }] as const),
    ),
  );
  const { executive } = kernel;
  const through = executive.signalThrough;
  executive.signalThrough = (slot) => {
    const right = holders.get(slot);
    if (right?.component != null) siege.show('signal', domainId(right.domain), 'signals', right.component);
    through.call(executive, slot);
  };
  for (const way of connections.flatMap(waysOf).filter(({ queue }) => queue !== null))
    send(
      siege,
      way,
      way.spec.args.map(() => MARK),
      () => {},
    );
  executive.signalThrough = through;
}

export function attack(siege: Siege): void {
  talk(siege);
  callKernel(siege);
  signal(siege);
}
