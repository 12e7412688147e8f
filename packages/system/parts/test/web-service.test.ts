import { assemble, checkDescription, type Description, factsOf, parseConnection } from '@bulkhead/assembler';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { iommuDriver } from '@bulkhead/iommu-driver';
import { netStack } from '@bulkhead/net-stack';
import { nicDriver } from '@bulkhead/nic-driver';
import { pciBusDriver } from '@bulkhead/pci-bus-driver';
import type { ComponentDefinition } from '@bulkhead/runtime';
import { supervisor } from '@bulkhead/supervisor';
import { webServer } from '@bulkhead/web-server';
import { describe, expect, it } from 'vitest';
import { webService } from '../src/index.ts';
import { boot, fetchPage } from './client.ts';

/** From the highest level down. A client in the kernel needs its servers there, so these are all the cuts there are. */
const BY_LEVEL = ['pci-bus-driver', 'iommu-driver', 'supervisor', 'nic-driver', 'net-stack', 'web-server'];
const BOOT_NS = 20_000_000;

/** The first `inKernel` components share the kernel's domain, and every other has its own. */
function cutAt(inKernel: number, changes: Partial<Description> = {}): Description {
  const outside = BY_LEVEL.slice(inKernel).map((name) => [name, [name]] as const);
  return {
    name: `${inKernel} in the kernel`,
    summary: 'one of the cuts',
    ...webService(),
    domains: { kernel: BY_LEVEL.slice(0, inKernel), ...Object.fromEntries(outside) },
    iommu: 'bare',
    supervised: [],
    ...changes,
  };
}
const withSupervisor = (): Partial<Description> => ({
  authority: { ...webService().authority, supervisor: { 'child-0': 'domain:nic-driver' } },
  iommu: 'translating',
  supervised: ['nic-driver'],
});
/** The driver, whose first life ends at its fifth interrupt. */
function mortal(driver: ComponentDefinition, lives: { count: number }): ComponentDefinition {
  return {
    ...driver,
    create(context, ports) {
      const life = ++lives.count;
      let left = 5;
      const instance = driver.create(context, ports);
      const { notified } = instance.handlers['kernel']!;
      const handlers = {
        ...instance.handlers,
        kernel: {
          notified: (...args: number[]) => {
            if (life === 1 && left-- === 0) throw new Error('dies');
            return notified!(...(args as never[]));
          },
        },
      };
      return { ...instance, handlers: handlers as typeof instance.handlers };
    },
  };
}
const serve = (description: Description, path: string): string => {
  const system = assemble(description);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  const answer = fetchPage(system, path);
  expect(system.panic).toBeNull();
  expect(system.faults).toEqual([]);
  return answer;
};

describe('the parts of a web service', () => {
  it('are the components themselves, the same objects for whoever asks', () => {
    const components: readonly unknown[] = [webServer, netStack, nicDriver, supervisor, iommuDriver, pciBusDriver];
    for (const each of [webService(), webService({ title: 'another' })]) {
      expect(each.components.length).toBe(components.length);
      each.components.forEach((component, i) => {
        expect(component).toBe(components[i]);
      });
    }
  });
  it('say nothing of walls: no domain, no IOMMU, nobody supervised', () => {
    expect(Object.keys(webService()).sort()).toEqual(['authority', 'components', 'config', 'connections']);
  });
  it('are connected upward only, by level', () => {
    const { components, connections } = webService();
    const levelOf = (name: string): number => components.find((each) => each.name === name)!.level;
    const levels = connections.map((text) => parseConnection(text)!).map((e) => [levelOf(e.client), levelOf(e.server)]);
    for (const [client, server] of levels) expect(client).toBeLessThan(server!);
    expect(BY_LEVEL.map(levelOf)).toEqual(BY_LEVEL.map(levelOf).sort((a, b) => b - a));
  });
  it('give the NIC to its driver by the supervisor where there is one to supervise, and by the system elsewhere', () => {
    const configOf = (isSupervised: boolean) =>
      webService().config({
        identity: (component) => BY_LEVEL.indexOf(component),
        supervised: () => isSupervised,
        iommu: 'translating',
        machine: {
          msiPage: 1,
          pciWindowPage: 2,
          pciWindowPages: 3,
          pciIoPage: 4,
          pciIoPages: 5,
          pciBusCount: 2,
          hasBridges: false,
        },
        seed: 9,
      });
    const nic = { component: 3, vendorDevice: 0x10d38086 };
    expect(configOf(false)).toMatchObject({ 'pci-bus-driver': { allowed: [nic] }, supervisor: { children: [] } });
    expect(configOf(true)).toMatchObject({
      'pci-bus-driver': { allowed: [] },
      supervisor: { children: [{ ...nic, domainRight: 'child-0' }] },
      'net-stack': { seed: 9 },
    });
  });
});

