/** A report's input, made up: the shapes are those of real systems, the figures are nobody's measurement. */
import type { Comparison, ComponentShape, ConnectionShape, DomainShape, SystemResult } from '@bulkhead/comparison';
import type { Containment, IpcBatches, ReportInput } from '../src/index.ts';
import { latencyOf } from './sample-latency.ts';

const LEVELS: Readonly<Record<string, number>> = {
  'web-server': 10,
  'net-stack': 20,
  'nic-driver': 30,
  supervisor: 40,
  'iommu-driver': 50,
  'pci-bus-driver': 60,
};
const COMPONENTS = Object.keys(LEVELS);
const shape = (name: string, kind: string = name): ComponentShape => ({ name, kind, level: LEVELS[kind]! });

const CONNECTIONS: readonly (readonly [string, string, string])[] = [
  ['web-server', 'net-stack', 'sockets'],
  ['net-stack', 'nic-driver', 'nic'],
  ['nic-driver', 'pci-bus-driver', 'pci'],
  ['nic-driver', 'iommu-driver', 'iommu'],
  ['nic-driver', 'supervisor', 'supervision'],
  ['supervisor', 'pci-bus-driver', 'pci'],
  ['supervisor', 'iommu-driver', 'iommu'],
  ['iommu-driver', 'pci-bus-driver', 'pci'],
];

function gates(client: DomainShape, server: DomainShape, isRing: boolean): Pick<ConnectionShape, 'up' | 'down'> {
  if (client === server) return { up: 'direct', down: 'queue' };
  if (server.isKernel) return { up: 'system-call', down: 'upcall' };
  if (client.isKernel) return { up: 'upcall', down: 'system-call' };
  return isRing ? { up: 'ring', down: 'ring' } : { up: 'ipc', down: 'outbox' };
}

interface Walls {
  readonly domains: readonly DomainShape[];
  readonly isAsync?: boolean;
  readonly connections?: readonly (readonly [string, string, string])[];
}

function connectionsOf({ domains, isAsync = false, connections = CONNECTIONS }: Walls): ConnectionShape[] {
  const home = (name: string): DomainShape =>
    domains.find(({ components }) => components.some((component) => component.name === name))!;
  return connections.map(([client, server, contract]) => {
    const isData = contract === 'sockets' || contract === 'nic';
    return { client, server, contract, ...gates(home(client), home(server), isAsync && isData) };
  });
}

const kernel = (...names: string[]): DomainShape => ({
  name: 'kernel',
  isKernel: true,
  components: names.map((name) => shape(name)),
});
const user = (name: string, ...components: ComponentShape[]): DomainShape => ({ name, isKernel: false, components });
const each = (...names: string[]): DomainShape[] => names.map((name) => user(name, shape(name)));

interface Figures {
  readonly system: string;
  readonly summary: string;
  readonly iommu: string;
  readonly walls: Walls;
  readonly trap: number;
  readonly switch: number;
  readonly ipc: number;
  readonly tlb: number;
  readonly lines: number;
}

const SHARES: Readonly<Record<string, number>> = { 'web-server': 680, 'net-stack': 2400, 'nic-driver': 390 };

