/**
 * The prices against the published table, typed here from its sources a second time, row by row: a price that moves
 * must be moved in two places, by somebody who has looked at the source again.
 */
import { describe, expect, it } from 'vitest';
import type { Certainty, Evidence } from '../src/index.ts';
import { constantOf, profileNames } from '../src/index.ts';
import { profileOf } from './profiles.ts';

const COLUMNS = ['lecture', 'haswell', 'skylake', 'icelake', 'neoverse-n1', 'u54'] as const;

/** Certainty and evidence by two letters: Calibrated, Derived, Assumed; Read, Second-hand, from Memory, None. */
const CERTAINTY: Readonly<Record<string, Certainty>> = { C: 'calibrated', D: 'derived', A: 'assumed' };
const EVIDENCE: Readonly<Record<string, Evidence>> = { R: 'read', S: 'second-hand', M: 'from-memory', N: 'none' };

const TABLE: readonly (readonly [name: string, cycles: readonly number[], tags: string])[] = [
  ['kernel-entry-exit', [106, 140, 82 + 2 * 26 + 75, 160, 142, 107 + 199], 'CR CR DS CS CS DM'],
  ['register-save', [40, 97, 80, 40, 14, 60], 'AN DS AN AN DS AN'],
  ['address-space-switch', [170, 130, 186, 160, 399 - 257, 146], 'CR CR CS AN DS CM'],
  ['ipc-path', [0, 98, 98, 98, 257 - 142, 212], 'CR CM CM DM DS CM'],
  ['ipc-slow-path', [489, 649 - 160, 489, 489, 575, 1060], 'AN DS DS DS AN AN'],
  ['cap-lookup', [30, 68, 48, 48, 48, 68], 'AN DM AN AN AN AN'],
  ['page-map', [600, 588, 588, 588, 588, 588], 'AN DM DM DM DM AN'],
  ['page-unmap', [450, 438, 438, 438, 438, 438], 'AN DM DM DM DM AN'],
  ['tlb-refill', [30, 23, 23, 25, 20, 40], 'AN DS AS AN AN AN'],
  ['tlb-invalidate-page', [100, 120, 350, 200, 100, 50], 'AN AN CS AN AN AN'],
  ['copy-line', [60, 12, 8, 8, 10, 40], 'AN AN AS AN AN AN'],
  ['interrupt-entry', [1000, 607, 600, 600, 500, 500], 'AN CR AN AN AN AN'],
  ['interrupt-acknowledge', [200, 127, 127, 127, 20, 50], 'AN DS DS DS AN AN'],
  ['mmio-read', [2000, 1.0 * 2600, 0.8 * 4000, 0.8 * 2900, 0.8 * 3000, 0.3 * 1500], 'AN AS AS AS AS AN'],
  ['mmio-write', [200, 0.1 * 2600, 0.1 * 4000, 0.1 * 2900, 0.1 * 3000, 50], 'AN AS AS AS AS AN'],
  ['iommu-driver.map', [600, 588, 588, 588, 588, 588], 'AN DM DM DM DM AN'],
  ['iommu-driver.unmap', [450, 438, 438, 438, 438, 438], 'AN DM DM DM DM AN'],
  ['iommu-driver.invalidate', [2130, 2127, 2127, 2127, 1500, 750], 'AN DS DS DS AN AN'],
  ['nic-driver.rx-frame', [47, 47, 47, 47, 47, 47], 'DR DR DR DR DR DR'],
];

describe.each(COLUMNS.map((name, column) => [name, column] as const))('the column of %s', (name, column) => {
  const profile = profileOf(name);

  it.each(TABLE)('has the published %s', (primitive, cycles) => {
    expect(constantOf(profile, primitive).cycles).toBe(Math.round(cycles[column]!));
  });
  it.each(TABLE)('says of %s how far it is to be trusted', (primitive, _, tags) => {
    const [certainty, evidence] = tags.split(' ')[column]!;
    expect(constantOf(profile, primitive)).toMatchObject({
      certainty: CERTAINTY[certainty!],
      evidence: EVIDENCE[evidence!],
    });
  });
});

/** Entries and ways of the larger level: of pages of 4 KiB. */
const TLBS: readonly (readonly [machine: string, entries: number, ways: number])[] = [
  ['lecture', 64, 4],
  ['haswell', 1024, 8],
  ['skylake', 1536, 12],
  ['icelake', 2048, 16],
  ['neoverse-n1', 1280, 5],
  ['u54', 128, 4],
  ['lecture-p4', 64, 4],
  ['skylake-kpti', 1536, 12],
];
it.each(TLBS)('the TLB of %s has %d entries in %d ways, and a power of two of sets', (name, entries, ways) => {
  const { tlbEntries, tlbWays } = profileOf(name);
  expect([tlbEntries, tlbWays]).toEqual([entries, ways]);
  expect((tlbEntries / tlbWays).toString(2)).toMatch(/^10*$/);
});
it('the TLB of every profile is typed here', () => {
  expect(TLBS.map(([name]) => name).sort()).toEqual([...profileNames].sort());
});

