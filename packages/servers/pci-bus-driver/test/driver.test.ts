import {
  EXHAUSTED,
  HELD_BY_ANOTHER,
  NO_SUCH_BAR,
  NO_SUCH_DEVICE,
  NO_SUCH_VECTOR,
  NOBODY,
  NOT_ALLOWED,
  NOT_HOLDER,
  NOT_SUPERVISOR,
} from '@bulkhead/pci-bus-driver-api';
import { describe, expect, it } from 'vitest';
import { DRIVER, NIC_ID, nic, OTHER, SUPERVISOR, started } from './bench.ts';

const DEVICE = 0x08;
const STRANGER = 9;
const MEMORY = 0x2;
const BUS_MASTER = 0x4;

describe('who may have a device', () => {
  it('find: a device that the caller may not have does not exist for it', () => {
    const { pci } = started([nic(DEVICE)]);
    expect(pci.find(STRANGER, NIC_ID, 0)).toBe(NO_SUCH_DEVICE);
    expect(pci.find(DRIVER, NIC_ID, 0)).toBe(DEVICE);
    expect(pci.find(DRIVER, NIC_ID, -1)).toBe(NO_SUCH_DEVICE);
    expect(pci.find(DRIVER, NIC_ID, 1)).toBe(NO_SUCH_DEVICE);
  });
  it('allow: the supervisor adds to the list, and nobody else', () => {
    const { pci } = started([nic(DEVICE)]);
    expect(pci.allow(STRANGER, STRANGER, NIC_ID)).toBe(NOT_SUPERVISOR);
    expect(pci.allow(SUPERVISOR, STRANGER, NIC_ID)).toBe(0);
    expect(pci.claim(STRANGER, DEVICE)).toBe(0);
  });
  it('allow: the supervisor, who takes devices from others, gets none for itself', () => {
    const { pci } = started([nic(DEVICE)], { allowed: [] });
    expect(pci.allow(SUPERVISOR, SUPERVISOR, NIC_ID)).toBe(NOT_ALLOWED);
    expect(pci.claim(SUPERVISOR, DEVICE)).toBe(NOT_ALLOWED);
  });
  it('allow: a pair takes room once, and a full list refuses', () => {
    const { pci } = started([], { allowed: [] });
    for (let i = 0; i < 200; i++) expect(pci.allow(SUPERVISOR, OTHER, NIC_ID)).toBe(0);
    const others = Array.from({ length: 129 }, (_, component) => component).filter((one) => one !== SUPERVISOR);
    const answers = others.map((component) => pci.allow(SUPERVISOR, component, NIC_ID));
    expect(answers.at(-1)).toBe(0);
    expect(pci.allow(SUPERVISOR, 500, NIC_ID)).toBe(EXHAUSTED);
  });
  it('start: throws when the system allows more than the list holds', () => {
    const allowed = Array.from({ length: 129 }, (_, component) => ({ component, vendorDevice: NIC_ID }));
    expect(() => started([], { allowed })).toThrow('the list of allowed is too long');
  });
  it('claim: absent before forbidden, forbidden before held, held before unassigned', () => {
    const { pci } = started([nic(DEVICE), nic(0x10)], { windowPages: 0x64 });
    expect(pci.claim(STRANGER, 0x18)).toBe(NO_SUCH_DEVICE);
    expect(pci.claim(DRIVER, DEVICE)).toBe(0);
    expect(pci.claim(STRANGER, DEVICE)).toBe(NOT_ALLOWED);
    expect(pci.claim(OTHER, DEVICE)).toBe(HELD_BY_ANOTHER);
    expect(pci.claim(DRIVER, DEVICE)).toBe(0);
    expect(pci.claim(OTHER, 0x10)).toBe(EXHAUSTED);
    expect(pci.ownerOf(SUPERVISOR, 0x10)).toBe(NOBODY);
  });
  it('claim: registers decode, memory is not yet reached', () => {
    const { bus, pci } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    expect(bus.functions[0]!.command & (MEMORY | BUS_MASTER)).toBe(MEMORY);
    expect(pci.start(DRIVER, DEVICE)).toBe(0);
    expect(bus.functions[0]!.command & (MEMORY | BUS_MASTER)).toBe(MEMORY | BUS_MASTER);
  });
  it('ownerOf: names the holder, or nobody', () => {
    const { pci } = started([nic(DEVICE)]);
    expect(pci.ownerOf(STRANGER, DEVICE)).toBe(NOBODY);
    pci.claim(DRIVER, DEVICE);
    expect(pci.ownerOf(STRANGER, DEVICE)).toBe(DRIVER);
    expect(pci.ownerOf(STRANGER, -1)).toBe(NO_SUCH_DEVICE);
  });
  it.each(['bar', 'interrupt', 'start', 'release'] as const)('%s: absent before not held', (name) => {
    const { pci } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    expect(pci[name](OTHER, 0x10, 99)).toBe(NO_SUCH_DEVICE);
    expect(pci[name](OTHER, DEVICE, 99)).toBe(NOT_HOLDER);
  });
  it('keeps who holds what in simulated memory', () => {
    const { bus, pci } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    bus.store32(0, 8, OTHER);
    expect(pci.ownerOf(SUPERVISOR, DEVICE)).toBe(OTHER);
  });
});

