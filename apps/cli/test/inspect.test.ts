import type { CapsSnapshot, DomainsSnapshot, MachineSnapshot, MemorySnapshot } from '@bulkhead/inspection';
import { describe, expect, it } from 'vitest';
import { physicalRange, virtual } from '../src/output/addresses.ts';
import { foldTree, type TreeNode } from '../src/output/capability-tree.ts';
import { SYSTEM_NAMES } from '../src/systems.ts';
import { command } from './execute.ts';

/** A component's fault and nothing else ends with another status. */
async function text(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await command('inspect', ...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}
const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await text(...args, '--json')) as T;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe.each(SYSTEM_NAMES)('bulkhead inspect %s', (system) => {
  it('accounts for every byte of RAM, and knows what every frame is for', async () => {
    const { ram, ramBytes, bytesByUse } = await json<MemorySnapshot>(system, 'memory');
    expect(sum(ram.map(({ lenBytes }) => lenBytes))).toBe(ramBytes);
    expect(sum(Object.values(bytesByUse))).toBe(ramBytes);
    expect(ram.filter(({ purpose }) => purpose?.kind === 'unknown')).toEqual([]);
  });
  it('lets no two domains write a page that they do not share on purpose', async () => {
    const { ram } = await json<MemorySnapshot>(system, 'memory');
    for (const { views, owner, purpose } of ram) {
      const writers = views.filter(({ kind, access }) => kind === 'domain' && access.includes('w'));
      const others = writers.filter(({ name }) => name !== owner);
      if (others.length > 0) expect(['shared-region', 'queue']).toContain(purpose!.kind);
    }
  });
  it('shows each capability once in the tree, as text and as a graph too', async () => {
    const { capabilities, derivation } = await json<CapsSnapshot>(system, 'caps');
    const count = (nodes: readonly TreeNode[]): number => sum(nodes.map((node) => node.count + count(node.children)));
    expect(derivation).toHaveLength(capabilities.length);
    expect(new Set(derivation.map(({ slot }) => slot)).size).toBe(capabilities.length);
    expect(count(foldTree(capabilities, derivation))).toBe(capabilities.length);
    const lines = (await text(system, 'caps')).split('Derivation tree')[1]!.split('\n');
    const nodes = (await text(system, 'caps', '--dot')).match(/^ {2}n\d+ \[/gm)!;
    expect(lines.filter((line) => /^ *[\w -]+:\d+(…\d+)? [A-Z]/.test(line))).toHaveLength(nodes.length);
  });
  it('draws every domain and every connection', async () => {
    const { domains, connections } = await json<DomainsSnapshot>(system, 'domains');
    const dot = await text(system, 'domains', '--dot');
    expect(dot.match(/subgraph cluster_/g)).toHaveLength(domains.length);
    expect(dot.match(/ -> /g)).toHaveLength(connections.length);
    expect(dot).toMatch(/^digraph ".*" \{\n[^]*\n\}\n$/);
    expect(dot.split('{').length).toBe(dot.split('}').length);
  });
  it('names the owner of every interrupt, and where each vector of the card goes', async () => {
    const { interrupts, functions } = await json<MachineSnapshot>(system, 'machine');
    expect(interrupts.every(({ component }) => component !== null)).toBe(true);
    for (const { msix, interruptsTo } of functions) {
      expect(msix!.vectors.filter(({ masked }) => !masked).length).toBeGreaterThan(0);
      expect(interruptsTo.length).toBeGreaterThan(0);
    }
  });
  it('explains its signs', async () => {
    expect(await text(system, 'memory')).toContain('Access: r read, w write, x execute');
    expect(await text(system, 'caps')).toContain('Rights: R read a frame');
    expect(await text(system, 'machine')).toContain('A function is named bus:device.function');
    expect(await text(system, 'domains')).toContain('ASID: the tag of its translations');
  });
});

describe('bulkhead inspect', () => {
  it('tells what the card reaches: what was mapped for it, or everything', async () => {
    const walls = await text('multiserver', 'memory');
    const [, device] = walls.split('device 00:01.0: ');
    expect(device).toMatch(/^by DMA it reaches this, through the IOMMU\n/);
    expect(device!.match(/^0x[0-9a-f]{16} /gm)).toHaveLength(3);
    expect(device).not.toContain('heap');
    expect(await text('monolithic', 'memory')).toContain('by DMA it reaches everything');
  });
  it('looks at any moment: before power-on has done anything, a supervised driver has no address space', async () => {
    const at0 = await text('multiserver', 'memory', '--at', '0');
    expect(at0).toContain('nic-driver: no address space yet');
    expect(at0).toContain('by DMA it reaches nothing');
    const { atCycles } = await json<DomainsSnapshot>('multiserver', 'domains', '--at', '7');
    expect(atCycles).toBeGreaterThanOrEqual(7 * 2_600_000);
  });
  it('folds what follows: no line a page, and none so long that nobody reads it', async () => {
    for (const topic of ['caps', 'memory']) {
      const lines = (await text('multiserver', topic)).split('\n');
      expect(lines.length).toBeLessThan(400);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(280);
    }
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
