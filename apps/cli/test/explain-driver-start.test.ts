/** The lecture's last figure: an isolated driver, and all that it asks before it may touch its device. */
import { assemble } from '@bulkhead/assembler';
import { describe, expect, it } from 'vitest';
import { type DriverStart, explainDriverStart } from '../src/explain/driver-start.ts';
import { driverStartMermaid, driverStartText } from '../src/explain/driver-start-text.ts';
import { type Exchange, ExchangeRecorder } from '../src/explain/exchanges.ts';
import { wordsOf } from '../src/explain/message-words.ts';
import { profileOf } from '../src/profiles.ts';
import { loadSystem, loadSystemWith, SYSTEM_NAMES } from '../src/systems.ts';
import { command } from './execute.ts';

const DRIVER = 'nic-driver';
const profile = profileOf('haswell');
const multiserver = await loadSystem('multiserver');
const start: DriverStart = explainDriverStart(multiserver, { profile });

const all = (exchanges: readonly Exchange[]): Exchange[] => exchanges.flatMap((one) => [one, ...all(one.inside)]);
const placeOf = (method: string, { exchanges }: DriverStart = start): number =>
  all(exchanges).findIndex((one) => one.method === method && one.from === DRIVER);
const callsOf = (exchanges: readonly Exchange[], depth = 0): string[] =>
  exchanges.flatMap((one) => {
    const { call, result } = wordsOf(one, multiserver);
    const right = one.moved.map(({ to, what }) => ` [${what} → ${to}]`).join('');
    const line = `${'  '.repeat(depth)}${one.from} → ${one.to}: ${call}${result === '' ? '' : ` = ${result}`}${right}`;
    return [one.times > 1 ? `${line} × ${one.times}` : line, ...callsOf(one.inside, depth + 1)];
  });

