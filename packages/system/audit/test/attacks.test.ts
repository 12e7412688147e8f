import type { Description } from '@bulkhead/assembler';
import { describe, expect, it } from 'vitest';
import { auditDescription, containment } from '../src/index.ts';
import { type Harm, harmBy } from './attacks.ts';
import { multiserver, multiserverBare, SHAPES } from './systems.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Where everybody attacks; elsewhere, at effort 1, the NIC driver does. */
const FULL: readonly Description[] = EFFORT > 1 ? SHAPES : [multiserver];

/** Foretold harm that no attack here does, and why. */
const NOT_SHOWN: readonly {
  readonly systems: readonly Description[];
  readonly by: string;
  readonly harm: Harm;
  readonly why: string;
}[] = [
  {
    systems: [multiserver, multiserverBare],
    by: 'net-stack',
    harm: 'nic-driver: falls',
    why: 'the driver loses the packet pool, and never touches it: only its device does',
  },
];

function foretoldBy(description: Description, name: string): Set<Harm> {
  const { components, cells } = containment(auditDescription(description));
  const others = cells[components.indexOf(name)]!.filter(({ affected }) => affected !== name);
  return new Set(
    others.flatMap(({ affected, findings }) => findings.map(({ effect }): Harm => `${affected}: ${effect}`)),
  );
}

describe.each(SHAPES)('attacks in $name', (description) => {
  const names = description.components.map(({ name }) => name);
  it.each(FULL.includes(description) ? names : ['nic-driver'])(
    'by %s do what was foretold, and nothing else',
    (name) => {
      const foretold = foretoldBy(description, name);
      const harm = harmBy(description, name);
      const missing = NOT_SHOWN.filter(({ systems, by }) => systems.includes(description) && by === name);
      for (const one of missing) {
        expect(foretold).toContain(one.harm);
        foretold.delete(one.harm);
      }
      expect([...harm].sort()).toEqual([...foretold].sort());
    },
  );
});
