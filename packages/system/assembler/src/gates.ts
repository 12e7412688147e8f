/**
 * Gates: what carries a contract between two domains. For every method of every connection one forwarder is generated,
 * once, so that each call site in it sees one shape; a factory of closures would share one site among all of them.
 *
 * Every forwarder compares the caller's life on entry and on return (a component that is over goes no further), and the
 * target's before and after (a dead peer is the refusal PEER_DIED). What leaves the target's handler is its own
 * exception, and nobody else's.
 *
 * Arguments cross a wall in the hart's registers a2…a5 (x12…x15); those beyond four in the message buffer, which the
 * kernel copies from one component's to the other's. A component of the kernel's domain reads them where they are.
 */
import { NO_SUCH_RIGHT, PEER_DIED, QUEUE_FULL } from '@bulkhead/abi';
import type { Kernel } from '@bulkhead/microkernel';
import type { Connection, DownGate, Method, UpGate } from './connection.ts';
import {
  A0,
  A2,
  argumentsOf,
  asWord,
  copyBuffer,
  fromCallersBuffer,
  fromOwnBuffer,
  isRight,
  MESSAGE_REGISTERS,
  received,
  rightsAsWords,
  toBuffer,
  toRegisters,
  transferAnswers,
  transferArguments,
} from './gate-words.ts';
import { type MessageSink, watched } from './messages.ts';
import type { Place } from './place.ts';

/** What a forwarder does with a word: calls and casts alike give one number. */
export type Forwarder = (...args: number[]) => number;

/** What the generated code refers to. */
export interface GateScope {
  readonly kernel: Kernel;
  readonly places: readonly Place[];
  /** Derives a right into another component's domain. @returns it, or a negative refusal. */
  readonly transfer: (from: Place, right: number, to: Place) => number;
  /** @returns whether a component's domain has a right of this index. */
  readonly holds: (from: Place, right: number) => boolean;
  /** Calls through a right to an endpoint. @returns the component that received it, or -1. Who calls is left in a0. */
  readonly call: (caller: Place, right: number) => number;
  /** Signals through a right to a notification. */
  readonly signal: (caller: Place, right: number) => void;
  /** Who sees what goes through the gates, if anybody. */
  readonly messages?: MessageSink;
}

function generate(
  scope: GateScope,
  connection: Connection | null,
  caller: Place,
  method: Method,
  body: string,
): Forwarder {
  const names = argumentsOf(method).join(', ');
  const text = `
    const x = kernel.executive, p = kernel.primitives, lo = kernel.hart.lo, words = kernel.memory.words;
    const life = caller.life, seat = caller.seat, quiet = caller.quiet, callerAnswer = seat.answer, from = seat.index;
    return function forward(${names}) {
      if (life.over) throw life.ended;
      ${rightsAsWords(method)}
      ${body}
    };`;
  // The text is made of this file's own words and of identifiers that a contract declares: see identifierOf.
  const make = new Function(
    'scope',
    'kernel',
    'connection',
    'caller',
    'PEER_DIED',
    'QUEUE_FULL',
    'NO_SUCH_RIGHT',
    text,
  );
  const forward = make(scope, scope.kernel, connection, caller, PEER_DIED, QUEUE_FULL, NO_SUCH_RIGHT) as Forwarder;
  return scope.messages === undefined ? forward : watched(scope.messages, connection, caller, method, forward);
}

const identifierOf = (name: string): string => {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) throw new TypeError(`'${name}' cannot name a method or port`);
  return name;
};

/** The target's handler runs, and what leaves it is its own. */
const runHandler = (
  port: string,
  method: Method,
  args: readonly string[],
  from: string,
  { drainFirst = false, within = false }: { readonly drainFirst?: boolean; readonly within?: boolean } = {},
): string => `
      const targetLife = target.life;
      let result = 0;
      x.${within ? 'enterWithin' : 'enter'}(target.seat);
      try {
        target.touch();
        ${drainFirst ? 'connection.upInbound.drain(); x.meter.next(target.seat.index);' : ''}
        ${method.spec.kind === 'call' ? 'result = 0 | ' : ''}target.handlers.${identifierOf(port)}.${identifierOf(method.name)}(${from}${args.map((a) => `, ${a}`).join('')});
        target.finish();
        if (targetLife.over) result = PEER_DIED;
      } catch (error) {
        kernel.caught(target.seat, targetLife, error);
        result = PEER_DIED;
      }`;

/** A call, or a cast that runs at once, to the server. */
export function forwardUp(scope: GateScope, connection: Connection, method: Method): Forwarder {
  return generate(scope, connection, connection.client, method, bodyOf(connection)(connection, method));
}