describe('the start of an isolated driver', () => {
  it('is this sequence, from the moment at which the supervisor starts it', () => {
    const from = start.exchanges.findIndex(({ method }) => method === 'startDomain');
    expect(callsOf(start.exchanges.slice(from))).toMatchInlineSnapshot(`
      [
        "supervisor → kernel: startDomain(thread of nic-driver)",
        "nic-driver → pci-bus-driver: find(8086:10d3, 0) = 00:01.0",
        "nic-driver → pci-bus-driver: claim(00:01.0)",
        "nic-driver → pci-bus-driver: bar(00:01.0, 0) = 32 [BAR 0 of 00:01.0 → nic-driver]",
        "nic-driver → kernel: retype(BAR 0 of 00:01.0, Frame, 4 KiB, × 32)",
        "nic-driver → kernel: map(BAR 0 of 00:01.0, × 32, read and write)",
        "nic-driver → pci-bus-driver: interrupt(00:01.0, 0) [interrupt 16 → nic-driver]",
        "  pci-bus-driver → kernel: issueInterrupt(control of interrupts, 16)",
        "nic-driver → kernel: bindInterrupt(interrupt 16, 0)",
        "nic-driver → pci-bus-driver: interrupt(00:01.0, 1) [interrupt 17 → nic-driver]",
        "  pci-bus-driver → kernel: issueInterrupt(control of interrupts, 17)",
        "nic-driver → kernel: bindInterrupt(interrupt 17, 1)",
        "nic-driver → iommu-driver: map(00:01.0, rings of nic-driver, read and write) = page 0x20 [rings of nic-driver → iommu-driver]",
        "  iommu-driver → pci-bus-driver: ownerOf(00:01.0) = nic-driver",
        "  iommu-driver → kernel: address(rings of nic-driver) = page 0x85021",
        "  iommu-driver → kernel: delete(rings of nic-driver)",
        "  iommu-driver → pci-bus-driver: messageOf(00:01.0, 0) = 16 × 5",
        "  iommu-driver → pci-bus-driver: messageOf(00:01.0, 5) = refused: no-such-vector",
        "  iommu-driver → pci-bus-driver: redirect(00:01.0, page 0x10, × 5)",
        "nic-driver → iommu-driver: map(00:01.0, rings of nic-driver, read and write) = page 0x21 [rings of nic-driver → iommu-driver]",
        "  iommu-driver → pci-bus-driver: ownerOf(00:01.0) = nic-driver",
        "  iommu-driver → kernel: address(rings of nic-driver) = page 0x85022",
        "  iommu-driver → kernel: delete(rings of nic-driver)",
        "nic-driver → iommu-driver: map(00:01.0, shared region of net-stack.device -> nic-driver.device, read and write) = page 0x1000 [shared region of net-stack.device -> nic-driver.device → iommu-driver]",
        "  iommu-driver → pci-bus-driver: ownerOf(00:01.0) = nic-driver",
        "  iommu-driver → kernel: address(shared region of net-stack.device -> nic-driver.device) = page 0x84200",
        "  iommu-driver → kernel: delete(shared region of net-stack.device -> nic-driver.device)",
        "nic-driver → pci-bus-driver: start(00:01.0)",
        "nic-driver → net-stack: ready(0x5255, 0xa00020f)",
        "nic-driver → net-stack: linkChanged(1)",
        "net-stack → nic-driver: open()",
      ]
    `);
  });
  it('is this sequence over virtio-net: another driver and card, the same questions, walls and rights', async () => {
    const virtio = await loadSystemWith('multiserver', 'virtio-net');
    const { exchanges } = explainDriverStart(virtio, { profile });
    const from = exchanges.findIndex(({ method }) => method === 'startDomain');
    expect(callsOf(exchanges.slice(from))).toMatchInlineSnapshot(`
      [
        "supervisor → kernel: startDomain(thread of nic-driver)",
        "nic-driver → pci-bus-driver: find(1af4:1041, 0) = 00:01.0",
        "nic-driver → pci-bus-driver: claim(00:01.0)",
        "nic-driver → pci-bus-driver: config(00:01.0, 0x34) × 23",
        "nic-driver → pci-bus-driver: bar(00:01.0, 4) = 4 [BAR 4 of 00:01.0 → nic-driver]",
        "nic-driver → kernel: retype(BAR 4 of 00:01.0, Frame, 4 KiB, × 4)",
        "nic-driver → kernel: map(BAR 4 of 00:01.0, × 4, read and write)",
        "nic-driver → pci-bus-driver: interrupt(00:01.0, 0) [interrupt 16 → nic-driver]",
        "  pci-bus-driver → kernel: issueInterrupt(control of interrupts, 16)",
        "nic-driver → kernel: bindInterrupt(interrupt 16, 0)",
        "nic-driver → pci-bus-driver: interrupt(00:01.0, 1) [interrupt 17 → nic-driver]",
        "  pci-bus-driver → kernel: issueInterrupt(control of interrupts, 17)",
        "nic-driver → kernel: bindInterrupt(interrupt 17, 1)",
        "nic-driver → iommu-driver: map(00:01.0, queues of nic-driver, read and write) = page 0x20 [queues of nic-driver → iommu-driver]",
        "  iommu-driver → pci-bus-driver: ownerOf(00:01.0) = nic-driver",
        "  iommu-driver → kernel: address(queues of nic-driver) = page 0x85021",
        "  iommu-driver → kernel: delete(queues of nic-driver)",
        "  iommu-driver → pci-bus-driver: messageOf(00:01.0, 0) = 16 × 4",
        "  iommu-driver → pci-bus-driver: messageOf(00:01.0, 4) = refused: no-such-vector",
        "  iommu-driver → pci-bus-driver: redirect(00:01.0, page 0x10, × 4)",
        "nic-driver → iommu-driver: map(00:01.0, queues of nic-driver, read and write) = page 0x21 [queues of nic-driver → iommu-driver] × 4",
        "  iommu-driver → pci-bus-driver: ownerOf(00:01.0) = nic-driver",
        "  iommu-driver → kernel: address(queues of nic-driver) = page 0x85022",
        "  iommu-driver → kernel: delete(queues of nic-driver)",
        "nic-driver → iommu-driver: map(00:01.0, shared region of net-stack.device -> nic-driver.device, read and write) = page 0x1000 [shared region of net-stack.device -> nic-driver.device → iommu-driver]",
        "  iommu-driver → pci-bus-driver: ownerOf(00:01.0) = nic-driver",
        "  iommu-driver → kernel: address(shared region of net-stack.device -> nic-driver.device) = page 0x84200",
        "  iommu-driver → kernel: delete(shared region of net-stack.device -> nic-driver.device)",
        "nic-driver → pci-bus-driver: start(00:01.0)",
        "nic-driver → net-stack: ready(0x5255, 0xa00020f)",
        "nic-driver → net-stack: linkChanged(1)",
        "net-stack → nic-driver: open()",
      ]
    `);
  });
  it('begins when the supervisor starts the domain: before that the driver says nothing', () => {
    const order = all(start.exchanges);
    const started = order.findIndex(({ from, method }) => from === 'supervisor' && method === 'startDomain');
    expect(started).toBeGreaterThan(0);
    expect(order.findIndex(({ from }) => from === DRIVER)).toBeGreaterThan(started);
  });
  it('claims before it asks for anything of the device, and lets the device reach memory last', () => {
    const order = ['find', 'claim', 'bar', 'interrupt', 'map', 'start', 'ready'].map((method) => placeOf(method));
    // `map` is the kernel's first (the registers), and the IOMMU driver's later.
    expect(order.every((place) => place >= 0)).toBe(true);
    expect(placeOf('claim')).toBeLessThan(placeOf('bar'));
    expect(placeOf('bar')).toBeLessThan(placeOf('interrupt'));
    const lastMapping = all(start.exchanges).findLastIndex(
      ({ contract, method }) => contract === 'iommu' && method === 'map',
    );
    expect(lastMapping).toBeLessThan(placeOf('start'));
    expect(placeOf('start')).toBeLessThan(placeOf('ready'));
  });
  it('carries the right to exactly one BAR, and to one interrupt a vector, from the PCI-bus driver', () => {
    const moved = all(start.exchanges).flatMap((one) => one.moved);
    const given = moved.filter(({ from, to }) => from === 'pci-bus-driver' && to === DRIVER);
    expect(given.map(({ what }) => what)).toEqual(['BAR 0 of 00:01.0', 'interrupt 16', 'interrupt 17']);
    expect(moved.filter(({ to }) => to === DRIVER)).toEqual(given);
  });
  it('maps a frame only after the IOMMU driver asked who owns the device', () => {
    const mappings = all(start.exchanges).filter(({ contract, method }) => contract === 'iommu' && method === 'map');
    expect(mappings.length).toBeGreaterThan(0);
    for (const { inside, moved } of mappings) {
      expect(inside[0]).toMatchObject({ to: 'pci-bus-driver', method: 'ownerOf' });
      expect(moved).toMatchObject([{ to: 'iommu-driver', type: 'Frame' }]);
    }
  });
  it.each(SYSTEM_NAMES)('is told of %s, and watching it changes nothing', async (name) => {
    const description = await loadSystem(name);
    const told = explainDriverStart(description, { profile });
    expect(placeOf('claim', told)).toBeGreaterThanOrEqual(0);
    expect(placeOf('start', told)).toBeGreaterThan(placeOf('claim', told));
    const recorder = new ExchangeRecorder(() => false);
    const [watched, alone] = [
      assemble(description, { profile, messages: recorder }),
      assemble(description, { profile }),
    ];
    recorder.watch(watched);
    for (const system of [watched, alone]) system.runUntil(system.clock.cyclesOf(1_000_000));
    expect(watched.digest()).toBe(alone.digest());
  });
});

