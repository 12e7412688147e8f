/** Comparisons by chance: figures that add up as those of a run do. */
import fc from 'fast-check';
import { COMPARISON_FORMAT, type Comparison, type PerRequest, type SystemResult } from '../src/index.ts';

const CAUSES = ['compute', 'trap', 'switch', 'ipc', 'copy', 'tlb', 'interrupt', 'device', 'kernel'] as const;
const COMPONENTS = ['web-server', 'net-stack', 'nic-driver', 'kernel', 'constructor'] as const;
export const SYSTEMS = ['monolithic', 'multiserver', 'exokernel'] as const;

const cycles = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e5, noNaN: true }));
const amount = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 3000 }).map((value) => value / 8),
);

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const perRequest: fc.Arbitrary<PerRequest> = fc
  .record({
    table: fc.dictionary(
      fc.constantFrom(...COMPONENTS),
      fc.dictionary(fc.constantFrom(...CAUSES), cycles, { noNullPrototype: true }),
      { noNullPrototype: true },
    ),
    counts: fc.dictionary(fc.constantFrom('mmio-read', 'net-stack.ip'), amount, { noNullPrototype: true }),
    modeSwitches: amount,
    addressSpaceSwitches: amount,
    ipcs: amount,
    interrupts: amount,
    tlbRefills: amount,
    deviceAccesses: amount,
    copies: amount,
    bytesCopied: amount,
  })
  .map(({ table, ...counts }) => {
    const byComponent = Object.fromEntries(
      Object.entries(table).map(([component, causes]) => [component, total(Object.values(causes))]),
    );
    const byCause = Object.fromEntries(
      CAUSES.map((cause) => [cause, total(Object.values(table).map((causes) => causes[cause] ?? 0))]),
    );
    return { cycles: total(Object.values(byComponent)), byCause, byComponent, byComponentAndCause: table, ...counts };
  });

const latency = fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 7, maxLength: 7 }).map((values) => {
  const [minNs, p50Ns, p90Ns, p99Ns, p999Ns, maxNs, count] = values.sort((one, other) => one - other) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { minNs, p50Ns, p90Ns, p99Ns, p999Ns, maxNs, count, meanNs: p50Ns, buckets: [] };
});

const result = (system: string): fc.Arbitrary<SystemResult> =>
  fc.record({
    system: fc.constant(system),
    summary: fc.constant(`a ${system} system`),
    iommu: fc.constantFrom('bare', 'translating'),
    domains: fc.constantFrom(
      [{ name: 'kernel', isKernel: true, components: [{ name: 'net-stack', kind: 'net-stack', level: 2 }] }],
      [
        { name: 'kernel', isKernel: true, components: [] },
        { name: 'net', isKernel: false, components: [{ name: 'net-stack', kind: 'net-stack', level: 2 }] },
      ],
    ),
    connections: fc.constantFrom(
      [],
      [{ client: 'web-server', server: 'net-stack', contract: 'sockets', up: 'ipc', down: 'notification' }],
      [{ client: 'web-server', server: 'net-stack', contract: 'sockets', up: 'ring', down: 'ring' }],
    ),
    requests: fc.constant(1000),
    failed: fc.constant(0),
    requestsPerSecond: amount,
    requestsPerSecondOfProcessor: amount,
    bytesPerSecond: amount,
    latency,
    perRequest,
    privilegedLines: fc.integer({ min: 0, max: 20_000 }),
    digest: fc.constantFrom('aaaa', 'bbbb'),
    applicationDigest: fc.constantFrom('cccc', 'dddd'),
  });

export const comparison: fc.Arbitrary<Comparison> = fc.record({
  format: fc.constant(COMPARISON_FORMAT),
  command: fc.constant('bulkhead compare'),
  workload: fc.record({
    workload: fc.constantFrom('http', 'kv'),
    requests: fc.constantFrom(1000, 2000),
    warmUpRequests: fc.constant(200),
    clients: fc.constantFrom(1, 64),
    sizeBytes: fc.constant(100),
    loop: fc.constantFrom(
      { kind: 'closed' as const },
      { kind: 'open' as const, requestsPerSecond: 1000 },
      { kind: 'open' as const, requestsPerSecond: 2000 },
    ),
  }),
  profile: fc.constantFrom(
    { name: 'haswell', title: 'Haswell', cyclesPerSecond: 3e9 },
    { name: 'lecture', title: 'Lecture', cyclesPerSecond: 1e9 },
  ),
  seed: fc.constantFrom(1, 2),
  systems: fc.subarray([...SYSTEMS]).chain((names) => fc.tuple(...names.map(result))),
});
