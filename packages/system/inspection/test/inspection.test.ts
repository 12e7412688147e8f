import type { Description, System } from '@bulkhead/assembler';
import { assemble } from '@bulkhead/assembler';
import { PCI_IO_PAGE } from '@bulkhead/board';
import { objects, SLOT_WORDS } from '@bulkhead/capabilities';
import { DMA_READ, DMA_WRITE } from '@bulkhead/iommu';
import { describe, expect, it } from 'vitest';
import { capsOf, deviceAt, domainsOf, machineOf, memoryOf, pages, reachOf } from '../src/index.ts';
import { expectConsistent } from './picture.ts';
import { booted, broken, manyWalls, oneWall } from './systems.ts';

const RAM_PAGES: readonly number[] = Array.from({ length: 0x8000 }, (_, page) => 0x80000 + page);
const NIC = 0x08;
/** Looked at by several tests, run by none. */
const [one, many] = [booted(oneWall), booted(manyWalls)];
const reachFrom = (system: System, name: string) => reachOf(system).domains.find(({ domain }) => domain === name)!;
const whatOf = (runs: readonly { readonly what: string }[]): string[] => runs.map(({ what }) => what);

describe.each<[string, Description]>([
  ['one wall', oneWall],
  ['many walls', manyWalls],
])('a system with %s', (_, description) => {
  it('gives a consistent picture before anything ran, and after boot', () => {
    expectConsistent(assemble(description));
    expectConsistent(description === oneWall ? one : many);
  });
  it('does not notice that it is looked at', () => {
    const [watched, alone] = [assemble(description), assemble(description)];
    const counts = ({ board }: System): number[] => [board.bus.accessCount, board.mmu.missCount];
    for (const ns of [0, 300_000, 1_700_000]) {
      for (const system of [watched, alone]) system.runUntil(system.clock.cyclesOf(ns));
      const [memory, before] = [watched.board.ram.bytes.slice(), counts(watched)];
      expectConsistent(watched);
      expect(Buffer.compare(memory, watched.board.ram.bytes)).toBe(0);
      expect(counts(watched)).toEqual(before);
    }
    for (const system of [watched, alone]) system.runUntil(system.clock.cyclesOf(5_000_000));
    expect(watched.digest()).toBe(alone.digest());
  });
});

describe('capabilities that name no object', () => {
  it('are told apart: control of interrupts is not control of time', () => {
    const told = capsOf(many).capabilities.filter(({ address, interrupt }) => address === null && interrupt === null);
    const what = new Map(told.map((one) => [one.type, one.what]));
    expect(what.get('IRQControl')).toBe('control of interrupts');
    expect(what.get('SchedControl')).toBe('control of time');
    expect(new Set(what.values()).size).toBe(what.size);
  });
});

describe('what a device reaches by DMA', () => {
  it('behind the IOMMU: exactly its rings, the packet pool and a page for each of its interrupts', () => {
    const { devices } = memoryOf(many);
    expect(devices.map(({ device, reach }) => [device, reach])).toEqual([['00:01.0', 'mapped']]);
    expect(whatOf(devices[0]!.runs).toSorted()).toEqual([
      ...[16, 17, 18, 19, 20].map((identity) => `interrupt ${identity}`),
      'rings of nic-driver',
      'shared region of net-stack.device -> nic-driver.device',
    ]);
  });
  it('behind the IOMMU: what the IOMMU itself answers, page by page', () => {
    const system = booted(manyWalls);
    const [device] = memoryOf(system).devices;
    const told = new Map(
      device!.runs.flatMap(({ page, count, physicalPage, what }) =>
        // A page of an interrupt is none of memory: no access comes through there.
        what.startsWith('interrupt ')
          ? []
          : Array.from({ length: count }, (_, i) => [page + i, physicalPage + i] as const),
      ),
    );
    const asked = new Set([...told.keys(), ...RAM_PAGES, ...Array.from({ length: 0x2000 }, (_, page) => page)]);
    const otherwise = [...asked].filter((page) =>
      [DMA_READ, DMA_WRITE].some(
        (access) => Math.max(-1, system.board.iommu.translate(NIC, page, access)) !== (told.get(page) ?? -1),
      ),
    );
    expect(otherwise).toEqual([]);
  });
  it('past a bare IOMMU: everything', () => {
    const system = one;
    expect(memoryOf(system).devices).toMatchObject([{ reach: 'everything', runs: [] }]);
    const [device] = reachOf(system).devices;
    expect(pages.pageCount(device!.writable)).toBeGreaterThan(RAM_PAGES.length);
    expect(RAM_PAGES.every((page) => system.board.iommu.translate(NIC, page, DMA_WRITE) === page)).toBe(true);
  });
  it('before anybody set the IOMMU up: nothing', () => {
    const [device] = reachOf(assemble(manyWalls)).devices;
    expect(device).toMatchObject({ reach: 'nothing', readable: [], writable: [], busMaster: false });
  });
});

