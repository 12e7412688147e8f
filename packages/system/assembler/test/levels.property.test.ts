import { QUEUE_FULL } from '@bulkhead/abi';
import { Chance, NEVER } from '@bulkhead/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, checkDescription, type Description, type System } from '../src/index.ts';
import { apart, type Self, Stage } from './stage.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Who starts first among equals depends on where they stand. */
const DISTINCT = [10, 15, 20, 30, 40, 50];
const EQUALS = [10, 20, 20, 30, 30, 50];
const SCRIPTS = 8;

interface Node {
  readonly name: string;
  readonly level: number;
  readonly servers: readonly string[];
}
type Step = readonly [kind: 'ask' | 'tell' | 'report' | 'spend', which: number, script: number];
interface Plot {
  readonly nodes: readonly Node[];
  readonly scripts: readonly (readonly Step[])[];
  /** What each component begins with, and what its alarm does, after so many microseconds (0: it has none). */
  readonly openings: readonly number[];
  readonly alarmsUs: readonly number[];
}

/** Four to six components, connections upward at random, scripts at random. */
function plotOf(chance: Chance, alarms: boolean): Plot {
  const count = 4 + chance.below(3);
  const levels = (alarms ? EQUALS : DISTINCT).slice(0, count);
  const nodes = levels.map((level, i): Node => {
    const above = levels.flatMap((other, j) => (other > level ? [`n${j}`] : []));
    const servers = above.filter(() => chance.below(3) > 0);
    return { name: `n${i}`, level, servers };
  });
  const kinds = ['ask', 'ask', 'tell', 'tell', 'report', 'report', 'spend'] as const;
  const scripts = Array.from({ length: SCRIPTS }, () =>
    Array.from(
      { length: 1 + chance.below(3) },
      (): Step => [kinds[chance.below(kinds.length)]!, chance.below(16), chance.below(SCRIPTS)],
    ),
  );
  return {
    nodes,
    scripts,
    openings: nodes.map(() => chance.below(SCRIPTS)),
    alarmsUs: nodes.map(() => (alarms ? 1 + chance.below(60) : 0)),
  };
}

/** One performance: what each component saw, and what went over each connection. */
class Performance {
  readonly stage: Stage = new Stage();
  readonly seen: Record<string, string[]> = {};
  readonly sent = new Map<string, number[]>();
  readonly arrived = new Map<string, number[]>();
  readonly refusals: number[] = [];
  readonly violations: string[] = [];
  readonly #stack: Node[] = [];
  readonly #sequence = new Map<string, number>();
  readonly #plot: Plot;