function bodyOf({ up, client }: Connection): (connection: Connection, method: Method) => string {
  if (up === 'direct') return client.seat.domain.isKernel ? direct : within;
  return up === 'system-call' ? systemCall : ipc;
}

/** Back to the caller, unless it is over. */
const BACK = 'x.resume(seat, life, level); if (life.over) throw life.ended;';

const direct = ({ serverPort }: Connection, method: Method): string => `
      const target = connection.server;
      if (target.life.over) return PEER_DIED;
      ${transferArguments(method, 'target', '')}
      quiet.spend(p.directCall);
      const level = x.level;
      ${runHandler(serverPort, method, argumentsOf(method).map(asWord), 'from')}
      x.leave(target.seat);
      ${transferAnswers(method, 'target')}
      ${BACK}
      return result;`;

/** Inside a user domain nothing crosses a wall; only a right, of which the receiver gets one of its own, needs the kernel. */
const within = ({ serverPort }: Connection, method: Method): string => `
      const target = connection.server;
      ${byKernel(transferArguments(method, 'target', BACK))}
      quiet.spend(p.directCall);
      const level = x.level;
      ${runHandler(serverPort, method, argumentsOf(method).map(asWord), 'from', { within: true })}
      x.leaveWithin(target.seat);
      x.resumeWithin(seat, life, level);
      if (life.over) throw life.ended;
      ${byKernel(transferAnswers(method, 'target'))}
      return result;`;

const byKernel = (statements: string): string =>
  statements.includes('scope.transfer') ? `{ const level = x.level; x.trap(); ${statements} ${BACK} }` : statements;

/** All rights in the arguments are there, before anything is sent. */
const checkRights = (method: Method): string =>
  method.spec.args
    .map((kind, i) => (isRight(kind) ? `if (!scope.holds(caller, a${i})) { ${BACK} return NO_SUCH_RIGHT; }` : ''))
    .join(' ');

/** Into the kernel, with the arguments where the ABI says, to a target that lives. */
const enterKernel = (method: Method): string => `
      const level = x.level;
      ${toBuffer(argumentsOf(method))}
      ${toRegisters(argumentsOf(method))}
      x.trap();
      const target = connection.server;
      if (target.life.over) { ${BACK} return PEER_DIED; }
      ${checkRights(method)}`;

const chargeBeyond = (method: Method): string => {
  const beyond = method.spec.args.length - MESSAGE_REGISTERS;
  return beyond > 0 ? `kernel.charge.spendMany(p.messageWord, ${beyond});` : '';
};

const systemCall = ({ serverPort }: Connection, method: Method): string => `
      ${enterKernel(method)}
      ${transferArguments(method, 'target', BACK)}
      ${chargeBeyond(method)}
      ${runHandler(serverPort, method, received(method.spec.args.length, fromCallersBuffer), 'from')}
      x.leave(target.seat);
      ${transferAnswers(method, 'target')}
      ${BACK}
      return result;`;

/** A message of more words than there are registers, or with rights, takes the kernel's general path. */
const pathOf = (kinds: readonly string[]): string =>
  kinds.length > MESSAGE_REGISTERS || kinds.some(isRight) ? 'p.ipcSlowPath' : 'p.ipcPath';
const answersOf = ({ spec }: Method): readonly string[] => (spec.kind === 'call' ? spec.answers : []);

/** The answer comes back in a2; the caller's pages may have to be found again after the switch. */
const ipc = ({ serverPort, queuesUp }: Connection, method: Method): string => `
      ${enterKernel(method)}
      lo[${A0}] = connection.endpointRight;
      if (scope.call(caller, lo[${A0}]) !== target.seat.index) { ${BACK} return PEER_DIED; }
      ${transferArguments(method, 'target', `x.turnAway(target.seat); ${BACK}`)}
      kernel.charge.spend(${pathOf(method.spec.args)});
      ${chargeBeyond(method)}
      ${copyBuffer(method.spec.args.length)}
      ${runHandler(serverPort, method, received(method.spec.args.length, fromOwnBuffer), `lo[${A0}]`, { drainFirst: queuesUp })}
      lo[${A2}] = result;
      x.leave(target.seat);
      if (!targetLife.over) kernel.charge.spend(${pathOf(['word', ...answersOf(method)])});
      result = lo[${A2}];
      ${transferAnswers(method, 'target')}
      ${BACK}
      caller.touch();
      return result;`;

/** The names by which generated code reaches one direction of a connection. */
interface Lane {
  readonly target: string;
  readonly queue: string;
  readonly bit: string;
  readonly signalRight: string;
  readonly signal: string;
  /** The expression that appends the cast. */
  readonly append: string;
}