describe('what a domain reaches', () => {
  it('in the kernel: all of RAM and every device; outside: its own memory, what is shared with it, and its registers', () => {
    const everything = pages.union(reachOf(one).addressMap);
    expect(pages.intersection(reachFrom(one, 'kernel').writable, everything)).toEqual(everything);
    const application = memoryOf(one).domains.find(({ domain }) => domain === 'web-server')!;
    expect(new Set(whatOf(application.runs).map((what) => what.split(' of ')[0]))).toEqual(
      new Set(['heap', 'code', 'data', 'message buffer', 'shared region', 'queue']),
    );
    const driver = memoryOf(many).domains.find(({ domain }) => domain === 'nic-driver')!;
    expect(whatOf(driver.runs)).toContain('BAR 0 of 00:01.0');
    expect(whatOf(driver.runs).filter((what) => what.includes('web-server'))).toEqual([]);
  });
  it('by capabilities: the channels are the connections, each to the component at its other end', () => {
    const system = many;
    const calls = reachOf(system).domains.flatMap(({ channels }) =>
      channels
        .filter(({ kind, from, domain }) => kind === 'endpoint' && from !== domain)
        .map(({ from, badge, component }) => `${from} ${badge} ${component}`),
    );
    const expected = system.connections.map(
      ({ client, server }) => `${client.seat.name} ${client.seat.index + 1} ${server.seat.name}`,
    );
    expect(calls.toSorted()).toEqual(expected.toSorted());
    expect(reachFrom(system, 'supervisor').controls).toEqual(['nic-driver']);
    expect(reachFrom(system, 'net-stack').controls).toEqual([]);
  });
  it('by interrupts: the driver is told of its own device’s, and the IOMMU driver of faults', () => {
    const { interrupts, devices } = reachOf(many);
    expect(interrupts.map(({ component, sources }) => [component, sources])).toEqual([
      ['iommu-driver', ['IOMMU vector 0']],
      ['nic-driver', ['00:01.0 vector 0']],
      ['nic-driver', ['00:01.0 vector 1']],
    ]);
    const masked = booted(manyWalls);
    masked.board.nic.function.bars[3]!.device.write(12, 4, 1);
    expect(reachOf(masked).interrupts.map(({ sources }) => sources.length)).toEqual([1, 0, 1]);
    expect(devices[0]).toMatchObject({
      busMaster: true,
      interruptsTo: ['nic-driver'],
      controlledBy: ['kernel', 'pci-bus-driver', 'nic-driver'],
    });
  });
});