describe('bulkhead explain driver-start', () => {
  it('numbers every message, and names every capability', () => {
    const lines = driverStartText(start, multiserver).split('\n');
    const numbered = lines.filter((line) => /^ *\d+ /.test(line));
    expect(numbered.map((line) => Number.parseInt(line, 10))).toEqual(numbered.map((_, i) => i + 1));
    expect(numbered).toHaveLength(all(start.exchanges).length);
    const moved = all(start.exchanges).flatMap((one) => one.moved);
    expect(lines.filter((line) => line.includes('capability to '))).toHaveLength(moved.length);
  });
  it('draws with --mermaid an arrow for every message and every answer, between participants that it declares', () => {
    const lines = driverStartMermaid(start, multiserver).split('\n');
    const declared = lines.flatMap((line) => /^ {2}participant (\w+) as /.exec(line)?.[1] ?? []);
    const arrows = lines.flatMap((line) => [...line.matchAll(/^ {2}(\w+)(?:->>|-->>|-\))(\w+): \S/g)]);
    const told = all(start.exchanges);
    expect(arrows).toHaveLength(told.length + told.filter(({ kind }) => kind === 'call').length);
    for (const [, from, to] of arrows) expect(declared).toEqual(expect.arrayContaining([from, to]));
  });
  it('answers with one object under --json', async () => {
    const { stdout, status } = await command('explain', 'driver-start', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ operation: 'driver-start', system: 'multiserver', driver: DRIVER });
  });
  it('tells it of another card with --nic', async () => {
    const { stdout, status } = await command('explain', 'driver-start', '--nic', 'virtio-net');
    expect(status).toBe(0);
    expect(stdout).toContain('nic-driver → pci-bus-driver: find(1af4:1041, 0) = 00:01.0');
    const same = await command('explain', 'driver-start', '--nic', 'intel-82574');
    expect(same.stdout).toBe((await command('explain', 'driver-start')).stdout);
  });
  it.each([
    [['--json', '--mermaid'], /exclude each other/],
    [['--gate', 'ipc'], /--gate goes with 'explain ipc'/],
    [['--profile', 'all'], /takes one profile/],
  ] as const)('refuses %j in one line that names the mend', async (flags, mend) => {
    const { stderr, status } = await command('explain', 'driver-start', ...flags);
    expect(status).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(mend);
  });
});
