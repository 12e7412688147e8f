import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPARISON_FORMAT, type Comparison, diffComparisons, type SystemResult } from '@bulkhead/comparison';
import { describe, expect, it } from 'vitest';
import { command } from './execute.ts';
import { inFolder, type Outcome } from './run.ts';

const MULTISERVER: SystemResult = {
  system: 'multiserver',
  summary: 'every driver and server is a process of its own',
  iommu: 'translating',
  domains: [
    { name: 'kernel', isKernel: true, components: [] },
    { name: 'net', isKernel: false, components: [{ name: 'net-stack', kind: 'net-stack', level: 2 }] },
  ],
  connections: [{ client: 'web-server', server: 'net-stack', contract: 'sockets', up: 'ipc', down: 'outbox' }],
  requests: 1000,
  failed: 0,
  requestsPerSecond: 300_000,
  requestsPerSecondOfProcessor: 300_000,
  bytesPerSecond: 1e8,
  latency: {
    count: 1000,
    minNs: 1000,
    meanNs: 2000,
    p50Ns: 2000,
    p90Ns: 3000,
    p99Ns: 4000,
    p999Ns: 5000,
    maxNs: 6000,
    buckets: [{ fromNs: 0, toNs: 6000, count: 1000 }],
  },
  perRequest: {
    cycles: 5000,
    byCause: { compute: 3000, trap: 2000, switch: 0 },
    byComponent: { 'net-stack': 3000, kernel: 2000 },
    byComponentAndCause: { 'net-stack': { compute: 3000 }, kernel: { trap: 2000, switch: 0 } },
    counts: { 'kernel-entry-exit': 10, 'net-stack.ip': 2 },
    modeSwitches: 10,
    addressSpaceSwitches: 0,
    ipcs: 5,
    interrupts: 0.5,
    tlbRefills: 0,
    deviceAccesses: 1,
    copies: 2,
    bytesCopied: 700,
  },
  privilegedLines: 2800,
  digest: '0123',
  applicationDigest: '4567',
};
const BEFORE: Comparison = {
  format: COMPARISON_FORMAT,
  command: 'bulkhead compare --systems multiserver --json',
  workload: {
    workload: 'http',
    requests: 1000,
    warmUpRequests: 200,
    clients: 64,
    sizeBytes: 100,
    loop: { kind: 'closed' },
  },
  profile: { name: 'haswell', title: 'Intel Haswell', cyclesPerSecond: 2.6e9 },
  seed: 1,
  systems: [MULTISERVER],
};
/** Half the mode switches, each a quarter dearer, and an address-space switch now and then. */
const AFTER: Comparison = {
  ...BEFORE,
  systems: [
    {
      ...MULTISERVER,
      digest: '89ab',
      latency: { ...MULTISERVER.latency, p99Ns: 3500 },
      perRequest: {
        ...MULTISERVER.perRequest,
        cycles: 4350,
        byCause: { compute: 3000, trap: 1250, switch: 100 },
        byComponent: { 'net-stack': 3000, kernel: 1350 },
        byComponentAndCause: { 'net-stack': { compute: 3000 }, kernel: { trap: 1250, switch: 100 } },
        modeSwitches: 5,
        addressSpaceSwitches: 1,
      },
    },
  ],
};

const diffOf = (before: unknown, after: unknown, ...flags: string[]): Promise<Outcome> =>
  inFolder((folder) => {
    const [first, second] = [join(folder, 'before.json'), join(folder, 'after.json')];
    writeFileSync(first, typeof before === 'string' ? before : JSON.stringify(before));
    writeFileSync(second, typeof after === 'string' ? after : JSON.stringify(after));
    return command('diff', first, second, ...flags);
  });
/** Lines with the blanks between columns made one. */
const lines = (text: string): readonly string[] => text.split('\n').map((line) => line.trim().replace(/ +/g, ' '));