/** [machine, label, cycles, toCycles, tags] */
const REFERENCES: readonly (readonly [string, string, number, number | undefined, string])[] = [
  ['skylake', 'page-table isolation, beside one entry and exit', 431 - 181, undefined, 'DS'],
  ['icelake', 'page-table isolation, beside one entry and exit', 0, undefined, 'DN'],
  ['icelake', 'page-table switch with the refills that follow', 1128 - 649, 508, 'DS'],
  ['lecture', 'refill of the whole TLB', 864, undefined, 'AS'],
  ['haswell', 'refill of the whole TLB', (64 + 1024) * 23, undefined, 'DS'],
  ['skylake', 'refill of the whole TLB', (64 + 1536) * 23, undefined, 'AN'],
  ['icelake', 'refill of the whole TLB', (64 + 2048) * 25, undefined, 'AN'],
  ['neoverse-n1', 'refill of the whole TLB', (48 + 1280) * 20, undefined, 'AN'],
  ['u54', 'refill of the whole TLB', (32 + 128) * 40, undefined, 'AN'],
  ['haswell', 'floating-point state saved and restored', 216, 242, 'CS'],
  ['u54', 'floating-point state saved and restored', 75, 112, 'CR'],
  ['haswell', 'load to use, memory', 40 + Math.ceil(67 * 2.6), undefined, 'DS'],
  ['skylake', 'load to use, memory', 44 + 51 * 4, undefined, 'CM'],
  ['neoverse-n1', 'load to use, memory', 95 * 3, undefined, 'AN'],
  ['haswell', 'cache line moved between cores, one socket', 112, 133, 'CR'],
  ['haswell', 'cache line moved between cores, two sockets', 497, undefined, 'DR'],
  ['skylake', 'cache line moved between cores, one socket', 80, undefined, 'DR'],
  ['icelake', 'cache line moved between cores, one socket', 148, undefined, 'DR'],
  ['neoverse-n1', 'cache line moved between cores, one socket', 141, undefined, 'DR'],
  ['icelake', 'interrupt to another core, receiver', 500, 1000, 'DR'],
  ['u54', 'interrupt to another core, end to end', 1500, 2500, 'AM'],
  ['haswell', 'port output', 4213, undefined, 'CR'],
  ['neoverse-n1', 'IOTLB miss, seen by the device', 330 * 3, undefined, 'DM'],
  ['lecture', 'DMA read or write of 64 bytes, seen by the device', 800 * 2.4, undefined, 'AN'],
  ['skylake', 'DMA read or write of 64 bytes, seen by the device', 540 * 4, undefined, 'DM'],
  ['icelake', 'driver work a frame, alone', 388, 400, 'DR'],
  ['haswell', 'send path of a monolithic Linux, user to driver, one full frame', 2680, undefined, 'CS'],
  ['haswell', 'driver behind VMFUNC, call and reply with its generated interface', 502, undefined, 'CS'],
  ['u54', 'call between language domains', 124, undefined, 'DS'],
];

it.each(REFERENCES)('under %s stands beside the prices: %s', (name, label, cycles, toCycles, tags) => {
  const reference = profileOf(name).reference.find((candidate) => candidate.label === label);
  expect(reference).toMatchObject({ cycles, certainty: CERTAINTY[tags[0]!], evidence: EVIDENCE[tags[1]!] });
  expect(reference!.toCycles).toBe(toCycles);
});

describe('the variants differ in what they are about and in nothing else', () => {
  const changed = (name: string, base: string): string[] => {
    const [variant, original] = [profileOf(name), profileOf(base)];
    return Object.keys(variant.constants).filter(
      (key) => constantOf(variant, key).cycles !== constantOf(original, key).cycles,
    );
  };

  it('skylake-kpti: 250 cycles an entry and exit', () => {
    expect(changed('skylake-kpti', 'skylake')).toEqual(['kernel-entry-exit']);
    expect(constantOf(profileOf('skylake-kpti'), 'kernel-entry-exit').cycles).toBe(209 + 250);
  });
  it('lecture-p4: entry and exit 432 − 32, about 2000 for an IPC one way', () => {
    const { constants } = profileOf('lecture-p4');
    expect(constants['kernel-entry-exit'].cycles).toBe(432 - 32);
    const oneWay = ['kernel-entry-exit', 'register-save', 'address-space-switch', 'ipc-path'] as const;
    expect(oneWay.reduce((sum, part) => sum + constants[part].cycles, 0)).toBe(2000);
    expect(changed('lecture-p4', 'lecture').sort()).toEqual([
      'cap-lookup',
      'ipc-path',
      'ipc-slow-path',
      'kernel-entry-exit',
      'notification-signal',
      'notification-wait',
    ]);
  });
});
