/**
 * Programs of a description: threads with a stack of their own in user domains. Their domain's capability space is
 * theirs, so they may invoke whatever it holds, as the book has it; and they call ports of components by messages: the
 * number of the call is the label, the arguments are its words, and the answer's are the result and what comes beside it.
 *
 * CHOICE: only calls of at most four words and without rights; what comes otherwise is refused, as what is not there.
 */
import { type Contract, NO_SUCH_RIGHT } from '@bulkhead/abi';
import { objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import type { Program } from '@bulkhead/kernel-core';
import { type Domain, type Kernel, type UserThread, UserThreads } from '@bulkhead/microkernel';
import { methodsOf } from './connection.ts';
import type { Description, ProgramDescription, ProgramRights } from './description.ts';
import { checked } from './frames.ts';
import type { Handlers, Place } from './place.ts';

const { labelOf, MESSAGE_REGISTERS, WORD_LANES } = message;
const REGISTER_LANES: number = MESSAGE_REGISTERS * WORD_LANES;
/** A program may call, and be answered; it may not receive, and passes no rights. */
const MAY_CALL: number = objects.WRITE | objects.GRANT_REPLY;

/** A port of a component that a program calls. */
interface ProgramCall {
  readonly name: string;
  readonly program: number;
  readonly server: Place;
  readonly port: string;
  /** Names of the calls, by number; undefined where a message cannot carry them. */
  readonly methods: readonly (string | undefined)[];
}

export class ProgramThreads {
  readonly #kernel: Kernel;
  readonly #places: readonly Place[];
  readonly #programs: readonly [string, ProgramDescription][];
  /** What a thread's program counter names. */
  readonly #code: (Program | undefined)[];
  readonly #calls: readonly ProgramCall[];

  /** @param code the kernel's table of programs, which is filled here */
  constructor(kernel: Kernel, places: readonly Place[], { programs = {} }: Description, code: (Program | undefined)[]) {
    this.#kernel = kernel;
    this.#places = places;
    this.#programs = Object.entries(programs);
    this.#code = code;
    this.#calls = this.#programs.flatMap(([, { calls = {} }], program) =>
      Object.entries(calls).map(([name, target]) => callOf(places, name, program, target)),
    );
  }

  get count(): number {
    return this.#programs.length;
  }
  /** What threads send to a component comes to its handlers. */
  listen(place: Place): void {
    const { meeting, core, executive } = this.#kernel;
    const { seat } = place;
    const arguments_ = new Int32Array(MESSAGE_REGISTERS);
    seat.receive = () => {
      const call = this.#calls[meeting.takeMessage(seat) - 1 - this.#places.length];
      const method = call?.methods[labelOf(core.threads.tag[seat.thread]!)];
      if (call?.server !== place || method === undefined) return NO_SUCH_RIGHT;
      const { registers } = core.threads;
      for (let i = 0; i < MESSAGE_REGISTERS; i++)
        arguments_[i] = registers[seat.thread * REGISTER_LANES + i * WORD_LANES]!;
      executive.meter.next(seat.index);
      place.touch();
      const result = handle(place.handlers[call.port]!, method, this.#places.length + call.program, arguments_);
      place.finish();
      return result;
    };
  }

  /** Starts the programs of a domain that was filled. @throws OutOfMemory */
  start(domain: Domain, endpointOf: (place: Place) => number): void {
    this.#programs.forEach(([, description], index) => {
      if (description.domain !== domain.name) return;
      const rights: Record<string, number> = {};
      this.#calls.forEach(({ program, name, server }, call) => {
        if (program !== index) return;
        const badge = 1 + this.#places.length + call;
        rights[name] = checked(this.#kernel.spaces.grant(endpointOf(server), domain, 1, badge, MAY_CALL));
      });
      const thread = checked(this.#kernel.userThreads!.add(domain, this.#threadOf(description, index)));
      this.#code[index] = description.code(rights, this.#rightsOf(domain, description, thread));
    });
  }
  #rightsOf(domain: Domain, { memoryBits, schedControl = false }: ProgramDescription, thread: number): ProgramRights {
    const { spaces, kernelMemory } = this.#kernel;
    return {
      thread,
      schedContext: thread + UserThreads.CONTEXT_OFFSET,
      cnode: checked(spaces.grant(domain.cnodeSlot, domain)),
      untyped: memoryBits === undefined ? 0 : checked(spaces.make(domain, objects.UNTYPED, memoryBits, 1)),
      schedControl: schedControl ? checked(spaces.grant(kernelMemory.schedControl, domain)) : 0,
    };
  }
  #threadOf({ priority, budgetUs, periodUs }: ProgramDescription, program: number): UserThread {
    const cyclesOfUs = (us: number): number => this.#kernel.clock.cyclesOf(us * 1000);
    return { program, priority, budgetCycles: cyclesOfUs(budgetUs), periodCycles: cyclesOfUs(periodUs) };
  }
}

function callOf(places: readonly Place[], name: string, program: number, target: string): ProgramCall {
  const [component, port] = target.split('.') as [string, string];
  const server = places.find(({ seat }) => seat.name === component)!;
  const { calls } = server.definition.provides[port] as Contract;
  const methods = methodsOf(calls).map(({ name: method, spec: { args } }) =>
    args.length <= MESSAGE_REGISTERS && !args.includes('right') ? method : undefined,
  );
  return { name, program, server, port, methods };
}
function handle(handlers: Handlers, method: string, from: number, [a, b, c, d]: Int32Array): number {
  return 0 | handlers[method]!(from, a!, b!, c!, d!)!;
}
