import { type CallSpec, type Contract, call, contract, PEER_DIED, type Right } from '@bulkhead/abi';
import { errors, labels, objects } from '@bulkhead/capabilities';
import { NEVER } from '@bulkhead/clock';
import { message } from '@bulkhead/ipc';
import { labels as coreLabels, type ThreadContext } from '@bulkhead/kernel-core';
import { component } from '@bulkhead/runtime';
import { describe, expect, it } from 'vitest';
import { assemble, type Description, type ProgramDescription, type System } from '../src/index.ts';

type Calls = {
  add: CallSpec<(a: number, b: number) => number>;
  spin: CallSpec<(steps: number) => number>;
  fail: CallSpec<() => number>;
  give: CallSpec<(right: Right) => number>;
};
const adding: Contract<{ calls: Calls }> = contract('adding', {
  calls: { add: call(['word', 'word'], ['word']), spin: call(['word']), fail: call([]), give: call(['right']) },
});
const [ADD, SPIN, FAIL, GIVE] = [0, 1, 2, 3] as const;

/** Who called, in order. */
let callers: number[] = [];
const adder = component<Record<never, never>, { readonly adding: typeof adding }, object>({
  name: 'adder',
  level: 20,
  uses: {},
  provides: { adding },
  footprint: { codePages: 1, dataPages: 1 },
  heapPages: 1,
  work: ['step'],
  config: {},
  create: ({ work, answer }) => ({
    handlers: {
      adding: {
        add: (from, a, b) => {
          callers.push(from);
          work.spend(work.id('step'));
          answer[1] = a * b;
          return a + b;
        },
        spin: (_from, steps) => {
          for (let i = 0; i < steps; i++) work.spend(work.id('step'));
          return 0;
        },
        fail: () => {
          throw new Error('of its own');
        },
        give: () => 0,
      },
    },
  }),
});

type Programs = Readonly<Record<string, Partial<ProgramDescription> & Pick<ProgramDescription, 'code'>>>;
function describeWith(programs: Programs, rest: Partial<Description> = {}): Description {
  const full = Object.entries(programs).map(([name, one]) => [
    name,
    { domain: 'programs', priority: 10, budgetUs: 1000, periodUs: 1000, calls: { add: 'adder.adding' }, ...one },
  ]);
  return {
    name: 'programs',
    summary: 'a component and programs',
    components: [adder],
    domains: { kernel: [], adder: ['adder'], programs: [] },
    connections: [],
    authority: {},
    config: () => ({}),
    iommu: 'bare',
    supervised: [],
    programs: Object.fromEntries(full) as Record<string, ProgramDescription>,
    ...rest,
  };
}
function run(programs: Programs, untilUs = 100_000, rest: Partial<Description> = {}): System {
  callers = [];
  const system = assemble(describeWith(programs, rest));
  system.runUntil(system.clock.cyclesOf(untilUs * 1000));
  return system;
}
const cyclesOf = (system: System, name: string): number => {
  const row = system.ledger.components.indexOf(name);
  return system.ledger.byCause()[row]!.reduce((sum, cycles) => sum + cycles, 0);
};
const tag = (label: number, length: number): number => message.messageTag(label, 0, 0, length);

