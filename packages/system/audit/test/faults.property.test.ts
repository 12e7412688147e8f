import type { Description } from '@bulkhead/assembler';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Audit, type AuditEdge, auditDescription, containment, type Effect } from '../src/index.ts';
import { type Fault, healthy, KINDS, outcomeOf, type Seen } from './faults.ts';
import { SHAPES } from './systems.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const RUNS: number = 60 * EFFORT;
const HIGHEST_BIT = 30;

/** What is corrupted may do anything some time: it falls, too, or does not answer, or spoils what it passes on. */
const COVERED: Readonly<Partial<Record<Effect, readonly Effect[]>>> = {
  falls: ['falls', 'corrupted'],
  corrupted: ['corrupted'],
  'data corrupted': ['data corrupted', 'corrupted'],
  stalled: ['stalled', 'corrupted'],
};
/** Whoever only keeps the hart, or spoils what it was to write, has written nothing else. */
const STRICT: Readonly<Partial<Record<Fault['kind'], Effect>>> = { spins: 'stalled', spoils: 'data corrupted' };
const coveredBy = ({ kind }: Fault, { effect }: Seen): readonly Effect[] =>
  STRICT[kind] === effect ? [effect] : COVERED[effect]!;

function isForetold(audit: Audit, fault: Fault, seen: Seen): boolean {
  const { components, cells } = containment(audit);
  const row = cells[components.indexOf(fault.component)]!;
  const covered = coveredBy(fault, seen);
  return seen.oneOf.some((name) =>
    row[components.indexOf(name)]!.findings.some(({ effect }) => covered.includes(effect)),
  );
}

/** Whoever is busy gets most of the faults. */
const BUSY = ['nic-driver', 'net-stack', 'web-server'];
const FAULTS: fc.Arbitrary<Fault> = fc.constantFrom(...SHAPES).chain((description: Description) =>
  fc.record({
    description: fc.constant(description),
    component: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(...BUSY) },
      { weight: 1, arbitrary: fc.constantFrom(...description.components.map(({ name }) => name)) },
    ),
    kind: fc.constantFrom(...KINDS),
    bit: fc.nat(HIGHEST_BIT),
    afterFrames: fc.constantFrom(-1, 0, 1, 10),
  }),
);

/** Predictions that are wrong: walls where none are, memory that is nobody's, data that nobody shares, time without end. */
const WRONG: Readonly<Partial<Record<Effect, (audit: Audit) => Audit>>> = {
  falls: (audit) => ({
    ...without(audit, 'holds-state-of'),
    nodes: audit.nodes.map((one) => (one.kind === 'component' ? { ...one, domain: one.id } : one)),
  }),
  corrupted: (audit) => without(audit, 'holds-state-of'),
  'data corrupted': (audit) => without(audit, 'carries-data-of'),
  stalled: (audit) => ({
    ...audit,
    nodes: audit.nodes.map((one) => ({ ...one, budget: { budgetUs: 1000, periodUs: 2000 } })),
  }),
};
const without = (audit: Audit, dropped: AuditEdge['verb']): Audit => ({
  ...audit,
  edges: audit.edges.filter(({ verb }) => verb !== dropped),
});

describe('a broken pointer, a stray store, words that are read wrong, data that is spoilt, or a handler that does not end', () => {
  const ends: Record<Fault['kind'], number> = { stores: 0, strays: 0, loads: 0, spoils: 0, spins: 0 };
  const all: (readonly [Fault, Seen])[] = [];

  it('in any component of any system does to others only what was foretold', () => {
    fc.assert(
      fc.property(FAULTS, (fault) => {
        const outcome = outcomeOf(fault);
        ends[fault.kind] += outcome.ends;
        for (const seen of outcome.seen) {
          all.push([fault, seen]);
          const { component } = fault;
          const foretold = isForetold(auditDescription(fault.description), fault, seen);
          expect([component, seen, foretold]).toEqual([component, seen, true]);
        }
      }),
      { numRuns: RUNS, seed: 3 },
    );
    // A campaign in which nothing ever ends shows nothing.
    expect(Math.min(ends.stores, ends.loads)).toBeGreaterThan(0);
  });
  it.each(Object.entries(WRONG))('would contradict an audit that is wrong about what %s', (effect, wrong) => {
    const contradictions = all.filter(
      ([fault, seen]) => seen.effect === effect && !isForetold(wrong(auditDescription(fault.description)), fault, seen),
    );
    expect(contradictions.length).toBeGreaterThan(0);
  });
  it('meets nobody in a system without faults: all run, and all answers are right', () => {
    for (const description of SHAPES) expect([description.name, healthy(description)]).toEqual([description.name, []]);
  });
});