describe('capabilities', () => {
  it('are found wherever they lie: in a TCB, and in a CNode inside a CNode', () => {
    const system = booted(manyWalls);
    const { spaces, capabilities, domains } = system.kernel;
    const domain = domains.find(({ name }) => name === 'net-stack')!;
    const { tcbSlot, seats } = { tcbSlot: domain.seats[0]!.tcbSlot, seats: domain.seats };
    const node = spaces.slotAt(domain, spaces.make(domain, objects.CNODE, 4, 1));
    const source = capsOf(system).capabilities.find(
      ({ holder, type }) => holder === 'net-stack' && type === 'Endpoint',
    )!;
    const [inTcb, inNode] = [
      capabilities.wordOf(tcbSlot) + 4 * SLOT_WORDS,
      capabilities.wordOf(node) + 15 * SLOT_WORDS,
    ];
    for (const target of [inTcb, inNode]) expect(capabilities.copy(target, source.slot, objects.ALL_RIGHTS)).toBe(0);
    const found = capsOf(system).capabilities.filter(({ slot }) => slot === inTcb || slot === inNode);
    expect(found.map(({ holder, space, index }) => [holder, space, index])).toEqual([
      ['net-stack', `TCB of ${seats[0]!.name}`, 4],
      ['net-stack', `CNode at slot ${node}`, 15],
    ]);
    const { derivation } = capsOf(system);
    const original = derivation.find(({ slot }) => slot === source.slot)!.parent;
    const copies = derivation.filter(({ parent }) => parent === original).map(({ slot }) => slot);
    expect(copies).toHaveLength(4);
    expect(copies).toEqual(expect.arrayContaining([source.slot, inTcb, inNode]));
  });
  it('to frames of a connection are copies at both ends: the originals are the kernel core’s', () => {
    for (const system of [one, many]) {
      const { capabilities, derivation } = capsOf(system);
      const bySlot = new Map(capabilities.map((found) => [found.slot, found]));
      const parents = new Map(derivation.map(({ slot, parent }) => [slot, bySlot.get(parent ?? 0)]));
      const shared = capabilities.filter(
        ({ type, what, holder }) =>
          type === 'Frame' && /^(shared region|queue) of /.test(what) && holder !== 'kernel core',
      );
      expect(shared.length).toBeGreaterThan(10);
      for (const { slot, address } of shared)
        expect(parents.get(slot)).toMatchObject({ type: 'Frame', holder: 'kernel core', address });
      for (const { slot, owner } of capabilities.filter(
        ({ type, holder, device }) => type === 'Frame' && holder === 'kernel core' && !device,
      ))
        expect(parents.get(slot)).toMatchObject({ type: 'Untyped', owner });
    }
  });
  it('to I/O registers name them, in the window of I/O space, which its owner holds as a whole', () => {
    const window = PCI_IO_PAGE * 4096;
    const untyped = capsOf(many).capabilities.filter(
      ({ type, holder, address }) =>
        type === 'Untyped' && holder === 'pci-bus-driver' && address! >= window && address! < window + 0x1_0000,
    );
    expect(untyped.map(({ what, address, lenBytes }) => [what, address! - window, lenBytes])).toEqual([
      ['PCI I/O space', 0, 0x1_0000],
      ['PCI I/O space', 0, 0x1000], // I/O address 0 is nobody's
      ['BAR 2 of 00:01.0', 0x1000, 0x1000],
    ]);
  });
  it('that do not allow it are no channel: a notification that may only be waited for', () => {
    const system = booted(manyWalls);
    const { spaces, domains } = system.kernel;
    const to = domains.find(({ name }) => name === 'supervisor')!;
    const source = capsOf(system).capabilities.find(
      ({ holder, type }) => holder === 'net-stack' && type === 'Notification',
    )!;
    const channels = (): number => reachFrom(system, 'supervisor').channels.length;
    const before = channels();
    expect(spaces.grant(source.slot, to, 1, 0, objects.READ)).toBeGreaterThan(0);
    expect(channels()).toBe(before);
    expect(spaces.grant(source.slot, to, 1, 0, objects.WRITE)).toBeGreaterThan(0);
    expect(channels()).toBe(before + 1);
  });
});