function resultOf(figures: Figures): SystemResult {
  const { system, summary, iommu, walls, lines } = figures;
  const crossing = { trap: figures.trap, switch: figures.switch, ipc: figures.ipc, tlb: figures.tlb };
  const names = walls.domains.flatMap(({ components }) => components);
  const perKind = names.length / new Set(names.map(({ kind }) => kind)).size;
  const byComponentAndCause: Record<string, Record<string, number>> = {};
  for (const { name, kind } of names) byComponentAndCause[name] = { compute: (SHARES[kind] ?? 0) / perKind };
  const driver = names.find(({ kind }) => kind === 'nic-driver')!.name;
  const stack = names.find(({ kind }) => kind === 'net-stack')!.name;
  Object.assign(byComponentAndCause[driver]!, { device: 582.4, interrupt: 81 });
  Object.assign(byComponentAndCause[stack]!, { copy: 130.7 });
  byComponentAndCause['kernel'] = { kernel: 219, ...crossing };
  const byCause: Record<string, number> = {};
  const byComponent: Record<string, number> = {};
  for (const [component, causes] of Object.entries(byComponentAndCause))
    for (const [cause, cycles] of Object.entries(causes)) {
      byCause[cause] = (byCause[cause] ?? 0) + cycles;
      byComponent[component] = (byComponent[component] ?? 0) + cycles;
    }
  const cycles = Object.values(byCause).reduce((sum, value) => sum + value, 0);
  return {
    system,
    summary,
    iommu,
    domains: walls.domains,
    connections: connectionsOf(walls),
    requests: 10_000,
    failed: 0,
    requestsPerSecond: 2.2e9 / cycles,
    requestsPerSecondOfProcessor: 2.3e9 / cycles,
    bytesPerSecond: (2.2e9 / cycles) * 210,
    latency: latencyOf(cycles * 28, 8 + 40_000 / cycles),
    perRequest: {
      cycles,
      counts: {},
      byCause,
      byComponent,
      byComponentAndCause,
      modeSwitches: figures.trap / 230,
      addressSpaceSwitches: figures.switch / 130,
      ipcs: figures.ipc / 260,
      interrupts: 0.1,
      tlbRefills: figures.tlb / 20,
      deviceAccesses: 2.2,
      copies: 2,
      bytesCopied: 690,
    },
    privilegedLines: lines,
    digest: '0123456789abcdef',
    applicationDigest: 'fedcba9876543210',
  };
}

const SYSTEMS: readonly Figures[] = [
  {
    system: 'monolithic',
    summary: 'kernel, drivers and network stack in one address space; only the application is outside',
    iommu: 'bare',
    walls: {
      domains: [
        kernel('pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack'),
        ...each('web-server'),
      ],
    },
    trap: 714,
    switch: 0,
    ipc: 88,
    tlb: 0,
    lines: 9242,
  },
  {
    system: 'hybrid',
    summary: 'as monolithic, but the NIC driver stands alone behind the MMU and the IOMMU',
    iommu: 'translating',
    walls: {
      domains: [
        kernel('pci-bus-driver', 'iommu-driver', 'supervisor', 'net-stack'),
        ...each('nic-driver', 'web-server'),
      ],
    },
    trap: 1522,
    switch: 520,
    ipc: 430,
    tlb: 61,
    lines: 8420,
  },
  {
    system: 'multiserver',
    summary: 'every driver and server a process of its own, behind the MMU and the IOMMU; synchronous IPC',
    iommu: 'translating',
    walls: { domains: [kernel(), ...each(...COMPONENTS)] },
    trap: 2979,
    switch: 1563,
    ipc: 1554,
    tlb: 240,
    lines: 2879,
  },
  {
    system: 'multiserver-async',
    summary: 'the same processes; the data path runs over shared-memory rings and notifications',
    iommu: 'translating',
    walls: { domains: [kernel(), ...each(...COMPONENTS)], isAsync: true },
    trap: 1120,
    switch: 480,
    ipc: 610,
    tlb: 95,
    lines: 2879,
  },
  {
    system: 'exokernel',
    summary: 'the kernel only binds hardware safely; driver and network stack are a library inside the application',
    iommu: 'translating',
    walls: {
      domains: [
        kernel('pci-bus-driver', 'iommu-driver', 'supervisor'),
        user('application', shape('web-server'), shape('net-stack'), shape('nic-driver')),
      ],
    },
    trap: 160,
    switch: 0,
    ipc: 70,
    tlb: 12,
    lines: 5120,
  },
];

const second = (kind: string): ComponentShape => shape(`${kind}-b`, kind);
/** A sixth, with two of some components. */
export const EXOKERNEL_TWO: SystemResult = resultOf({
  system: 'exokernel-two',
  summary: 'two applications, each with a NIC of its own',
  iommu: 'translating',
  walls: {
    domains: [
      kernel('pci-bus-driver', 'iommu-driver', 'supervisor'),
      user('application', shape('web-server'), shape('net-stack'), shape('nic-driver')),
      user('application-b', second('web-server'), second('net-stack'), second('nic-driver')),
    ],
    connections: [
      ...CONNECTIONS,
      ['web-server-b', 'net-stack-b', 'sockets'],
      ['net-stack-b', 'nic-driver-b', 'nic'],
      ['nic-driver-b', 'pci-bus-driver', 'pci'],
      ['nic-driver-b', 'iommu-driver', 'iommu'],
    ],
  },
  trap: 170,
  switch: 0,
  ipc: 74,
  tlb: 13,
  lines: 5120,
});

