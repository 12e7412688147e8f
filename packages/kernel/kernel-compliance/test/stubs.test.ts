/** Kernels that do nothing and always answer the same: no clause may be content with that. */
import { describe, expect, it } from 'vitest';
import { ERRORS, FEATURES, type Feature, type Machine, runSuites, type Subject, suites } from '../src/index.ts';
import type { BootInfo } from '../src/subject.ts';
import { numbers } from './subject/numbers.ts';

const BOOT_INFO: BootInfo = {
  tcb: 1,
  cnode: 2,
  vspace: 3,
  irqControl: 4,
  asidControl: 5,
  asidPool: 6,
  ioSpaceControl: 8,
  domain: 11,
  schedContext: 14,
  schedControl: 16,
  empty: { start: 40, end: 4000 },
  untypeds: [
    { pointer: 20, paddr: 0, sizeBits: 24, isDevice: false },
    { pointer: 21, paddr: 2 ** 30, sizeBits: 30, isDevice: true },
  ],
};

/** One thread, which always runs; whatever it does, it finds this label and badge. */
const stub = (label: number, badge: number): Subject => ({
  name: `always ${label}`,
  features: new Set(Object.keys(FEATURES) as Feature[]),
  numbers,
  boot: (): Machine => ({
    current: 0,
    bootInfo: BOOT_INFO,
    perform: () => {},
    received: () => ({ label, length: 0, extraCaps: 0, capsUnwrapped: 0, badge, words: [], badges: [] }),
    elapse: () => {},
    interrupt: () => {},
    interruptDuring: () => {},
    quiet: () => {},
    access: () => 0,
    unknownSystemCall: () => {},
    userException: () => {},
    deviceAccess: () => 0,
  }),
});
const heldBy = (subject: Subject): string[] =>
  runSuites(subject, suites)
    .filter(({ verdict }) => verdict === 'held')
    .map(({ section, clause }) => `${section}: ${clause}`);

describe('a kernel that does nothing holds no clause', () => {
  it.each(ERRORS)('when it always answers %s', (error) => {
    expect(heldBy(stub(numbers.errors[error], 0))).toEqual([]);
  });
  it('when it always says yes, and finds the badge that the clause looks for', () => {
    const held = Array.from({ length: 12 }, (_, badge) => heldBy(stub(numbers.errors.NoError, badge + 1)));
    expect(held.flat()).toEqual([]);
  }, 60_000);
});
