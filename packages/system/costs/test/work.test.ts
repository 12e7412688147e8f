import { Clock } from '@bulkhead/clock';
import { Ledger } from '@bulkhead/ledger';
import { describe, expect, it } from 'vitest';
import {
  constantOf,
  createProfile,
  explainConstant,
  labelOf,
  PRIMITIVES,
  type Profile,
  priceOfWork,
  pricesOf,
  profileNames,
  workPrimitive,
} from '../src/index.ts';

const profiles: readonly Profile[] = profileNames.map((name) => {
  const made = createProfile(name);
  if (!made.ok) throw new Error(made.error);
  return made.value;
});
const lecture = profiles[0]!;

const PIECES = [
  ...['rx-frame', 'tx-frame', 'interrupt', 'init'].map((piece) => `nic-driver.${piece}`),
  ...['ethernet', 'arp', 'ip', 'icmp', 'udp', 'tcp-in', 'tcp-out', 'socket-call', 'timer'].map((p) => `net-stack.${p}`),
  ...['request', 'response', 'accept'].map((piece) => `web-server.${piece}`),
  'supervisor.restart',
  'iommu-driver.map',
  'pci-bus-driver.claim',
  'somebody-elses.piece',
];

describe.each(profiles)('work under $name', (profile) => {
  it.each(PIECES)('prices %s in whole cycles, with a source', (piece) => {
    const { cycles, source } = priceOfWork(profile, piece);
    expect(Number.isSafeInteger(cycles) && cycles > 0).toBe(true);
    expect(source).not.toBe('');
  });
});

describe('the split of the lean stack', () => {
  const sum = (...pieces: string[]): number =>
    pieces.reduce((total, piece) => total + priceOfWork(lecture, piece).cycles, 0);

  it.each([
    ['driver', 94, sum('nic-driver.rx-frame', 'nic-driver.tx-frame')],
    ['IP', 120, 2 * sum('net-stack.ip')],
    ['TCP', 810, sum('net-stack.tcp-in', 'net-stack.tcp-out')],
    ['sockets', 620, 2 * sum('net-stack.socket-call')],
    ['other', 370, 2 * sum('net-stack.ethernet')],
    ['application', 680, sum('web-server.request', 'web-server.response')],
  ])('gives %s its column for one reference request', (_, published, split) => {
    expect(split).toBe(published);
  });
  it('is marked as an assumption', () => {
    expect(priceOfWork(lecture, 'net-stack.tcp-in').certainty).toBe('assumed');
  });
});

describe('control-path work', () => {
  it('has a default a component, marked as assumed', () => {
    expect(priceOfWork(lecture, 'supervisor.anything')).toMatchObject({ certainty: 'assumed', evidence: 'none' });
    expect(priceOfWork(lecture, 'supervisor.anything').source).toContain('supervisor');
  });
  it("lets a profile's own price go first", () => {
    const own = { cycles: 1, source: 'measured', certainty: 'calibrated', evidence: 'read' } as const;
    expect(priceOfWork({ ...lecture, work: { 'net-stack.ip': own } }, 'net-stack.ip')).toBe(own);
  });
});

describe('prices by name', () => {
  it('make a ledger whose parts add up', () => {
    const clock = new Clock(lecture.cyclesPerSecond);
    const primitives = [...PRIMITIVES, workPrimitive('web-server', 'request')];
    const ledger = new Ledger({ clock, primitives, prices: pricesOf(lecture, primitives), components: ['only'] });
    const charge = ledger.charge(0, () => {});
    for (let primitive = 0; primitive < primitives.length; primitive++) charge.spend(primitive);
    expect(ledger.totalCycles()).toBe(clock.now);
    expect(clock.now).toBe(primitives.reduce((sum, { name }) => sum + constantOf(lecture, name).cycles, 0));
  });
  it('explain themselves in one line: label, cycles, certainty, source', () => {
    expect(explainConstant(lecture, 'kernel-entry-exit')).toMatch(/^sysenter\/sysexit \(.*\): 106 cycles, calibrated/);
    expect(explainConstant(lecture, 'net-stack.ip')).toMatch(/^net-stack\.ip: 60 cycles, assumed, from-memory: TAS/);
  });
  it('fall back to the primitive where the machine has no name of its own', () => {
    expect(labelOf(lecture, 'ring-entry')).toBe('ring-entry');
  });
});
