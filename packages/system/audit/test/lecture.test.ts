import { describe, expect, it } from 'vitest';
import { EFFECTS } from '../src/containment.ts';
import { auditDescription, containment, MEANINGS } from '../src/index.ts';
import { answerOf, cellOf, effectOf, kindOf } from './ask.ts';
import * as systems from './systems.ts';

const SERVERS = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'net-stack'];
const { monolithic, hybrid, multiserver, multiserverBare, multiserverRings, monolithicIommu, exokernel } = systems;

describe('the monolithic system', () => {
  it("lets the NIC driver write everything: the kernel's memory, every component, every device", () => {
    for (const target of [...SERVERS, 'web-server', 'kernel memory', 'IOMMU', 'heap of web-server', 'physical memory'])
      expect(kindOf(monolithic, `can nic-driver write ${target}`)).toBe('yes');
  });
  it('falls as a whole with any component of the kernel, IOMMU or not', () => {
    for (const description of [monolithic, monolithicIommu]) {
      const { cells, components } = containment(auditDescription(description));
      for (const row of cells.filter(([cell]) => cell!.failing !== 'web-server'))
        expect(row.map(({ effect }) => effect)).toEqual(components.map(() => 'falls'));
    }
  });
  it('survives its application, which stands outside', () => {
    for (const server of SERVERS) expect(effectOf(monolithic, 'web-server', server)).not.toBe('falls');
    expect(kindOf(monolithic, 'can web-server write kernel')).toBe('no');
  });
});

describe('the NIC driver behind the MMU and the IOMMU', () => {
  it.each([hybrid, multiserver, multiserverRings])(
    'cannot write what is not its own or shared with it: $name',
    (description) => {
      const outside = ['web-server', 'kernel', 'kernel memory', 'supervisor', 'heap of net-stack', 'IOMMU'];
      for (const target of outside.filter((name) => description !== hybrid || name !== 'supervisor'))
        expect([target, kindOf(description, `can nic-driver write ${target}`)]).toEqual([target, 'no']);
    },
  );
  it('can corrupt the packets of the network stack: the pool is shared with it and its device', () => {
    const { kind, text } = answerOf(multiserver, 'can nic-driver write net-stack');
    expect([kind, text.split('\n')[0]]).toEqual([
      'yes',
      'yes: nic-driver can write net-stack, but only memory that carries data between two components',
    ]);
    expect(effectOf(multiserver, 'nic-driver', 'net-stack')).toBe('data corrupted');
  });
  it('can have its device reach its own memory and the packet pool, and nothing else', () => {
    const { edges } = auditDescription(multiserver);
    const reached = edges.filter(({ from, verb }) => from === 'NIC' && verb === 'dma-writes').map(({ to }) => to);
    expect(reached.filter((id) => !id.endsWith(' of nic-driver') && !id.startsWith('event queue'))).toEqual([
      'shared region of net-stack.device -> nic-driver.device',
    ]);
    for (const target of ['web-server', 'heap of net-stack', 'kernel memory', 'supervisor'])
      expect(kindOf(multiserver, `can nic-driver DMA into ${target}`)).toBe('no');
  });
  it('is stopped by the IOMMU alone: where that is bare, its device reaches everything', () => {
    for (const target of ['web-server', 'heap of net-stack', 'kernel memory', 'supervisor'])
      expect(kindOf(multiserverBare, `can nic-driver DMA into ${target}`)).toBe('yes');
    expect(effectOf(multiserverBare, 'nic-driver', 'web-server')).toBe('corrupted');
  });
  it('takes nobody with it', () => {
    for (const description of [hybrid, multiserver])
      expect(answerOf(description, 'what falls if nic-driver falls')).toMatchObject({ kind: 'list', names: [] });
  });
});

describe('the multiserver', () => {
  it('trusts the IOMMU driver with everything: it can switch the IOMMU off', () => {
    for (const victim of ['web-server', 'net-stack', 'supervisor', 'kernel'])
      expect(effectOf(multiserver, 'iommu-driver', victim)).toBe('corrupted');
  });
  it('lets the supervisor, and whoever lends it its registers, end the NIC driver', () => {
    for (const failing of ['supervisor', 'pci-bus-driver'])
      expect(effectOf(multiserver, failing, 'nic-driver')).toBe('falls');
    expect(cellOf(multiserver, 'supervisor', 'nic-driver').findings[0]!.chain.at(-1)).toMatchObject({ verb: 'ends' });
  });
  it('leaves nobody but the network stack to be touched by the web server', () => {
    expect(kindOf(multiserver, 'can web-server write nic-driver')).toBe('no');
    expect(effectOf(multiserver, 'web-server', 'net-stack')).toBe('data corrupted');
    for (const other of ['nic-driver', 'supervisor', 'iommu-driver', 'pci-bus-driver'])
      expect(effectOf(multiserver, 'web-server', other)).toBe('untouched');
  });
  it('lets nobody take from a neighbour the memory that they share, with rings or without', () => {
    for (const description of [multiserver, multiserverRings]) {
      for (const [failing, affected] of [
        ['nic-driver', 'net-stack'],
        ['net-stack', 'nic-driver'],
        ['net-stack', 'web-server'],
        ['web-server', 'net-stack'],
      ] as const)
        expect(effectOf(description, failing, affected)).toBe('data corrupted');
    }
  });
});

describe('the exokernel', () => {
  it('makes driver, network stack and server one fate, and nobody else falls with them', () => {
    expect(answerOf(exokernel, 'what falls if nic-driver falls')).toMatchObject({ names: ['web-server', 'net-stack'] });
    for (const server of ['supervisor', 'iommu-driver', 'pci-bus-driver', 'kernel'])
      expect(effectOf(exokernel, 'nic-driver', server)).not.toBe('falls');
    expect(kindOf(exokernel, 'can nic-driver write web-server')).toBe('yes');
    expect(kindOf(exokernel, 'can nic-driver write kernel')).toBe('no');
  });
});

describe('effects', () => {
  it('have each a sentence, from the mildest to the most severe', () => {
    expect(Object.keys(MEANINGS)).toEqual([...EFFECTS].reverse());
  });
});

describe('starvation', () => {
  it('of time ends with a budget, for all below, and for nobody else', () => {
    const budgets = { 'nic-driver': { budgetUs: 20_000, periodUs: 40_000 } };
    const description = { ...multiserver, budgets };
    expect(answerOf(description, 'can nic-driver starve web-server').kind).toBe('no');
    expect(kindOf(description, 'can net-stack starve web-server')).toBe('yes');
  });
  it('of time follows the levels, in every system, where there are no budgets', () => {
    const { budgets: _, ...unbudgeted } = multiserver;
    for (const description of [monolithic, hybrid, unbudgeted]) {
      expect(kindOf(description, 'can nic-driver starve web-server')).toBe('yes');
      expect(answerOf(description, 'can web-server starve pci-bus-driver').kind).toBe('no');
    }
  });
});
