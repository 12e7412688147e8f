import { checkDescription, type Description } from '@bulkhead/assembler';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTROL, chainsFrom, controlThen } from '../src/chain.ts';
import { type Audit, auditDescription, containment } from '../src/index.ts';
import { hybrid, multiserver } from './systems.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const RUNS: number = 30 * EFFORT;
const DOMAINS = ['kernel', 'one', 'two', 'three', 'four', 'five'];

/** The components of one system with walls anywhere that the assembler accepts. */
const SYSTEMS: fc.Arbitrary<Description> = fc
  .record({
    places: fc.array(fc.constantFrom(...DOMAINS), { minLength: 6, maxLength: 6 }),
    iommu: fc.constantFrom('bare' as const, 'translating' as const),
  })
  .map(({ places, iommu }) => placed(places, iommu))
  .filter((description) => checkDescription(description).length === 0);

function placed(places: readonly string[], iommu: Description['iommu']): Description {
  const { supervised: _supervised, ...rest } = multiserver;
  const { supervisor: _child, ...authority } = multiserver.authority;
  const domains: Record<string, string[]> = { kernel: [] };
  const levels: Record<string, number> = {};
  rest.components.forEach(({ name }, index) => {
    const domain = places[index]!;
    domains[domain] = [...(domains[domain] ?? []), name];
    if (domain !== 'kernel' && domains[domain]!.length > 1) levels[domain] = levelIn(domains[domain]!);
  });
  return { ...rest, domains, levels, authority, iommu, supervised: [] };
}
const levelIn = (names: readonly string[]): number =>
  Math.max(...multiserver.components.filter(({ name }) => names.includes(name)).map(({ level }) => level));

/** Whatever a step of control leads to, again and again, until nothing is added. */
function reference(audit: Audit, from: string): Set<string> {
  const reached = new Set([from]);
  for (let size = 0; size !== reached.size; ) {
    size = reached.size;
    for (const { from: start, verb, to } of audit.edges)
      if (CONTROL.includes(verb) && reached.has(start)) reached.add(to);
  }
  reached.delete(from);
  return reached;
}

describe('chains', () => {
  it('lead exactly to what a slow search finds, each step from where the last one ended', () => {
    fc.assert(
      fc.property(SYSTEMS, (description) => {
        const audit = auditDescription(description);
        for (const { id } of audit.nodes.filter(({ kind }) => kind === 'component')) {
          const chains = chainsFrom(audit, id, controlThen());
          expect([...chains.keys()].sort()).toEqual([...reference(audit, id)].sort());
          for (const [to, chain] of chains) {
            expect([chain[0]!.from, chain.at(-1)!.to]).toEqual([id, to]);
            chain.slice(1).forEach((next, i) => void expect(next.from).toBe(chain[i]!.to));
          }
        }
      }),
      { numRuns: RUNS, seed: 5 },
    );
  });
});

describe('walls anywhere', () => {
  it('keep everybody outside the kernel from it, but who has the IOMMU, or a device without one', () => {
    fc.assert(
      fc.property(SYSTEMS, (description) => {
        const audit = auditDescription(description);
        const holder = Object.values(description.domains).find((members) => members.includes('iommu-driver'))!;
        const home = Object.keys(description.domains).find((name) =>
          description.domains[name]!.includes('nic-driver'),
        )!;
        // What the card may be made to reach is what its driver's domain holds.
        const opens = description.iommu === 'bare' || home === 'kernel' || description.domains[home] === holder;
        for (const { id, domain } of audit.nodes.filter(({ kind }) => kind === 'component')) {
          const reaches = chainsFrom(audit, id, controlThen()).has('kernel memory');
          const mates = description.domains[domain!] ?? [];
          const programs = mates.some((name) => ['nic-driver', 'pci-bus-driver'].includes(name));
          expect([id, reaches]).toEqual([id, domain === 'kernel' || mates === holder || (programs && opens)]);
        }
      }),
      { numRuns: RUNS, seed: 5 },
    );
  });
  it('a wall more is never worse: with the driver outside, nobody is harmed by it more than with it inside', () => {
    const order = ['untouched', 'notices', 'stalled', 'data corrupted', 'corrupted', 'falls'];
    const { 'nic-driver': _own, ...others } = hybrid.domains;
    const domains = { ...others, kernel: [...hybrid.domains['kernel']!, 'nic-driver'] };
    const inside = containment(auditDescription({ ...hybrid, domains, supervised: [] }));
    const outside = containment(auditDescription(hybrid));
    for (const [c, { effect }] of outside.cells[2]!.entries())
      expect(order.indexOf(effect)).toBeLessThanOrEqual(order.indexOf(inside.cells[2]![c]!.effect));
  });
});
