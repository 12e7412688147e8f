import { assemble, type Description } from '@bulkhead/assembler';
import { describe, expect, it } from 'vitest';
import { ask, auditDescription, auditSystem, unforeseen } from '../src/index.ts';
import { exokernelTwo, multiserver } from './systems.ts';

const answerTo = (description: Description, question: string): string =>
  ask(auditDescription(description), question).kind;
const running = (description: Description) => {
  const system = assemble(description);
  system.runUntil(system.clock.cyclesOf(20_000_000));
  expect([system.panic, system.faults]).toEqual([null, []]);
  return system;
};

describe('A protection that a description switches off', () => {
  it("iommu 'off': the driver reaches all of memory through its device, as with a bare one", () => {
    expect(answerTo(multiserver, 'can nic-driver DMA web-server')).toBe('no');
    for (const iommu of ['off', 'bare'] as const)
      expect(answerTo({ ...multiserver, iommu }, 'can nic-driver DMA web-server')).toBe('yes');
  });
  it("messages 'off': the driver can have its device interrupt others", () => {
    const mayForge = (description: Description): boolean =>
      auditDescription(description).edges.some(
        ({ from, verb, to }) => from === 'NIC' && verb === 'interrupts' && to === 'interrupt file',
      );
    expect(mayForge(multiserver)).toBe(false);
    expect(mayForge({ ...multiserver, messages: 'off' })).toBe(true);
    expect(mayForge({ ...multiserver, iommu: 'off' })).toBe(true);
    expect(answerTo(multiserver, 'can nic-driver interrupt iommu-driver')).toBe('no');
    expect(answerTo({ ...multiserver, messages: 'off' }, 'can nic-driver interrupt iommu-driver')).toBe('yes');
  });
  it("ownership 'off': a driver may have its memory mapped for another's device", () => {
    const edges = (description: Description): number =>
      auditDescription(description).edges.filter(
        ({ from, verb, to }) =>
          from === 'NIC of nic-driver' && verb === 'dma-writes' && to === "region 'rings' of nic-driver-b",
      ).length;
    expect(edges(exokernelTwo)).toBe(0);
    expect(edges({ ...exokernelTwo, ownership: 'off' })).toBe(1);
  });
  it.each<Partial<Description>>([
    { iommu: 'off' },
    { messages: 'off' },
    { ownership: 'off' },
    { invalidation: 'deferred' },
    { ownership: 'off', messages: 'off' },
  ])('%o: the system runs, and allows nothing that was not foretold', (but) => {
    for (const shape of [multiserver, exokernelTwo]) {
      const description = { ...shape, ...but };
      expect(unforeseen(auditDescription(description), auditSystem(running(description)))).toEqual([]);
    }
  });
});