describe('bar', () => {
  it('answers with its pages and an untyped right to exactly them', () => {
    const { pci, kernel, answer, bus } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    expect(pci.bar(DRIVER, DEVICE, 0)).toBe(32);
    const page = bus.functions[0]!.barAddress(0) / 4096;
    expect(kernel.caps[answer[1]!]).toMatchObject({ kind: 'untyped', sizeBits: 17, page });
  });
  it.each([
    ['an I/O BAR', 2],
    ['the BAR of the MSI-X table', 3],
    ['a BAR that the device has not', 5],
    ['an index below the first', -1],
    ['an index beyond the last', 6],
  ])('refuses %s', (_, index) => {
    const { pci } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    expect(pci.bar(DRIVER, DEVICE, index)).toBe(NO_SUCH_BAR);
  });
  it('revokes what it gave before when it is asked twice', () => {
    const { pci, kernel, answer } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    pci.bar(DRIVER, DEVICE, 0);
    const lent = kernel.lend(answer[1]!);
    pci.bar(DRIVER, DEVICE, 0);
    expect(kernel.caps[lent]).toBeUndefined();
  });
});

describe('interrupt (PCIe Base 5.0 §7.7.2 "MSI-X Capability and Table Structure")', () => {
  it('writes the entry masked, unmasks it, and enables MSI-X', () => {
    const { pci, bus } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    bus.writes.length = 0;
    expect(pci.interrupt(DRIVER, DEVICE, 1)).toBe(0);
    expect(bus.writes).toEqual([
      'memory 3:28 = 1',
      'memory 3:16 = 28000000',
      'memory 3:20 = 0',
      'memory 3:24 = 10',
      'memory 3:28 = 0',
      'config a2 = 8000',
    ]);
  });
  it('answers with the right to the handler of a fresh identity for each vector', () => {
    const { pci, kernel, answer } = started([nic(DEVICE), nic(0x10)]);
    pci.claim(DRIVER, DEVICE);
    pci.claim(OTHER, 0x10);
    pci.interrupt(DRIVER, DEVICE, 0);
    expect(kernel.caps[answer[1]!]).toMatchObject({ kind: 'handler', page: 16 });
    pci.interrupt(DRIVER, DEVICE, 4);
    pci.interrupt(OTHER, 0x10, 0);
    expect(kernel.issued).toEqual([16, 17, 18]);
  });
  it('keeps the identity of a vector, and revokes the right that it gave before', () => {
    const { pci, kernel, answer } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    pci.interrupt(DRIVER, DEVICE, 0);
    const lent = kernel.lend(answer[1]!);
    pci.interrupt(DRIVER, DEVICE, 0);
    expect(kernel.issued).toEqual([16]);
    expect(kernel.caps[lent]).toBeUndefined();
  });
  it.each([-1, 5, 2 ** 31 - 1])('refuses vector %i of five', (vector) => {
    const { pci } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    expect(pci.interrupt(DRIVER, DEVICE, vector)).toBe(NO_SUCH_VECTOR);
  });
  it('refuses when every identity is given', () => {
    const { pci } = started([nic(DEVICE)], { firstIdentity: 5, lastIdentity: 6 });
    pci.claim(DRIVER, DEVICE);
    expect([0, 1, 2].map((vector) => pci.interrupt(DRIVER, DEVICE, vector))).toEqual([0, 0, EXHAUSTED]);
  });
  it('reaches a table that does not start at its page, and only the pages that hold it', () => {
    const { pci, bus } = started([nic(DEVICE, { msix: { vectors: 5, bar: 3, offset: 0x2ff0 } })]);
    pci.claim(DRIVER, DEVICE);
    pci.interrupt(DRIVER, DEVICE, 1);
    expect(bus.functions[0]!.memory.get('3:12296')).toBe(16);
  });
});

describe('reclaim', () => {
  it('is for the supervisor alone', () => {
    const { pci } = started([nic(DEVICE)]);
    pci.claim(DRIVER, DEVICE);
    expect(pci.reclaim(DRIVER, DRIVER)).toBe(NOT_SUPERVISOR);
    expect(pci.ownerOf(SUPERVISOR, DEVICE)).toBe(DRIVER);
  });
  it('takes back everything of one component, and nothing of another', () => {
    const { pci, bus } = started([nic(DEVICE), nic(0x10), nic(0x18)]);
    pci.claim(DRIVER, DEVICE);
    pci.claim(OTHER, 0x10);
    pci.claim(DRIVER, 0x18);
    expect(pci.reclaim(SUPERVISOR, DRIVER)).toBe(2);
    expect([DEVICE, 0x10, 0x18].map((device) => pci.ownerOf(SUPERVISOR, device))).toEqual([NOBODY, OTHER, NOBODY]);
    expect(bus.functions.map((one) => one.command & MEMORY)).toEqual([0, MEMORY, 0]);
    expect(pci.reclaim(SUPERVISOR, DRIVER)).toBe(0);
  });
  it('finds nothing of nobody', () => {
    const { pci } = started([nic(DEVICE)]);
    expect(pci.reclaim(SUPERVISOR, NOBODY)).toBe(0);
  });
});
