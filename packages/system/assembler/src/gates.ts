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
import type { Connection, Method } from './connection.ts';
import type { Place } from './place.ts';

/** What a forwarder does with a word: calls and casts alike give one number. */
export type Forwarder = (...args: number[]) => number;

/** Registers a0, a2 and how many message registers there are. RISC-V calling convention; kernel ABI: ipc package. */
const A0 = 10;
const A2 = 12;
const MESSAGE_REGISTERS = 4;

/** What the generated code refers to. */
export interface GateScope {
  readonly kernel: Kernel;
  readonly places: readonly Place[];
  /** Derives a right into another component's domain. @returns it, or a negative refusal. */
  readonly transfer: (from: Place, right: number, to: Place) => number;
  /** Calls through a right to an endpoint. @returns the component that received it, or -1. Who calls is left in a0. */
  readonly call: (caller: Place, right: number) => number;
  /** Signals through a right to a notification. */
  readonly signal: (caller: Place, right: number) => void;
}

const argumentNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `a${i}`);
const isRight = (kind: string): boolean => kind === 'right';
/** What a register would hold: a word is the same in every system. */
const asWord = (name: string): string => `${name} | 0`;

/** Statements that load arguments into registers, as far as they reach. */
const toRegisters = (names: readonly string[]): string =>
  names
    .slice(0, MESSAGE_REGISTERS)
    .map((name, i) => `lo[${A2 + i}] = ${name};`)
    .join(' ');
/** Word 0 of a message buffer is the tag; message word i follows at i + 1. */
const bufferOffset = (word: number): number => (word + 1) * 4;
/** Statements by which the caller puts the words beyond the registers into its buffer. */
const toBuffer = (names: readonly string[]): string =>
  names
    .slice(MESSAGE_REGISTERS)
    .map((name, i) => `caller.memory.store32(caller.bufferPage, ${bufferOffset(MESSAGE_REGISTERS + i)}, ${name});`)
    .join(' ');
/** The kernel copies the words beyond the registers. */
const copyBuffer = (count: number): string =>
  Array.from({ length: Math.max(0, count - MESSAGE_REGISTERS) }, (_, i) => MESSAGE_REGISTERS + i + 1)
    .map((word) => `words[target.bufferWord + ${word}] = words[caller.bufferWord + ${word}];`)
    .join(' ');