describe('a program beside components', () => {
  it('calls a component, which does not know that it is one: result and answers come as words', () => {
    const heard: number[][] = [];
    const system = run({
      p: {
        code: ({ add }) =>
          function* (t: ThreadContext) {
            t.setWord(0, 6);
            t.setWord(1, 7);
            yield t.call(add!, tag(ADD, 2));
            heard.push([t.word(0), t.word(1), t.badge]);
          },
      },
    });
    expect(heard).toEqual([[13, 42, 0]]);
    expect(callers).toEqual([system.places.length]);
    expect(system.ledger.totalCycles()).toBe(system.clock.now);
  });
  it('is refused what a message cannot carry, and what there is not', () => {
    const heard: number[] = [];
    run({
      p: {
        code: ({ add }) =>
          function* (t: ThreadContext) {
            for (const label of [GIVE, 77]) {
              yield t.call(add!, tag(label, 0));
              heard.push(t.word(0));
            }
          },
      },
    });
    expect(heard.every((word) => word < 0)).toBe(true);
    expect(heard.length).toBe(2);
  });
  it('is told when the component that it called dies, and the domain alone ends', () => {
    const heard: number[] = [];
    const system = run({
      p: {
        code: ({ add }) =>
          function* (t: ThreadContext) {
            yield t.call(add!, tag(FAIL, 0));
            heard.push(t.word(0));
          },
      },
    });
    expect(heard).toEqual([PEER_DIED]);
    expect(system.faults.map(({ component }) => component)).toEqual(['adder']);
    expect(system.panic).toBeNull();
  });
  it('takes turns with others: whoever waits keeps nobody from running', () => {
    const said: string[] = [];
    run({
      asks: {
        code: ({ add }) =>
          function* (t: ThreadContext) {
            for (let i = 0; i < 3; i++) {
              t.setWord(0, i);
              t.setWord(1, 1);
              yield t.call(add!, tag(ADD, 2));
              said.push(`asks ${t.word(0)}`);
              yield t.spend(1000);
            }
          },
      },
      idles: {
        code: () =>
          function* (t: ThreadContext) {
            for (let i = 0; i < 3; i++) {
              yield t.spend(1000);
              said.push(`idles ${i}`);
              yield t.yield();
            }
          },
      },
    });
    expect(said.length).toBe(6);
    expect(said.filter((line) => line.startsWith('asks'))).toEqual(['asks 1', 'asks 2', 'asks 3']);
  });
});

describe('its time', () => {
  const loop: ProgramDescription['code'] = () =>
    function* (t: ThreadContext) {
      for (;;) yield t.spend(500);
    };
  it('is what its budget says, whatever it does, and each gets its own', () => {
    const system = run(
      {
        greedy: { code: loop, priority: 30, budgetUs: 300, periodUs: 1000 },
        modest: { code: loop, priority: 12, budgetUs: 100, periodUs: 1000 },
        rest: { code: loop, priority: 5, budgetUs: 1000, periodUs: 1000 },
      },
      100_000,
    );
    const share = (name: string): number => cyclesOf(system, name) / system.clock.now;
    expect(share('greedy')).toBeGreaterThan(0.28);
    expect(share('greedy')).toBeLessThanOrEqual(0.301);
    expect(share('modest')).toBeGreaterThan(0.09);
    expect(share('modest')).toBeLessThanOrEqual(0.101);
    expect(share('rest')).toBeGreaterThan(0.5);
  });
  it('goes along with its call, so that calling buys none', () => {
    const system = run({
      caller: {
        budgetUs: 100,
        periodUs: 1000,
        code: ({ add }) =>
          function* (t: ThreadContext) {
            for (;;) {
              t.setWord(0, 50);
              yield t.call(add!, tag(SPIN, 1));
            }
          },
      },
    });
    const taken = cyclesOf(system, 'caller') + cyclesOf(system, 'adder');
    expect(taken).toBeGreaterThan(0);
    expect(taken / system.clock.now).toBeLessThanOrEqual(0.11);
  });
  it('is nobody else’s: a component of a higher level preempts it and takes none of it', () => {
    const system = run({ p: { code: loop, budgetUs: 500, periodUs: 1000 } });
    const share = cyclesOf(system, 'p') / system.clock.now;
    expect(share).toBeGreaterThan(0.45);
    expect(share).toBeLessThanOrEqual(0.501);
  });
  it('is the same in every run', () => {
    const programs: Programs = { a: { code: loop, budgetUs: 200 }, b: { code: loop, priority: 11, budgetUs: 300 } };
    expect(run(programs).digest()).toBe(run(programs).digest());
  });
});