  constructor(plot: Plot) {
    this.#plot = plot;
    for (const node of plot.nodes) this.#add(node);
  }
  #add(node: Node): void {
    const index = this.#plot.nodes.indexOf(node);
    const saw = (line: string): void => void this.seen[node.name]!.push(line);
    this.seen[node.name] = [];
    this.stage.actor(
      node.name,
      { level: node.level, servers: node.servers },
      {
        start: (self) =>
          this.#on(node, () => {
            if (this.#plot.alarmsUs[index]! > 0) self.kernel['setAlarm']!(1, this.#plot.alarmsUs[index]!);
            this.#act(self, node, -1, this.#plot.openings[index]!);
          }),
        token: (self) => this.#on(node, () => void this.#act(self, node, -1, this.#plot.openings[index]!)),
        ask: (self, from, script, sequence) =>
          this.#on(node, () => {
            this.#note(this.arrived, `n${from}>${node.name}`, sequence);
            const answer = this.#act(self, node, from, script);
            self.context.answer[1] = answer ^ 0x55;
            saw(`${from} asks ${script} #${sequence}: ${answer}`);
            return answer;
          }),
        tell: (self, from, script, sequence) =>
          this.#on(node, () => {
            this.#note(this.arrived, `n${from}>${node.name}`, sequence);
            this.#act(self, node, from, script);
          }),
        report: (self, server, x, sequence) =>
          this.#on(node, () => {
            this.#note(this.arrived, `${server}<${node.name}`, sequence);
            for (let i = 0; i < x % 3; i++) self.context.work.spend(self.context.work.id('step'));
          }),
        settle: () => this.#on(node, () => {}),
      },
    );
  }
  /** Levels rise strictly up the host's stack; so nobody is entered twice. `settle` runs inside its own handler's turn. */
  #on<T>(node: Node, what: () => T): T {
    const below = this.#stack.at(-1);
    if (below !== undefined && below.level >= node.level) this.violations.push(`${node.name} on ${below.name}`);
    this.#stack.push(node);
    const result = what();
    this.#stack.pop();
    return result;
  }
  #note(into: Map<string, number[]>, connection: string, sequence: number): void {
    const list = into.get(connection) ?? [];
    into.set(connection, list);
    list.push(sequence);
  }
  #next(connection: string): number {
    const next = (this.#sequence.get(connection) ?? 0) + 1;
    this.#sequence.set(connection, next);
    return next;
  }
  #act(self: Self, node: Node, from: number, script: number): number {
    let sum = script;
    for (const [kind, which, next] of this.#plot.scripts[script]!) {
      if (kind === 'spend') self.context.work.spendMany(self.context.work.id('step'), which);
      else if (kind === 'report') this.#report(self, node, from, next);
      else sum = (sum * 31 + this.#up(self, node, kind, which, next)) & 0xfffff;
    }
    return sum;
  }
  #up(self: Self, node: Node, kind: 'ask' | 'tell', which: number, script: number): number {
    const server = node.servers[which % Math.max(1, node.servers.length)];
    if (server === undefined) return 0;
    const connection = `${node.name}>${server}`;
    const sequence = this.#next(connection);
    const result = self.ports[server]![kind]!(script, sequence);
    if (result >= 0) this.#note(this.sent, connection, sequence);
    else this.refusals.push(result);
    if (kind === 'ask') this.seen[node.name]!.push(`${server} answers ${result} ${self.context.answer[1]}`);
    return kind === 'ask' ? result : 0;
  }
  #report(self: Self, node: Node, from: number, x: number): void {
    const client = this.#plot.nodes[from];
    if (client === undefined) return;
    const connection = `${node.name}<${client.name}`;
    const sequence = this.#next(connection);
    const result = self.ports['talk']!['report']!(from, x, sequence);
    if (result >= 0) this.#note(this.sent, connection, sequence);
    else this.refusals.push(result);
  }
}

/** A random set in the kernel; with a component go all whom it calls. The others stand apart. */
function placement({ nodes }: Plot, chance: Chance): Record<string, readonly string[]> {
  const inside = new Set<string>();
  const enter = (name: string): void => {
    inside.add(name);
    for (const server of nodes.find((node) => node.name === name)!.servers) enter(server);
  };
  for (const { name } of nodes) if (chance.below(3) === 0) enter(name);
  const outside = nodes.map(({ name }) => name).filter((name) => !inside.has(name));
  return { ...apart(...outside), kernel: [...inside] };
}

/** Some of those who stand apart share a domain: one thread. The domains as they are when the rules of levels forbid it. */
function oneThread({ nodes }: Plot, domains: Description['domains'], chance: Chance): Walls {
  const members = nodes.filter(({ name }) => domains[name] !== undefined && chance.below(2) === 0);
  if (members.length < 2) return { domains };
  const names = members.map(({ name }) => name);
  const others = Object.entries(domains).filter(([domain]) => !names.includes(domain));
  const walls: Walls = {
    domains: { ...Object.fromEntries(others), together: names },
    levels: { together: Math.max(...members.map(({ level }) => level)) },
  };
  const { stage } = new Performance({ ...plotOf(chance, false), nodes });
  return checkDescription(stage.description(walls.domains, walls)).length === 0 ? walls : { domains };
}
type Walls = Pick<Description, 'domains'> & Partial<Pick<Description, 'levels'>>;

