import { CAUSES } from '@bulkhead/ledger';
import { describe, expect, it } from 'vitest';
import { asOn, inCycles } from '../src/constant.ts';
import { createProfile, PRIMITIVES, profileNames } from '../src/index.ts';
import { profileOf } from './profiles.ts';

describe('the table of primitives', () => {
  it('names each primitive once', () => {
    expect(new Set(PRIMITIVES.map(({ name }) => name)).size).toBe(PRIMITIVES.length);
  });
  it('gives each a cause of the ledger', () => {
    for (const { cause } of PRIMITIVES) expect(CAUSES).toContain(cause);
  });
  it('uses every cause', () => {
    expect(new Set(PRIMITIVES.map(({ cause }) => cause))).toEqual(new Set(CAUSES));
  });
});

describe.each(profileNames)('profile %s', (name) => {
  const profile = profileOf(name);

  it.each(PRIMITIVES.map((primitive) => primitive.name))('prices %s in whole cycles, with a source', (primitive) => {
    const { cycles, source, certainty, unit } = profile.constants[primitive];
    expect(Number.isSafeInteger(cycles) && cycles >= 0).toBe(true);
    expect(source.trim()).not.toBe('');
    expect(['calibrated', 'derived', 'assumed']).toContain(certainty);
    expect(unit).toBeTruthy();
  });
  it('prices nothing that is no primitive', () => {
    expect(Object.keys(profile.constants).sort()).toEqual(PRIMITIVES.map((primitive) => primitive.name).sort());
  });
  it('calls nothing calibrated for which nothing was published', () => {
    for (const constant of Object.values(profile.constants)) {
      if (constant.certainty === 'calibrated') expect(constant.evidence).not.toBe('none');
      if (constant.evidence === 'none' && constant.cycles > 1) expect(constant.certainty).toBe('assumed');
    }
  });
  it('prices idle time by the cycle', () => {
    expect(profile.constants.idle.cycles).toBe(1);
  });
  it('states a clock and a TLB', () => {
    expect(profile.cyclesPerSecond).toBeGreaterThan(1e9);
    expect(profile.tlbEntries).toBeGreaterThan(0);
    expect(profile.superpageEntries).toBeGreaterThan(0);
    expect(profile.machineSource).not.toBe('');
  });
});

describe('the lecture: one IPC, there and back', () => {
  const { constants, labels, taggedTlb } = profileOf('lecture');

  it('sums to 2 × (sysenter/sysexit 106 + reload CR3 170) = 552', () => {
    const parts = ['kernel-entry-exit', 'address-space-switch', 'ipc-path'] as const;
    expect(parts.map((part) => constants[part].cycles)).toEqual([106, 170, 0]);
    expect(2 * parts.reduce((sum, part) => sum + constants[part].cycles, 0)).toBe(552);
  });
  it('calls its parts by its own names', () => {
    expect(labels['kernel-entry-exit']).toBe('sysenter/sysexit');
    expect(labels['address-space-switch']).toBe('reload CR3');
  });
  it('flushes the TLB with a reload of CR3', () => {
    expect(taggedTlb).toBe(false);
  });
});

describe('another machine', () => {
  const published = { cycles: 7, source: 's', certainty: 'calibrated', evidence: 'read' } as const;

  it('lends a figure that is then derived, and says whose it is', () => {
    expect(asOn('haswell', published)).toEqual({ ...published, certainty: 'derived', source: 'as on haswell: s' });
  });
  it('makes no assumption better', () => {
    expect(asOn('haswell', { ...published, certainty: 'assumed' }).certainty).toBe('assumed');
  });
  it('lends time that the own clock scales', () => {
    const write = (name: string): number => profileOf(name).constants['mmio-write'].cycles;
    expect([write('haswell'), write('skylake'), write('icelake'), write('neoverse-n1')]).toEqual([260, 400, 290, 300]);
  });
});

describe('nanoseconds', () => {
  it('are scaled by the clock and rounded up', () => {
    const stated = { ns: 100, source: 'a source', certainty: 'assumed', evidence: 'none' } as const;
    expect(inCycles(stated, 2.6e9).cycles).toBe(260);
    expect(inCycles({ ...stated, ns: 1.1 }, 2e9).cycles).toBe(3);
    expect(inCycles(stated, 2.6e9).source).toContain('a source');
  });
  it('leave cycles alone', () => {
    const stated = { cycles: 7, source: 's', certainty: 'assumed', evidence: 'none' } as const;
    expect(inCycles(stated, 9e9)).toBe(stated);
  });
  it('make 2600 cycles of a register read of 1 µs at 2.6 GHz', () => {
    expect(profileOf('haswell').constants['mmio-read'].cycles).toBe(2600);
    expect(profileOf('haswell').constants['mmio-write'].cycles).toBe(260);
  });
});

it('refuses a profile that is not there', () => {
  for (const name of ['', 'pentium', 'constructor', '__proto__']) {
    expect(createProfile(name)).toEqual({ ok: false, error: 'unknown-profile' });
  }
});