describe('the book, from a program', () => {
  it('a path that leads nowhere is a fault, and the thread stops; the system goes on', () => {
    const steps: string[] = [];
    const system = run({
      p: {
        code: () =>
          function* (t: ThreadContext) {
            steps.push('before');
            yield t.call(1 << 20, tag(0, 0));
            steps.push('after');
          },
      },
    });
    expect(steps).toEqual(['before']);
    expect(system.panic).toBeNull();
  });
  it('blocks anywhere: two talk through an endpoint that they made of their own memory', () => {
    const said: string[] = [];
    const [ENDPOINT, REPLY] = [1000, 1001];
    run({
      server: {
        priority: 12,
        memoryBits: 12,
        code: (_calls, { untyped, cnode }) =>
          function* (t: ThreadContext) {
            for (const [type, slot] of [
              [objects.ENDPOINT, ENDPOINT],
              [objects.REPLY, REPLY],
            ] as const) {
              [type, 0, 0, 0, slot, 1].forEach((word, i) => void t.setWord(i, word));
              t.setCapability(0, cnode);
              yield t.call(untyped, message.messageTag(labels.UNTYPED_RETYPE, 0, 1, 6));
              said.push(`made: ${t.label}`);
            }
            yield t.receive(ENDPOINT, REPLY);
            for (;;) {
              t.setWord(0, t.word(0) * 2);
              yield t.replyReceive(ENDPOINT, tag(0, 1), REPLY);
            }
          },
      },
      client: {
        code: () =>
          function* (t: ThreadContext) {
            for (const word of [3, 4]) {
              t.setWord(0, word);
              yield t.call(ENDPOINT, tag(0, 1));
              said.push(`twice ${word} is ${t.word(0)}`);
            }
          },
      },
    });
    expect(said).toEqual(['made: 0', 'made: 0', 'twice 3 is 6', 'twice 4 is 8']);
  });
  it('its scheduling context may be given more, by whoever holds the control of them', () => {
    const heard: number[] = [];
    const system = run({
      p: {
        budgetUs: 100,
        periodUs: 1000,
        schedControl: true,
        code: (_calls, { schedControl, schedContext }) =>
          function* (t: ThreadContext) {
            [1_000_000, 2_600_000, 0, 0, 0].forEach((word, i) => void t.setWord(i, word));
            t.setCapability(0, schedContext);
            yield t.call(schedControl, message.messageTag(coreLabels.SCHED_CONTROL_CONFIGURE_FLAGS, 0, 1, 5));
            heard.push(t.label);
            for (;;) yield t.spend(500);
          },
      },
    });
    expect(heard).toEqual([0]);
    expect(cyclesOf(system, 'p') / system.clock.now).toBeGreaterThan(0.35);
  });
  it('an invocation with too few words is refused by number', () => {
    const heard: number[] = [];
    let own = 0;
    const system = assemble(
      describeWith({
        p: {
          code: () =>
            function* (t: ThreadContext) {
              yield t.call(own, tag(labels.UNTYPED_RETYPE, 0));
              heard.push(t.label);
            },
        },
      }),
    );
    const { kernel } = system;
    const domain = kernel.domains.find(({ name }) => name === 'programs')!;
    const untyped = kernel.spaces.make(domain, objects.UNTYPED, 14, 1);
    own = untyped;
    system.runUntil(NEVER);
    expect(heard).toEqual([-errors.TRUNCATED_MESSAGE]);
  });
});

describe('what is wrong with programs', () => {
  const mistakes = (one: Partial<ProgramDescription>, rest: Partial<Description> = {}): string => {
    try {
      assemble(describeWith({ p: { code: () => function* () {}, ...one } }, rest));
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  it.each([
    [{ domain: 'kernel' }, 'which is no user domain'],
    [{ domain: 'nowhere' }, 'which is no user domain'],
    [{ priority: 0 }, 'has priority 0'],
    [{ priority: 250 }, 'use a whole number from 1 to 249'],
    [{ budgetUs: 11, periodUs: 10 }, 'the first not above the second'],
    [{ calls: { x: 'adder' } }, "'adder' provides adding"],
    [{ calls: { x: 'nobody.adding' } }, 'write component.port'],
  ] as const)('%j is told', (one, line) => {
    expect(mistakes(one)).toContain(line);
  });
});