describe('diff', () => {
  it('says how the cycles changed, by cause and component, and why', async () => {
    const { status, stdout, stderr } = await diffOf(BEFORE, AFTER);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('like with like');
    const found = lines(stdout);
    for (const line of [
      'multiserver: 5,000 → 4,350 cycles a request, -650 (-13 %)',
      'trap 2,000 1,250 -750 -15',
      'kernel 2,000 1,250 -750 -15',
      'switch 0 100 +100 +2',
      'kernel 2,000 1,350 -650 -13',
      'trap: 10.0 → 5.0 mode switches a request, there and back: -1,125 by how often, +375 by what each costs',
      'switch: 0.0 → 1.0 address-space switches a request: +100 by how often, 0 by what each costs',
      'latency p99, ns 4,000 3,500 -500',
      "digest: differs, of the applications' bytes: the same",
    ])
      expect(found).toContain(line);
    expect(found.some((line) => /^compute/.test(line))).toBe(false);
  });

  it('says first what differs in what was asked', async () => {
    const after = { ...AFTER, seed: 2, workload: { ...BEFORE.workload, clients: 16 } };
    const { stdout } = await diffOf(BEFORE, after);
    const [, , , heading, ...rest] = stdout.split('\n');
    expect(heading).toBe('These two do not compare like with like. What was asked differs:');
    expect(rest.slice(0, 2)).toEqual(['  clients: 64 → 16', '  seed: 1 → 2']);
  });

  it('names systems that only one has, and walls that moved', async () => {
    const moved = { ...MULTISERVER, iommu: 'bare', applicationDigest: 'other' };
    const { stdout } = await diffOf(
      { ...BEFORE, systems: [MULTISERVER, { ...MULTISERVER, system: 'hybrid' }] },
      { ...BEFORE, systems: [{ ...MULTISERVER, system: 'mine' }, moved] },
    );
    expect(stdout).toContain('only before: hybrid\n\nonly after: mine\n');
    expect(stdout).toContain('    IOMMU: translating → bare\n');
    expect(stdout).toContain('the two did not do the same work');
  });

  it('of a comparison and itself finds nothing', async () => {
    const { status, stdout } = await diffOf(BEFORE, BEFORE);
    expect([status, stdout.endsWith('\n\nNo difference.\n')]).toEqual([0, true]);
  });

  it('says which system is the same while others are not', async () => {
    const other = { ...AFTER.systems[0]!, system: 'mine' };
    const { stdout } = await diffOf(
      { ...BEFORE, systems: [MULTISERVER, { ...MULTISERVER, system: 'mine' }] },
      { ...BEFORE, systems: [MULTISERVER, other] },
    );
    expect(stdout).toContain('multiserver: no difference, every frame and every cycle\n');
    expect(stdout).toContain('The order by cycles a request has changed:\n  before: multiserver < mine\n');
  });

  it('--json prints the difference and nothing else', async () => {
    const { stdout, stderr } = await diffOf(BEFORE, AFTER, '--json');
    expect(stderr).toBe('');
    const { files, ...diff } = JSON.parse(stdout);
    expect(Object.keys(files)).toEqual(['before', 'after']);
    expect(diff).toEqual(diffComparisons(BEFORE, AFTER));
  });

  it('reads a comparison with a sweep', async () => {
    const { status } = await diffOf({ ...BEFORE, sweep: { factors: [1], conclusions: [] } }, AFTER);
    expect(status).toBe(0);
  });
});

describe('a file that is no comparison', () => {
  const MEND = 'save one with bulkhead compare --json > FILE';
  const [system] = BEFORE.systems;
  it.each<[string, unknown, string]>([
    ['is not JSON', 'hello', `is not JSON: ${MEND}`],
    ['is empty', '', `is not JSON: ${MEND}`],
    ['is no object', 'null', `is something else, and no comparison: ${MEND}`],
    ['is something else', { a: 1 }, `is something else, and no comparison: ${MEND}`],
    ['is a difference', diffComparisons(BEFORE, AFTER), `is a bulkhead-diff/1, and no comparison: ${MEND}`],
    ['is old', { systems: [], path: '/' }, 'is a comparison of another version of Bulkhead: run the comparison again'],
    ['is new', { ...BEFORE, format: 'bulkhead-comparison/9' }, 'is a comparison of another version of Bulkhead'],
    ['lacks a part', { ...BEFORE, seed: undefined }, `is no whole comparison, ${MEND}: seed: `],
    [
      'holds a text where a number belongs',
      { ...BEFORE, systems: [{ ...system, requests: 'many' }] },
      `is no whole comparison, ${MEND}: systems.0.requests: `,
    ],
    ['names a system twice', { ...BEFORE, systems: [system, system] }, `${MEND}: systems: names one twice`],
  ])('that %s is refused in one line that names the mend', async (_, text, message) => {
    for (const [before, after] of [
      [text, BEFORE],
      [BEFORE, text],
    ]) {
      const { status, stdout, stderr } = await diffOf(before, after);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^bulkhead: '.*'.*\n$/);
      expect(stderr).toContain(message);
    }
  });

  it('that is not there is refused', async () => {
    const { status, stderr } = await command('diff', '/nowhere/a.json', '/nowhere/b.json');
    expect(status).toBe(2);
    expect(stderr).toContain(`bulkhead: '/nowhere/a.json' cannot be read, ${MEND}: ENOENT`);
  });

  it('is asked for by name', async () => {
    const { status, stderr } = await command('diff');
    expect(status).toBe(2);
    expect(stderr).toContain('bulkhead: <before> is missing (see --help)\n');
    expect((await command('diff', 'a.json')).stderr).toContain('<after> is missing');
  });
});