describe('a driver that broke and came back', () => {
  const system = broken();
  it('leaves a consistent picture, the same as without the break but for its starts', () => {
    expectConsistent(system);
    const [now, undisturbed] = [domainsOf(system), domainsOf(many)];
    const starts = ({ domains }: typeof now): number[] => domains.map((domain) => domain.starts);
    expect(starts(now).map((count, i) => count - starts(undisturbed)[i]!)).toEqual([0, 0, 0, 0, 1, 0, 0]);
    const rest = ({ domains }: typeof now) =>
      domains.map(({ name, memory, mappedPages }) => [name, memory, mappedPages]);
    expect(rest(now)).toEqual(rest(undisturbed));
    expect(memoryOf(system).devices).toEqual(memoryOf(many).devices);
  });
  it('between death and start keeps its memory, and is said to be dead', () => {
    const dying = booted(manyWalls);
    dying.kernel.end(dying.places.find(({ seat }) => seat.name === 'nic-driver')!.seat, 1, 0, 0, 'ended by a test');
    expectConsistent(dying);
    expect(reachFrom(dying, 'nic-driver')).toMatchObject({ alive: false });
    expect(pages.pageCount(reachFrom(dying, 'nic-driver').writable)).toBeGreaterThan(0);
    expect(memoryOf(dying).domains.find(({ domain }) => domain === 'nic-driver')!.alive).toBe(false);
  });
});

describe('the machine', () => {
  it('has the board’s RAM and devices, and the profile’s clock and TLB', () => {
    const system = many;
    const machine = machineOf(system);
    expect(machine).toMatchObject({ ramBytes: 128 * 2 ** 20, harts: 1, iommu: { mode: 'translating' } });
    expect(machine.profile.cyclesPerSecond).toBe(system.clock.cyclesPerSecond);
    expect(machine.functions).toMatchObject([
      { name: '00:01.0', vendorId: 0x8086, deviceId: 0x10d3, classCode: 0x020000, memorySpace: true },
    ]);
    expect(machine.functions[0]!.bars.map(({ index, isIo, sizeBytes }) => [index, isIo, sizeBytes])).toEqual([
      [0, false, 0x20000],
      [1, false, 0x20000],
      [2, true, 32],
      [3, false, 0x4000],
    ]);
    expect(machine.links).toMatchObject([{ up: true, megabitsPerSecond: 1000, fullDuplex: true }]);
    for (const { page, count } of machine.addressMap) {
      expect(system.board.bus.holds(page) && system.board.bus.holds(page + count - 1)).toBe(true);
      expect(
        system.board.bus.holds(page - 1) && !machine.addressMap.some((range) => range.page + range.count === page),
      ).toBe(false);
    }
  });
  it('names whose registers stand at a page: a BAR where software put it, or configuration space', () => {
    const [found] = machineOf(many).functions;
    const [bar] = found!.bars.filter(({ isIo, address }) => !isIo && address !== 0);
    const [first, count] = [bar!.address / 4096, Math.ceil(bar!.sizeBytes / 4096)];
    const at = (page: number) => deviceAt(many, page);
    const there = { device: '00:01.0', place: `BAR ${bar!.index}` };
    expect([at(first), at(first + count - 1)]).toEqual([there, there]);
    const ecam = machineOf(many).addressMap.find(({ kind }) => kind === 'ecam')!;
    expect(at(ecam.page + NIC)).toEqual({ device: '00:01.0', place: 'configuration space' });
    expect([at(ecam.page), at(ecam.page + 0x30), at(0x80000), at(-1)]).toEqual([null, null, null, null]);
    expect(deviceAt(assemble(manyWalls), first)).toBeNull();
  });
  it('has a function for every card in its slots', () => {
    const { functions, links } = machineOf(assemble({ ...oneWall, nics: 2 }));
    expect(functions.map(({ name, requesterId }) => [name, requesterId])).toEqual([
      ['00:01.0', 8],
      ['00:02.0', 16],
    ]);
    expect(links.map(({ device }) => device)).toEqual(['00:01.0', '00:02.0']);
  });
});
