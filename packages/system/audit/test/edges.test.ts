import type { Description } from '@bulkhead/assembler';
import { describe, expect, it } from 'vitest';
import { auditDescription } from '../src/index.ts';
import { ATTACKS, type Attack, shownBy } from '../src/showing.ts';
import { keyOf, Siege } from './edges/evidence.ts';
import * as lives from './edges/lives.ts';
import * as machine from './edges/machine.ts';
import * as memory from './edges/memory.ts';
import * as messages from './edges/messages.ts';
import { breaches } from './edges/refusals.ts';
import { exokernelTwo, multiserver, multiserverBare, SHAPES } from './systems.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Where attacks without an edge are tried; those along edges are run in every shape at every effort. */
const SAMPLED: readonly Description[] = EFFORT > 1 ? SHAPES : [multiserver, exokernelTwo];

/** Every attack on one system, those that leave it whole first. */
function besieged(description: Description): Siege {
  const siege = new Siege(description);
  for (const name of siege.names) {
    memory.load(siege, name);
    memory.store(siege, name);
  }
  memory.exchange(siege);
  messages.attack(siege);
  machine.attack(siege);
  lives.attack(siege);
  return siege;
}

const used = new Set<Attack>();

describe.each(SHAPES)('the edges of $name', (description) => {
  const audit = auditDescription(description);
  const showings = shownBy(audit);

  it('are each either said to be shown by an attack, or not and why', () => {
    expect(showings.map(({ edge }) => edge)).toEqual(audit.edges);
    for (const showing of showings) {
      if (showing.shown) expect(Object.keys(ATTACKS)).toContain(showing.attack);
      else expect(showing.reason).toMatch(/^.{40,}$/);
    }
  });
  it('are shown by exactly the attacks that are said to, and nothing is shown that is no edge', () => {
    const said = showings.flatMap((one) => (one.shown ? [`${keyOf(one.edge)}: ${one.attack}`] : []));
    const { shown } = besieged(description);
    const seen = [...shown].flatMap(([key, attacks]) => [...attacks].map((attack) => `${key}: ${attack}`));
    expect([...new Set(seen)].sort()).toEqual([...new Set(said)].sort());
    for (const attacks of shown.values()) for (const attack of attacks) used.add(attack);
  });
});

describe('attacks where no edge is', () => {
  it.each(SAMPLED)('meet nothing in $name', (description) => {
    expect(breaches(new Siege(description), auditDescription(description))).toEqual([]);
  });
  it('find out an audit that lacks what there is', () => {
    const lacking = breaches(new Siege(multiserver), { ...auditDescription(multiserver), edges: [] });
    expect(lacking).toEqual(
      expect.arrayContaining([
        'domain supervisor ends domain nic-driver',
        'domain pci-bus-driver takes interrupt file',
        expect.stringMatching(/^domain [\w-]+ reads /),
      ]),
    );
    const believed = breaches(new Siege(multiserverBare), auditDescription(multiserver));
    expect(believed).toEqual(
      expect.arrayContaining(['NIC dma-reads heap of web-server', 'NIC dma-writes heap of web-server']),
    );
  });
});

describe('a system without components', () => {
  it('has devices and memory, and nobody who could show what they do', () => {
    const empty = { components: [], domains: { kernel: [] }, connections: [], authority: {}, supervised: [] };
    const audit = auditDescription({ ...multiserver, ...empty, config: () => ({}) });
    expect(audit.edges.length).toBeGreaterThan(10);
    expect(shownBy(audit).filter(({ shown }) => shown)).toEqual([]);
  });
});

describe('the attacks', () => {
  it('each show an edge in some system; a hog shows what the matrix says, where the verb stands', () => {
    expect([...used, 'hog'].sort()).toEqual(Object.keys(ATTACKS).sort());
  });
});