describe('the same parts, wherever the walls stand', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('serve the same page with %i of them in the kernel', (inKernel) => {
    const description = cutAt(inKernel);
    expect(checkDescription(description)).toEqual([]);
    const answer = serve(description, '/bytes/5000');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.length - answer.indexOf('\r\n\r\n') - 4).toBe(5000);
  });
  it('serve it behind a translating IOMMU, with a supervisor that starts the driver', () => {
    const bare = serve(cutAt(5), '/about');
    expect(serve(cutAt(0, withSupervisor()), '/about')).toBe(bare);
    expect(serve(cutAt(5, { iommu: 'translating' }), '/about')).toBe(bare);
  });
  it('refuse a cut that would call out of the kernel', () => {
    const description = cutAt(6, { domains: { kernel: BY_LEVEL.slice(1), pci: ['pci-bus-driver'] } });
    expect(checkDescription(description).length).toBeGreaterThan(0);
  });
  it('show the title that they were given', () => {
    const description = { ...cutAt(5), ...webService({ title: 'A title' }) };
    expect(serve(description, '/')).toContain('<h1>A title</h1>');
  });

  describe.each(['root-ports', 'bridge', 'nested'] as const)('with its card behind bridges: %s', (topology) => {
    it('serve as they do without, all apart and all but the application in the kernel', () => {
      const flat = serve(cutAt(0, withSupervisor()), '/');
      expect(serve(cutAt(0, { ...withSupervisor(), topology }), '/')).toBe(flat);
      expect(serve(cutAt(5, { topology }), '/')).toBe(serve(cutAt(5), '/'));
    });
    it('have its registers in I/O space too, where every bridge on the way lets them through', () => {
      const description = cutAt(0, { ...withSupervisor(), topology });
      const { bus, nic } = boot(description).board;
      const [registers, , ports] = nic.function.bars;
      expect([ports!.isIo, ports!.address % 4096]).toEqual([true, 0]);
      expect(ports!.address).toBeGreaterThan(0);
      const page = factsOf(description, 1).machine.pciIoPage + ports!.address / 4096;
      expect(bus.store(page, reg.IOADDR, 4, reg.RAL)).toBe(0);
      expect(bus.load(page, reg.IODATA, 4)).toBe(bus.load(registers!.address / 4096 + 5, reg.RAL % 4096, 4));
    });
    it('serve again after the death of the driver, whose device the supervisor finds without being told its number', () => {
      const lives = { count: 0 };
      const description = cutAt(0, { ...withSupervisor(), topology });
      const components = description.components.map((one) => (one.name === 'nic-driver' ? mortal(one, lives) : one));
      const system = assemble({ ...description, components });
      system.runUntil(system.clock.cyclesOf(BOOT_NS));
      expect(fetchPage(system, '/bytes/5000')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(lives.count).toBe(2);
      const nic = system.board.nic.function;
      expect(nic.requesterId).toBe({ 'root-ports': 0x100, bridge: 0x108, nested: 0x208 }[topology]);
      expect(nic.busMasterEnabled).toBe(true);
    });
  });
});