/** Expressions by which the target reads its arguments. */
const received = (count: number, beyond: (word: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => (i < MESSAGE_REGISTERS ? `lo[${A2 + i}]` : beyond(i)));
const fromOwnBuffer = (word: number): string => `target.memory.load32(target.bufferPage, ${bufferOffset(word)})`;
const fromCallersBuffer = (word: number): string => `words[caller.bufferWord + ${word + 1}]`;

const transferArguments = (method: Method, target: string, refuse: string): string =>
  method.spec.args
    .map((kind, i) =>
      isRight(kind)
        ? `a${i} = scope.transfer(caller, a${i}, ${target}); if (a${i} < 0) { ${refuse} return NO_SUCH_RIGHT; } lo[${A2 + i}] = a${i};`
        : '',
    )
    .join(' ');

/** Answers beside the result go from the target's words to the caller's; rights are derived on the way. */
const transferAnswers = (method: Method, from: string): string =>
  method.spec.kind === 'cast'
    ? ''
    : method.spec.answers
        .map((kind, i) =>
          isRight(kind)
            ? `if (result >= 0 && !life.over) callerAnswer[${i + 1}] = scope.transfer(${from}, ${from}.seat.answer[${i + 1}], caller);`
            : `callerAnswer[${i + 1}] = ${from}.seat.answer[${i + 1}];`,
        )
        .join(' ');

function generate(
  scope: GateScope,
  connection: Connection | null,
  caller: Place,
  method: Method,
  body: string,
): Forwarder {
  const names = argumentNames(method.spec.args.length).join(', ');
  const text = `
    const x = kernel.executive, p = kernel.primitives, lo = kernel.hart.lo, words = kernel.memory.words;
    const life = caller.life, seat = caller.seat, quiet = caller.quiet, callerAnswer = seat.answer, from = seat.index;
    return function forward(${names}) {
      if (life.over) throw life.ended;
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
  return make(scope, scope.kernel, connection, caller, PEER_DIED, QUEUE_FULL, NO_SUCH_RIGHT) as Forwarder;
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
  drainFirst = false,
): string => `
      const targetLife = target.life;
      let result = 0;
      x.enter(target.seat);
      try {
        target.touch();
        ${drainFirst ? 'connection.upInbound.drain();' : ''}
        ${method.spec.kind === 'call' ? 'result = 0 | ' : ''}target.handlers.${identifierOf(port)}.${identifierOf(method.name)}(${from}${args.map((a) => `, ${a}`).join('')});
        target.finish();
        if (targetLife.over) result = PEER_DIED;
      } catch (error) {
        kernel.caught(target.seat, targetLife, error);
        result = PEER_DIED;
      }`;

/** A call, or a cast that runs at once, to the server. */
export function forwardUp(scope: GateScope, connection: Connection, method: Method): Forwarder {
  const names = argumentNames(method.spec.args.length);
  const { serverPort } = connection;
  const beyond = Math.max(0, names.length - MESSAGE_REGISTERS);
  const caller = connection.client;
  if (connection.up === 'direct')
    return generate(
      scope,
      connection,
      caller,
      method,
      `const target = connection.server;
      if (target.life.over) return PEER_DIED;
      ${transferArguments(method, 'target', '')}
      quiet.spend(p.directCall);
      const level = x.level;
      ${runHandler(serverPort, method, names.map(asWord), 'from')}
      x.leave(target.seat);
      ${transferAnswers(method, 'target')}
      x.resume(seat, life, level);
      if (life.over) throw life.ended;
      return result;`,
    );
  const leaveEarly = 'x.resume(seat, life, level); if (life.over) throw life.ended;';
  if (connection.up === 'system-call')
    return generate(
      scope,
      connection,
      caller,
      method,
      `const level = x.level;
      ${toBuffer(names)}
      ${toRegisters(names)}
      x.trap();
      const target = connection.server;
      if (target.life.over) { ${leaveEarly} return PEER_DIED; }
      ${transferArguments(method, 'target', leaveEarly)}
      ${beyond > 0 ? `kernel.charge.spendMany(p.messageWord, ${beyond});` : ''}
      ${runHandler(serverPort, method, received(names.length, fromCallersBuffer), 'from')}
      x.leave(target.seat);
      ${transferAnswers(method, 'target')}
      x.resume(seat, life, level);
      if (life.over) throw life.ended;
      return result;`,
    );
  return generate(
    scope,
    connection,
    caller,
    method,
    `const level = x.level;
      ${toBuffer(names)}
      lo[${A0}] = connection.endpointRight;
      ${toRegisters(names)}
      x.trap();
      const target = connection.server;
      if (target.life.over) { ${leaveEarly} return PEER_DIED; }
      ${transferArguments(method, 'target', leaveEarly)}
      if (scope.call(caller, lo[${A0}]) !== target.seat.index) { ${leaveEarly} return PEER_DIED; }
      kernel.charge.spend(p.ipcPath);
      ${beyond > 0 ? `kernel.charge.spendMany(p.messageWord, ${beyond});` : ''}
      ${copyBuffer(names.length)}
      ${runHandler(serverPort, method, received(names.length, fromOwnBuffer), `lo[${A0}]`, connection.queuesUp)}
      lo[${A2}] = result;
      x.leave(target.seat);
      if (!targetLife.over) kernel.charge.spend(p.ipcPath);
      result = lo[${A2}];
      ${transferAnswers(method, 'target')}
      x.resume(seat, life, level);
      if (life.over) throw life.ended;
      caller.touch();
      return result;`,
  );
}

/** A cast that waits in a queue, in either direction. */
export function forwardQueued(scope: GateScope, connection: Connection, method: Method, toServer: boolean): Forwarder {
  const caller = toServer ? connection.client : connection.server;
  const target = toServer ? 'connection.server' : 'connection.client';
  const queue = toServer ? 'connection.upQueue' : 'connection.downQueue';
  const bit = toServer ? 'connection.upBit' : 'connection.downBit';
  const signalRight = toServer ? 'connection.signalServerRight' : 'connection.signalClientRight';
  const gate = toServer ? connection.up : connection.down;
  const words = [0, 1, 2, 3].map((i) => (i < method.spec.args.length ? `a${i}` : '0')).join(', ');
  const append = `${queue}.append(${method.id}, ${words})`;
  const opening = `const target = ${target}; if (target.life.over) return PEER_DIED;`;
  const backFromKernel = 'x.resume(seat, life, level); if (life.over) throw life.ended;';
  const bodies: Readonly<Record<string, string>> = {
    queue: `${opening}
      quiet.spend(p.castQueue);
      if (!${append}) return QUEUE_FULL;
      x.signal(target.seat, ${bit});
      return 0;`,
    'system-call': `const level = x.level;
      ${toRegisters(argumentNames(method.spec.args.length))}
      x.trap();
      const target = ${target};
      let taken = false;
      if (!target.life.over) {
        kernel.charge.spend(p.castQueue);
        taken = ${append};
        if (taken) x.signal(target.seat, ${bit});
      }
      const died = target.life.over;
      ${backFromKernel}
      return died ? PEER_DIED : taken ? 0 : QUEUE_FULL;`,
    outbox: `${opening}
      quiet.spend(p.ringEntry);
      if (!${append}) return QUEUE_FULL;
      if (${queue}.mustSignal()) {
        const level = x.level;
        x.trap();
        scope.signal(caller, ${signalRight});
        ${backFromKernel}
      }
      return 0;`,
    upcall: `${opening}
      quiet.spend(p.ringEntry);
      if (!${append}) return QUEUE_FULL;
      if (${queue}.mustSignal()) {
        kernel.charge.spend(p.notificationSignal);
        x.signal(target.seat, ${bit});
        if (target.seat.level > x.level) { const level = x.level; ${backFromKernel} }
      }
      return 0;`,
    ring: `${opening}
      quiet.spend(p.ringEntry);
      if (!${append}) return QUEUE_FULL;
      if (${queue}.mustSignal()) caller.unsignalled.push(${toServer ? 'connection.signalServer' : 'connection.signalClient'});
      return 0;`,
  };
  return generate(scope, connection, caller, method, bodies[gate]!);
}

/** The kernel's own invocations: a system call from a user domain, a function call in the kernel's. */
export function forwardToKernel(scope: GateScope, caller: Place, method: Method): Forwarder {
  const names = argumentNames(method.spec.args.length);
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