function perform(
  plot: Plot,
  domains: Description['domains'],
  rest: Partial<Description> = {},
): { performance: Performance; system: System } {
  const performance = new Performance(plot);
  const system = assemble(performance.stage.description(domains, rest));
  expect(system.runUntil(NEVER)).toBe('dead-quiet');
  return { performance, system };
}
const count = ({ ledger }: System, name: string): number =>
  ledger.countOf(ledger.primitives.findIndex((p) => p.name === name));

/** What holds in every system, whatever it is made of. */
function lawful({ performance, system }: ReturnType<typeof perform>): void {
  expect(performance.violations).toEqual([]);
  expect(system.faults).toEqual([]);
  expect(performance.refusals.filter((refusal) => refusal !== QUEUE_FULL)).toEqual([]);
  // An order that is kept is a list of numbers that only rise; a list that is the sender's own lost nothing.
  for (const [connection, sent] of performance.sent) {
    const arrived = performance.arrived.get(connection) ?? [];
    expect([connection, ...arrived]).toEqual([connection, ...[...sent].sort((x, y) => x - y)]);
  }
  expect([...performance.arrived.keys()].every((connection) => performance.sent.has(connection))).toBe(true);
  expect(system.ledger.totalCycles()).toBe(system.clock.now);
  expect(count(system, 'kernel-entry-exit') + count(system, 'interrupt-entry')).toBe(system.board.hart.trapCount);
  expect(count(system, 'address-space-switch')).toBe(system.board.hart.satpWriteCount - 1);
  expect(count(system, 'tlb-refill')).toBe(system.board.mmu.missCount);
}

describe('random components in random domains', () => {
  it('levels rise strictly, order is kept, nothing is lost, the ledger is true, and everybody sees the same calls', () => {
    let seen = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chance = new Chance(seed);
        const plot = plotOf(chance, false);
        const names = plot.nodes.map(({ name }) => name);
        const one = perform(plot, { kernel: names });
        lawful(one);
        seen += Object.values(one.performance.seen).flat().length;
        for (const domains of [apart(...names), placement(plot, chance)]) {
          const other = perform(plot, domains);
          lawful(other);
          expect(other.performance.seen).toEqual(one.performance.seen);
        }
      }),
      { numRuns: 10 * EFFORT },
    );
    expect(seen).toBeGreaterThan(0);
  });
  it('the same where several share one thread outside the kernel', () => {
    let threads = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chance = new Chance(seed);
        const plot = plotOf(chance, false);
        const one = perform(plot, { kernel: plot.nodes.map(({ name }) => name) });
        const walls = oneThread(plot, placement(plot, chance), chance);
        const other = perform(plot, walls.domains, walls);
        lawful(other);
        expect(other.performance.seen).toEqual(one.performance.seen);
        if (walls.levels !== undefined) threads++;
      }),
      { numRuns: 30 * EFFORT },
    );
    expect(threads).toBeGreaterThan(0);
  });
  it('the same, with alarms that interrupt them', () => {
    let interrupts = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chance = new Chance(seed);
        const plot = plotOf(chance, true);
        const walls = oneThread(plot, placement(plot, chance), chance);
        const played = perform(plot, walls.domains, walls);
        lawful(played);
        interrupts += count(played.system, 'interrupt-entry');
      }),
      { numRuns: 25 * EFFORT },
    );
    expect(interrupts).toBeGreaterThan(0);
  });
  it('the same description and script give the same digest, twice', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const digests = [1, 2].map(() => {
          const chance = new Chance(seed);
          const plot = plotOf(chance, true);
          return perform(plot, placement(plot, chance)).system.digest();
        });
        expect(digests[0]).toBe(digests[1]);
      }),
      { numRuns: 5 * EFFORT },
    );
  });
});
