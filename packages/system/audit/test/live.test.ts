import { capsOf } from '@bulkhead/inspection';
import { describe, expect, it } from 'vitest';
import { auditDescription, auditSystem, containment, unforeseen } from '../src/index.ts';
import { unfulfilled } from '../src/live.ts';
import { booted, serve } from './running.ts';
import { multiserver, SHAPES } from './systems.ts';

/** What a component may still ask for, and has not. */
const NOT_YET = ['dma-reads', 'dma-writes', 'programs'];

describe.each(SHAPES)('$name while it runs', (description) => {
  it('allows nothing that its description did not foretell, after boot and after a load; and little less', () => {
    const foretold = auditDescription(description);
    const system = booted(description);
    expect(unforeseen(foretold, auditSystem(system))).toEqual([]);
    expect(serve(system).failed).toBe(0);
    const live = auditSystem(system);
    expect(unforeseen(foretold, live)).toEqual([]);
    expect(unfulfilled(foretold, live).filter(({ verb }) => !NOT_YET.includes(verb))).toEqual([]);
  });
});

describe('the live audit', () => {
  it('sees that the device reaches the rings and the packet pool only, of all that its driver could have mapped', () => {
    const { edges } = auditSystem(booted(multiserver));
    const reached = edges.filter(({ from, verb }) => from === 'NIC' && verb === 'dma-writes').map(({ to }) => to);
    expect(reached).toEqual(["region 'rings' of nic-driver", 'shared region of net-stack.device -> nic-driver.device']);
  });
  it('gives a matrix that is nowhere worse than the one of the description', () => {
    const live = containment(auditSystem(booted(multiserver)));
    const foretold = containment(auditDescription(multiserver));
    for (const [r, row] of live.cells.entries()) {
      for (const [c, { findings }] of row.entries()) {
        const effects = foretold.cells[r]![c]!.findings.map(({ effect }) => effect);
        for (const { effect } of findings) expect(effects).toContain(effect);
      }
    }
  });
  it('notices a mapping that nobody foretold', () => {
    const system = booted(multiserver);
    const { spaces, domains, capabilities } = system.kernel;
    const domainOf = (name: string) => domains.find((domain) => domain.name === name)!;
    const [from, to] = [domainOf('web-server'), domainOf('nic-driver')];
    const rights = Array.from({ length: 4095 }, (_, i) => i + 1);
    const frame = rights.find((right) => capabilities.isMapped(spaces.slotAt(from, right)))!;
    const granted = spaces.grant(spaces.slotAt(from, frame), to);
    expect(spaces.map(to, granted, 1, 6)).toBe(0);
    expect(unforeseen(auditDescription(multiserver), auditSystem(system))).toMatchObject([
      { from: 'domain nic-driver', verb: 'reads', to: 'heap of web-server' },
      { from: 'domain nic-driver', verb: 'writes', to: 'heap of web-server' },
      { from: 'domain web-server', verb: 'revokes', to: 'nic-driver' },
    ]);
  });
  it('notices I/O registers of the device in hands that nobody foretold, though no address space maps them', () => {
    const system = booted(multiserver);
    const { spaces, domains } = system.kernel;
    const registers = capsOf(system).capabilities.find(({ what }) => what === 'BAR 2 of 00:01.0')!;
    const target = domains.find((domain) => domain.name === 'web-server')!;
    expect(spaces.grant(registers.slot, target)).toBeGreaterThan(0);
    expect(unforeseen(auditDescription(multiserver), auditSystem(system))).toMatchObject([
      { from: 'domain web-server', verb: 'programs', to: 'NIC' },
    ]);
  });
  it('notices an endpoint, a thread and a page of a device that nobody foretold', () => {
    const system = booted(multiserver);
    const { spaces, domains, capabilities, seats } = system.kernel;
    const domainOf = (name: string) => domains.find((domain) => domain.name === name)!;
    const target = domainOf('web-server');
    expect(spaces.grant(seats.find(({ name }) => name === 'net-stack')!.tcbSlot, target)).toBeGreaterThan(0);
    const tables = domainOf('iommu-driver');
    const rights = Array.from({ length: 4095 }, (_, i) => spaces.slotAt(tables, i + 1));
    const registers = rights.find((slot) => capabilities.isMapped(slot) && capabilities.isDevice(slot))!;
    expect(spaces.map(target, spaces.grant(registers, target), 1, 6)).toBe(0);
    expect(unforeseen(auditDescription(multiserver), auditSystem(system))).toMatchObject([
      { from: 'domain web-server', verb: 'programs', to: 'IOMMU' },
      { from: 'domain web-server', verb: 'ends', to: 'domain net-stack' },
      { from: 'domain web-server', verb: 'starts', to: 'domain net-stack' },
    ]);
  });
});