/** A cast that waits in a queue, in either direction. */
export function forwardQueued(scope: GateScope, connection: Connection, method: Method, toServer: boolean): Forwarder {
  const caller = toServer ? connection.client : connection.server;
  const queue = toServer ? 'connection.upQueue' : 'connection.downQueue';
  const words = [0, 1, 2, 3].map((i) => (i < method.spec.args.length ? `a${i}` : '0')).join(', ');
  const lane: Lane = {
    target: toServer ? 'connection.server' : 'connection.client',
    queue,
    bit: toServer ? 'connection.upBit' : 'connection.downBit',
    signalRight: toServer ? 'connection.signalServerRight' : 'connection.signalClientRight',
    signal: toServer ? 'connection.signalServer' : 'connection.signalClient',
    append: `${queue}.append(${method.id}, ${words})`,
  };
  const bodyOf = QUEUED[toServer ? connection.up : connection.down];
  if (bodyOf === undefined) throw new TypeError(`the gate of '${method.name}' queues nothing`);
  return generate(scope, connection, caller, method, bodyOf(lane, method));
}

/** What begins every cast into a queue that the caller itself can reach. */
const appendOrRefuse = ({ target, append }: Lane, price: string): string => `
      const target = ${target};
      if (target.life.over) return PEER_DIED;
      quiet.spend(${price});
      if (x.clock.isOverLimit) x.overran(seat, life);
      if (!${append}) return QUEUE_FULL;`;

const QUEUED: Readonly<Partial<Record<UpGate | DownGate, (lane: Lane, method: Method) => string>>> = {
  queue: (lane) => `${appendOrRefuse(lane, 'p.castQueue')}
      x.signal(target.seat, ${lane.bit});
      return 0;`,
  // The kernel appends for the caller, to a queue in the kernel's own domain.
  'system-call': ({ target, append, bit }, method) => `
      const level = x.level;
      ${toRegisters(argumentsOf(method))}
      x.trap();
      const target = ${target};
      const died = target.life.over;
      let taken = false;
      if (!died) {
        kernel.charge.spend(p.castQueue);
        taken = ${append};
        if (taken) x.signal(target.seat, ${bit});
      }
      ${BACK}
      return died ? PEER_DIED : taken ? 0 : QUEUE_FULL;`,
  outbox: (lane) => `${appendOrRefuse(lane, 'p.ringEntry')}
      if (${lane.queue}.mustSignal()) {
        const level = x.level;
        x.trap();
        scope.signal(caller, ${lane.signalRight});
        ${BACK}
      }
      return 0;`,
  upcall: (lane) => `${appendOrRefuse(lane, 'p.ringEntry')}
      if (${lane.queue}.mustSignal()) {
        kernel.charge.spend(p.notificationSignal);
        x.signal(target.seat, ${lane.bit});
        if (target.seat.level > x.level) { const level = x.level; ${BACK} }
      }
      return 0;`,
  // Told when the caller's handler ends, so that a batch is one signal.
  ring: (lane) => `${appendOrRefuse(lane, 'p.ringEntry')}
      if (${lane.queue}.mustSignal()) caller.unsignalled.push(${lane.signal});
      return 0;`,
};

/** The kernel's own invocations: a system call from a user domain, a function call in the kernel's. */
export function forwardToKernel(scope: GateScope, caller: Place, method: Method): Forwarder {
  const names = argumentsOf(method);
  const trap = caller.seat.domain.isKernel ? 'quiet.spend(p.directCall);' : `${toRegisters(names)} x.trap();`;
  const answers = method.spec.kind === 'call' ? method.spec.answers : [];
  return generate(
    scope,
    null,
    caller,
    method,
    `const level = x.level;
      ${trap}
      const result = kernel.invocations.${identifierOf(method.name)}(from${names.map((n) => `, ${asWord(n)}`).join('')});
      ${answers.map((_, i) => `callerAnswer[${i + 1}] = kernel.answer[${i + 1}];`).join(' ')}
      x.resume(seat, life, level);
      if (life.over) throw life.ended;
      return result;`,
  );
}

/** Hands one queue entry to its handler. An entry that names no method came from memory that somebody spoilt: dropped. */
export function dispatcher(
  methods: readonly Method[],
  port: string,
  from: number | null,
): (place: Place, entry: Int32Array) => boolean {
  const cases = methods.map(({ name, id, spec }) => {
    const args = spec.args.map((_, i) => `entry[${i + 1}]`);
    if (from !== null) args.unshift(String(from));
    return `case ${id}: handlers.${identifierOf(name)}(${args.join(', ')}); return true;`;
  });
  const text = `return function dispatch(place, entry) {
    const handlers = place.handlers.${identifierOf(port)};
    switch (entry[0]) { ${cases.join('\n')} default: return false; }
  };`;
  return new Function(text)() as (place: Place, entry: Int32Array) => boolean;
}