const MEANING: Readonly<Record<string, string>> = {
  untouched: 'goes on as if nothing had happened',
  notices: 'is told, and goes on',
  stalled: 'is kept from running or from a service',
  'data corrupted': 'only memory in which both exchange data can be overwritten',
  corrupted: 'its own memory can be overwritten, by stores or by DMA',
  falls: 'ends with it',
};

/** One domain is one fate, and the kernel's is everybody's; who shares a buffer can be told lies. */
function containmentOf({ system, domains, connections }: SystemResult): Containment {
  const names = [...domains.flatMap(({ components }) => components.map(({ name }) => name)), 'kernel'];
  const home = (name: string): DomainShape =>
    domains.find((d) => d.components.some((c) => c.name === name)) ?? domains.find(({ isKernel }) => isKernel)!;
  const word = (failing: string, other: string): string => {
    if (home(failing).isKernel || home(failing) === home(other)) return 'falls';
    const between = connections.find(
      ({ client, server }) => [client, server].includes(other) && [client, server].includes(failing),
    );
    if (between === undefined) return 'untouched';
    if (between.contract === 'nic' || between.contract === 'sockets') return 'data corrupted';
    return between.server === failing ? 'stalled' : 'notices';
  };
  return {
    system,
    components: names,
    cells: names.map((failing) => names.map((other) => word(failing, other))),
    meaning: MEANING,
    harm: ['falls', 'corrupted'],
  };
}

const FACTORS = [0.5, 0.75, 1, 1.5, 2];
const ASSUMPTIONS: readonly (readonly [string, string, number, number])[] = [
  ['ipc-path', 'IPC fast path', 200, 0.16],
  ['register-save', 'registers saved and restored', 60, 0.11],
  ['net-stack.tcp-in', 'net-stack: a segment in', 405, -0.07],
  ['notification-signal', 'signal', 120, 0.05],
  ['web-server.request', 'web-server: a request', 400, -0.03],
  ['ring-entry', 'one ring entry', 30, 0.02],
  ['cast-queue', 'a cast appended', 25, -0.01],
];

const conclusion = (ahead: SystemResult, behind: SystemResult) => {
  const ratio = behind.perRequest.cycles / ahead.perRequest.cycles;
  const swings = ASSUMPTIONS.map(([primitive, label, cycles, weight]) => ({
    primitive,
    label,
    cycles,
    certainty: 'assumed' as const,
    source: 'made up',
    ratios: FACTORS.map((factor) => ratio + (factor - 1) * weight),
  }));
  return {
    ahead: ahead.system,
    behind: behind.system,
    ratio,
    survives: swings.every(({ ratios }) => ratios.every((value) => value > 1)),
    swings,
    together: FACTORS.map((factor) => ratio + (factor - 1) * 0.2),
  };
};

const results = SYSTEMS.map(resultOf);
const ranked = [...results].sort((a, b) => a.perRequest.cycles - b.perRequest.cycles);

export const COMPARISON: Comparison = {
  format: 'bulkhead-comparison/1',
  command: 'bulkhead compare --workload http --requests 10000 --clients 64 --profile haswell --seed 1 --sweep',
  workload: {
    workload: 'http',
    requests: 10_000,
    warmUpRequests: 1_000,
    clients: 64,
    sizeBytes: 100,
    loop: { kind: 'closed' },
  },
  profile: { name: 'haswell', title: 'a made-up machine', cyclesPerSecond: 2.3e9 },
  seed: 1,
  systems: results,
  sweep: {
    factors: FACTORS,
    conclusions: ranked.slice(1).map((behind, index) => conclusion(ranked[index]!, behind)),
  },
};

export const CONTAINMENT: readonly Containment[] = results.map(containmentOf);

export const IPC_BATCHES: IpcBatches = {
  profile: 'haswell',
  rows: [1, 2, 4, 8, 16, 32, 64, 128, 256].map((batch) => ({
    batch,
    syncCyclesPerMessage: 1012,
    asyncCyclesPerMessage: 96 + 1180 / batch,
  })),
};

export const SAMPLE: ReportInput = {
  comparison: COMPARISON,
  containment: CONTAINMENT,
  ipcBatches: IPC_BATCHES,
  generatedBy: 'bulkhead 0.0.0 (made-up figures)',
};
