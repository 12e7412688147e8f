import { assemble, type Description } from '@bulkhead/assembler';
import {
  type CapsSnapshot,
  capsOf,
  type DomainsSnapshot,
  domainsOf,
  type MachineSnapshot,
  type MemorySnapshot,
  machineOf,
  memoryOf,
} from '@bulkhead/inspection';
import { beforeAll, describe, expect, it } from 'vitest';
import { physicalRange, virtual } from '../src/output/addresses.ts';
import { foldTree, type TreeNode } from '../src/output/capability-tree.ts';
import { capsDot, capsText } from '../src/output/caps-view.ts';
import { domainsDot, domainsText } from '../src/output/domains-view.ts';
import { machineText } from '../src/output/machine-view.ts';
import { memoryDot, memoryText } from '../src/output/memory-view.ts';
import { loadSystem, SYSTEM_NAMES } from '../src/systems.ts';
import { command } from './execute.ts';

const BOOT_NS = 10_000_000;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
/** Braces and quotes in pairs, and one statement a line. */
function expectGraph(dot: string): void {
  expect(dot).toMatch(/^digraph "[^"]*" \{\n/);
  expect(dot.endsWith('\n}\n')).toBe(true);
  expect(dot.split('{').length).toBe(dot.split('}').length);
  for (const line of dot.split('\n')) expect((line.match(/"/g) ?? []).length % 2).toBe(0);
}

describe.each(SYSTEM_NAMES)('a picture of %s', (name) => {
  let domains: DomainsSnapshot;
  let caps: CapsSnapshot;
  let memory: MemorySnapshot;
  let machine: MachineSnapshot;
  beforeAll(async () => {
    const system = assemble(await loadSystem(name));
    system.runUntil(system.clock.cyclesOf(BOOT_NS));
    domains = domainsOf(system);
    caps = capsOf(system);
    memory = memoryOf(system);
    machine = machineOf(system);
  });

  it('accounts for every byte of RAM, and knows what every frame is for', () => {
    const { ram, ramBytes, bytesByUse } = memory;
    expect(sum(ram.map(({ lenBytes }) => lenBytes))).toBe(ramBytes);
    expect(sum(Object.values(bytesByUse))).toBe(ramBytes);
    expect(ram.filter(({ purpose }) => purpose?.kind === 'unknown')).toEqual([]);
  });
  it('has no page that two domains write and do not share on purpose', () => {
    for (const { views, owner, purpose } of memory.ram) {
      const writers = views.filter(({ kind, access }) => kind === 'domain' && access.includes('w'));
      const others = writers.filter((writer) => writer.name !== owner);
      if (others.length > 0) expect(['shared-region', 'queue']).toContain(purpose!.kind);
    }
  });
  it('shows each capability once in the tree, as text and as a graph', () => {
    const { capabilities, derivation } = caps;
    const count = (nodes: readonly TreeNode[]): number => sum(nodes.map((node) => node.count + count(node.children)));
    expect(new Set(derivation.map(({ slot }) => slot)).size).toBe(capabilities.length);
    expect(derivation).toHaveLength(capabilities.length);
    // Nodes under a folded node stand for as many as it does.
    expect(count(foldTree(capabilities, derivation))).toBe(capabilities.length);
    const lines = capsText(caps).split('Derivation tree')[1]!.split('\n');
    const nodes = capsDot(caps).match(/^ {2}n\d+ \[/gm)!;
    expect(lines.filter((line) => /^ *[\w -]+:\d+(…\d+)? [A-Z]/.test(line))).toHaveLength(nodes.length);
    expectGraph(capsDot(caps));
  });
  it('draws every domain, every connection, and whatever memory is shared', () => {
    const walls = domainsDot(domains);
    expect(walls.match(/subgraph cluster_/g)).toHaveLength(domains.domains.length);
    expect(walls.match(/ -> /g)).toHaveLength(domains.connections.length);
    const shared = memory.ram.filter((region) => region.shared || region.views.some(({ kind }) => kind === 'device'));
    expect(memoryDot(memory).match(/^ {2}m\d+ \[/gm) ?? []).toHaveLength(shared.length);
    for (const dot of [walls, memoryDot(memory)]) expectGraph(dot);
  });
  it('names who is told of each interrupt of the card', () => {
    expect(machine.interrupts.every(({ component }) => component !== null)).toBe(true);
    for (const { msix, interruptsTo } of machine.functions) {
      expect(msix!.vectors.filter(({ masked }) => !masked).length).toBeGreaterThan(0);
      expect(interruptsTo.length).toBeGreaterThan(0);
    }
  });
  it('explains its signs, and folds what follows: no line a page, none too long to read', () => {
    const texts = [domainsText(domains), capsText(caps), memoryText(memory), machineText(machine)];
    const legends = ['ASID: the tag', 'Rights: R read a frame', 'Access: r read', 'A function is named bus:device'];
    texts.forEach((text, i) => {
      const lines = text.split('\n');
      expect(text).toContain(legends[i]);
      expect(lines.length).toBeLessThan(500);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(300);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    });
  });
});

/** What the command prints. */
async function text(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await command('inspect', ...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

describe('bulkhead inspect', () => {
  it('tells what the card reaches: what was mapped for it, or everything', async () => {
    const [, device] = (await text('multiserver', 'memory')).split('device 00:01.0: ');
    expect(device).toMatch(/^by DMA it reaches this, through the IOMMU\n/);
    // Rings, packet pool, and a page for each of five interrupts.
    expect(device!.match(/^0x[0-9a-f]{16} /gm)).toHaveLength(2 + 5);
    expect(device!.match(/interrupt \d+/g)).toHaveLength(5);
    expect(device).not.toContain('heap');
    expect(await text('monolithic', 'memory')).toContain('by DMA it reaches everything');
  });
  it('tells how long a device reaches what was unmapped: by the mode, by the choice of invalidation, by its measure', async () => {
    const row = (snapshot: MachineSnapshot): string =>
      / invalidation +(.+)\n {2}reached after unmap +(.+)\n/.exec(machineText(snapshot))!.slice(1).join('; ');
    const booted = async (name: string, changes: Partial<Description>): Promise<MachineSnapshot> => {
      const system = assemble({ ...(await loadSystem(name)), ...changes });
      system.runUntil(system.clock.cyclesOf(BOOT_NS));
      return machineOf(system);
    };
    expect(row(await booted('multiserver', {}))).toBe('strict; none: every unmap was invalidated before its answer');
    expect(row(await booted('monolithic', {}))).toBe('none; everything, mapped or not');
    expect(row(await booted('multiserver', { iommu: 'off' }))).toBe('none; everything, mapped or not');
    const deferred = await booted('multiserver', { invalidation: 'deferred' });
    expect(row(deferred)).toMatch(/^deferred; none yet: nothing was unmapped/);
    const { iommu } = deferred;
    const before = { ...deferred, iommu: { ...iommu, mode: 'off' as const } };
    expect(row(before)).toBe('none; none: no device reaches anything');
    const driver = { ...iommu.driver!, exposedPages: 3, exposedAtOnce: 2, exposedLongestUs: 1004 };
    expect(row({ ...deferred, iommu: { ...iommu, driver } })).toBe(
      'deferred; 3 pages, at most 2 at once, the longest for 1,004 µs',
    );
  });
  it('looks at any moment: when nothing has run, a supervised driver has no address space', async () => {
    const atPowerOn = await text('multiserver', 'memory', '--at', '0');
    expect(atPowerOn).toContain('nic-driver: no address space yet');
    expect(atPowerOn).toContain('by DMA it reaches nothing');
    const { atCycles } = JSON.parse(await text('multiserver', 'domains', '--at', '7', '--json')) as DomainsSnapshot;
    expect(atCycles).toBeGreaterThanOrEqual(7 * 2_600_000);
  });
  it('prints the snapshot with --json and a graph with --dot', async () => {
    const { system, capabilities } = JSON.parse(await text('multiserver', 'caps', '--json')) as CapsSnapshot;
    expect([system, capabilities.length > 100]).toEqual(['multiserver', true]);
    expectGraph(await text('multiserver', 'caps', '--dot'));
  });
  it('looks at the system with another network card with --nic', async () => {
    const functionsOf = async (...flags: string[]): Promise<MachineSnapshot['functions']> =>
      (JSON.parse(await text('multiserver', 'machine', '--json', ...flags)) as MachineSnapshot).functions;
    const [virtio] = await functionsOf('--nic', 'virtio-net');
    expect([virtio!.vendorId, virtio!.deviceId]).toEqual([0x1af4, 0x1041]);
    expect(await functionsOf('--nic', 'intel-82574')).toEqual(await functionsOf());
    expect(await text('multiserver', 'lspci', '--nic', 'virtio-net')).toMatch(/^00:01\.0 .*\n00: f4 1a 41 10 /m);
  });
  it('writes a run of pages as one line', async () => {
    expect(await text('multiserver', 'caps')).toMatch(/^\d+…\d+ +Frame +0x[0-9a-f]{8}…0x[0-9a-f]{8} +321 × 4 KiB/m);
  });
});

describe('addresses', () => {
  it('have all their digits', () => {
    expect(physicalRange(0x3010000, 4096)).toBe('0x03010000…0x03010fff');
    expect(virtual(16)).toBe('0x0000000000010000');
    expect(virtual(-(2 ** 26))).toBe('0xffffffc000000000');
  });
});
