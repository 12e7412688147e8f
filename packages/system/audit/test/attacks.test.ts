import type { Description } from '@bulkhead/assembler';
import { describe, expect, it } from 'vitest';
import { auditDescription, containment } from '../src/index.ts';
import { type Harm, harmBy } from './attacks.ts';
import { multiserver, SHAPES } from './systems.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Where everybody attacks; elsewhere, at effort 1, the NIC driver does. */
const FULL: readonly Description[] = EFFORT > 1 ? SHAPES : [multiserver];

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
      expect([...harm].sort()).toEqual([...foretold].sort());
    },
  );
});
