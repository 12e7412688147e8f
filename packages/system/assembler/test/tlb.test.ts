import { createProfile, type Profile, profileNames } from '@bulkhead/costs';
import { beforeEach, describe, expect, it } from 'vitest';
import { assemble } from '../src/index.ts';
import { script, toySystem } from './toy.ts';

beforeEach(() => {
  script.client = ({ toy }) => {
    for (let i = 0; i < 20; i++) toy['add']!(i, i);
  };
  script.server = () => {};
});

function missesUnder(profile: Profile): number {
  const system = assemble(toySystem('both outside'), { profile });
  system.runUntil(10_000_000);
  return system.board.mmu.missCount;
}
const profileOf = (name: string): Profile => {
  const made = createProfile(name);
  if (!made.ok) throw new Error(made.error);
  return made.value;
};

describe('the TLB of a machine is that of its profile', () => {
  it.each(profileNames)('%s can be built', (name) => {
    expect(missesUnder(profileOf(name))).toBeGreaterThan(0);
  });
  it('entries and ways are passed on: the same entries in more ways conflict less', () => {
    const haswell = profileOf('haswell');
    const [direct, fourWays, more] = [
      { tlbEntries: 64, tlbWays: 1 },
      { tlbEntries: 64, tlbWays: 4 },
      { tlbEntries: 1536, tlbWays: 12 },
    ].map((geometry) => missesUnder({ ...haswell, ...geometry }));
    expect(direct).toBeGreaterThan(fourWays!);
    expect(more).toBe(fourWays);
  });
});
