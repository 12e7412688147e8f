import type { Description } from '@bulkhead/assembler';
import { createProfile } from '@bulkhead/costs';
import { WORKLOADS, type WorkloadName } from '@bulkhead/load';
import { webService } from '@bulkhead/parts';
import { describe, expect, it } from 'vitest';
import { domainsOf, type MeasureSystemOptions, measureSystem, type SystemResult, shapedFor } from '../src/index.ts';

const IN_KERNEL = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver'];
const walls: Description = {
  name: 'walls',
  summary: 'a test',
  ...webService(),
  domains: { 'web-server': ['web-server'], kernel: IN_KERNEL, 'net-stack': ['net-stack'] },
  iommu: 'bare',
  supervised: [],
};
const made = createProfile('haswell');
if (!made.ok) throw new Error('no haswell');
const profile = made.value;

const optionsOf = (workload: WorkloadName, rest: Partial<MeasureSystemOptions> = {}): MeasureSystemOptions => ({
  workload: {
    workload,
    requests: 30,
    warmUpRequests: 5,
    clients: workload === 'null-call' ? 1 : 3,
    sizeBytes: workload === 'null-call' ? 0 : 100,
    loop: { kind: 'closed' },
  },
  profile,
  seed: 1,
  address: 0x0a00020f,
  farEnd: { address: '10.0.2.2', prefixBits: 24, gateway: 0, seed: 2 },
  privilegedLines: 7,
  ...rest,
});
type Outcome = { readonly ok: true; readonly value: SystemResult } | { readonly ok: false; readonly error: string };
function outcomeOf(description: Description, options: MeasureSystemOptions): Outcome {
  const run = measureSystem(description, options);
  for (let last = 0; ; ) {
    const step = run.next();
    if (step.done === true) return step.value;
    expect(step.value).toBeGreaterThanOrEqual(last);
    last = step.value;
  }
}
function measured(description: Description, options: MeasureSystemOptions): SystemResult {
  const outcome = outcomeOf(description, options);
  if (!outcome.ok) throw new Error(outcome.error);
  return outcome.value;
}
const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((total, value) => total + value, 0);

describe.each(WORKLOADS)('a system under %s', (workload) => {
  const result = measured(walls, optionsOf(workload));
  it('is told in figures that add up', () => {
    const { perRequest, requests } = result;
    expect(requests).toBe(30);
    expect(sum(perRequest.byCause)).toBeCloseTo(perRequest.cycles, 6);
    expect(sum(perRequest.byComponent)).toBeCloseTo(perRequest.cycles, 6);
    const priced = Object.entries(perRequest.counts).map(([name, count]) => {
      const constant = profile.constants[name as keyof typeof profile.constants];
      return constant === undefined ? 0 : constant.cycles * count;
    });
    const ofPrimitives = perRequest.cycles - (perRequest.byCause['compute'] ?? 0);
    const inCompute = ['direct-call', 'checksum-line'].map(
      (name) => (perRequest.counts[name] ?? 0) * profile.constants[name as 'direct-call'].cycles,
    );
    expect(priced.reduce((a, b) => a + b, 0) - inCompute[0]! - inCompute[1]!).toBeCloseTo(ofPrimitives, 6);
  });
  it('is plain data: it survives JSON', () => {
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});

describe('measureSystem', () => {
  it('puts the application that answers the workload where the web server stands', () => {
    const { domains } = measured(walls, optionsOf('kv'));
    expect(domains.find(({ name }) => name === 'kv-server')?.components.map(({ kind }) => kind)).toEqual(['kv-server']);
    expect(domains.flatMap(({ components }) => components.map(({ name }) => name))).not.toContain('web-server');
  });
  it('tells a gate only where something goes', () => {
    const { connections } = measured(walls, optionsOf('http'));
    const gates = connections.map(({ client, server, up, down }) => `${client} ${up} ${down} ${server}`);
    expect(gates).toContain('web-server ipc outbox net-stack');
    expect(gates).toContain('net-stack system-call upcall nic-driver');
    expect(gates).toContain('nic-driver direct none pci-bus-driver');
  });
  it('is watched without a difference', () => {
    let charges = 0;
    let attached = 0;
    const watcher = { trace: () => void charges++, attach: () => void attached++ };
    expect(measured(walls, optionsOf('http', { watcher }))).toEqual(measured(walls, optionsOf('http')));
    expect(charges).toBeGreaterThan(1000);
    expect(attached).toBe(1);
  });
  it('refuses a system without a web server, and names the mend', () => {
    const none = { ...walls, components: walls.components.filter(({ name }) => name !== 'web-server') };
    expect(shapedFor(none, 'kv')).toEqual({
      ok: false,
      error: "'walls' has no component of kind 'web-server' to put 'kv-server' in the place of: add one",
    });
  });
  it('names the first fault when a system does not answer', () => {
    const stumble = (): never => {
      throw new Error('there is no coffee');
    };
    const broken: Description = {
      ...walls,
      components: walls.components.map((each) => (each.name === 'net-stack' ? { ...each, create: stumble } : each)),
    };
    const outcome = outcomeOf(broken, optionsOf('http'));
    expect(outcome.ok ? '' : outcome.error).toMatch(
      /^'walls' stopped answering under the load; net-stack had ended before: exception: there is no coffee/,
    );
  });
});

describe('domainsOf', () => {
  it("puts the kernel's domain first, and tells the level at which a component runs", () => {
    const domains = domainsOf({
      ...walls,
      domains: { app: ['web-server', 'net-stack'], kernel: IN_KERNEL },
      levels: { app: 25 },
    });
    expect(domains.map(({ name, isKernel }) => [name, isKernel])).toEqual([
      ['kernel', true],
      ['app', false],
    ]);
    expect(domains[1]!.components.map(({ level }) => level)).toEqual([25, 25]);
  });
});
