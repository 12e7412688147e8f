import {
  EXHAUSTED,
  NO_IO_SPACE,
  NO_SUCH_DEVICE,
  NO_SUCH_REGISTER,
  NO_SUCH_VECTOR,
  NOBODY,
  NOT_HOLDER,
  NOT_IOMMU_DRIVER,
  NOT_SUPERVISOR,
} from '@bulkhead/pci-bus-driver-api';
import { describe, expect, it } from 'vitest';
import { DRIVER, NIC_ID, nic, OTHER, SUPERVISOR, started } from './bench.ts';

const DEVICE = 0x08;
const IOMMU_DRIVER = 3;
const IO_PAGE = 0x3_fff0;
/** Words of the MSI-X table in BAR 3: page of the message, its data, masked or not. */
const entryOf = ({ bus }: ReturnType<typeof started>, vector: number): number[] => {
  const word = (at: number): number => bus.functions[0]!.memory.get(`3:${vector * 16 + at}`) ?? -1;
  return [word(0) >>> 12, word(8), word(12)];
};
const held = () => {
  const all = started([nic(DEVICE)], { iommuDriver: IOMMU_DRIVER });
  all.pci.claim(DRIVER, DEVICE);
  return all;
};

describe('messageOf', () => {
  it('is the identity that the vector gets, asked before it is routed or after', () => {
    const all = held();
    const { pci } = all;
    expect(pci.messageOf(IOMMU_DRIVER, DEVICE, 3)).toBe(16);
    pci.interrupt(DRIVER, DEVICE, 0);
    pci.interrupt(DRIVER, DEVICE, 3);
    expect([0, 3].map((vector) => entryOf(all, vector)[1])).toEqual([17, 16]);
    expect([0, 3].map((vector) => pci.messageOf(IOMMU_DRIVER, DEVICE, vector))).toEqual([17, 16]);
  });
  it('refuses in the order of the contract', () => {
    const { pci } = held();
    expect(pci.messageOf(DRIVER, 0x99, 9)).toBe(NOT_IOMMU_DRIVER);
    expect(pci.messageOf(IOMMU_DRIVER, 0x99, 9)).toBe(NO_SUCH_DEVICE);
    expect(pci.messageOf(IOMMU_DRIVER, DEVICE, 5)).toBe(NO_SUCH_VECTOR);
    expect(started([nic(DEVICE)]).pci.messageOf(NOBODY, DEVICE, 0)).toBe(NOT_IOMMU_DRIVER);
  });
});

describe('raisedBy', () => {
  it('is the device that has the identity’s vector, and stays so when it is nobody’s', () => {
    const { pci } = held();
    pci.interrupt(DRIVER, DEVICE, 0);
    pci.interrupt(DRIVER, DEVICE, 3);
    expect([16, 17].map((identity) => pci.raisedBy(SUPERVISOR, identity))).toEqual([DEVICE, DEVICE]);
    pci.release(DRIVER, DEVICE);
    expect(pci.raisedBy(SUPERVISOR, 17)).toBe(DEVICE);
  });
  it('refuses in the order of the contract', () => {
    const { pci } = held();
    expect(pci.raisedBy(DRIVER, 16)).toBe(NOT_SUPERVISOR);
    for (const identity of [-1, 15, 16, 2 ** 31 - 1]) expect(pci.raisedBy(SUPERVISOR, identity)).toBe(NO_SUCH_DEVICE);
  });
});

describe('redirect', () => {
  it('gives each vector a page of its own, those that are routed already and those that come', () => {
    const all = held();
    all.pci.interrupt(DRIVER, DEVICE, 1);
    expect(entryOf(all, 1)).toEqual([0x2_8000, 16, 0]);
    expect(all.pci.redirect(IOMMU_DRIVER, DEVICE, IO_PAGE, 5)).toBe(0);
    expect(entryOf(all, 1)).toEqual([IO_PAGE + 1, 16, 0]);
    all.pci.interrupt(DRIVER, DEVICE, 4);
    expect(entryOf(all, 4)).toEqual([IO_PAGE + 4, 17, 0]);
  });
  it('leaves a vector without a page masked, and refuses it', () => {
    const all = held();
    all.pci.interrupt(DRIVER, DEVICE, 1);
    all.pci.redirect(IOMMU_DRIVER, DEVICE, IO_PAGE, 1);
    expect(entryOf(all, 1)[2]).toBe(1);
    expect(all.pci.interrupt(DRIVER, DEVICE, 1)).toBe(EXHAUSTED);
    expect(all.pci.interrupt(DRIVER, DEVICE, 0)).toBe(0);
  });
  it('stays when the device is given back: it belongs to the IO space, until that is told otherwise', () => {
    const all = held();
    all.pci.redirect(IOMMU_DRIVER, DEVICE, IO_PAGE, 5);
    all.pci.release(DRIVER, DEVICE);
    all.pci.claim(DRIVER, DEVICE);
    all.pci.interrupt(DRIVER, DEVICE, 2);
    expect(entryOf(all, 2)[0]).toBe(IO_PAGE + 2);
    all.pci.redirect(IOMMU_DRIVER, DEVICE, 0, 0);
    expect(entryOf(all, 2)[0]).toBe(0x2_8000);
  });
  it('refuses in the order of the contract', () => {
    const { pci } = held();
    expect(pci.redirect(DRIVER, 0x99, -1, 0)).toBe(NOT_IOMMU_DRIVER);
    expect(pci.redirect(IOMMU_DRIVER, 0x99, -1, 0)).toBe(NO_SUCH_DEVICE);
    expect(pci.redirect(IOMMU_DRIVER, DEVICE, -1, 0)).toBe(NO_SUCH_VECTOR);
    expect(pci.redirect(IOMMU_DRIVER, DEVICE, 0, 2049)).toBe(NO_SUCH_VECTOR);
  });
});

describe('start, where devices need an IO space', () => {
  it('is refused until somebody said what the device reaches, and again after the next claim', () => {
    const { pci, bus } = started([nic(DEVICE)], { iommuDriver: IOMMU_DRIVER, needsIoSpace: true });
    pci.claim(DRIVER, DEVICE);
    expect(pci.start(DRIVER, DEVICE)).toBe(NO_IO_SPACE);
    expect(bus.functions[0]!.command & 4).toBe(0);
    pci.redirect(IOMMU_DRIVER, DEVICE, 0, 0);
    expect(pci.start(DRIVER, DEVICE)).toBe(0);
    pci.release(DRIVER, DEVICE);
    pci.claim(OTHER, DEVICE);
    expect(pci.start(OTHER, DEVICE)).toBe(NO_IO_SPACE);
  });
});

describe('MSI, where a device has no MSI-X (PCIe Base 5.0 §7.7.1 "MSI Capability Structures")', () => {
  const withMsi = (wide: boolean) => {
    const all = started([nic(DEVICE, { msix: undefined, msi: { wide } })], { iommuDriver: IOMMU_DRIVER });
    all.pci.claim(DRIVER, DEVICE);
    all.bus.writes.length = 0;
    return all;
  };
  it('sends one vector, written while it is disabled: 64 bits of address', () => {
    const { pci, bus, kernel, answer } = withMsi(true);
    expect(pci.interrupt(DRIVER, DEVICE, 0)).toBe(0);
    expect(kernel.caps[answer[1]!]).toMatchObject({ kind: 'handler', page: 16 });
    expect(bus.writes).toEqual([
      'config d2 = 0',
      'config d4 = 28000000',
      'config d8 = 0',
      'config dc = 10',
      'config d2 = 1',
    ]);
    expect(pci.interrupt(DRIVER, DEVICE, 1)).toBe(NO_SUCH_VECTOR);
  });
  it('32 bits of address', () => {
    const { pci, bus } = withMsi(false);
    pci.interrupt(DRIVER, DEVICE, 0);
    expect(bus.writes.slice(1)).toEqual(['config d4 = 28000000', 'config d8 = 10', 'config d2 = 1']);
  });
  it('goes where the owner of the IOMMU says, and is silent after release', () => {
    const { pci, bus } = withMsi(true);
    pci.interrupt(DRIVER, DEVICE, 0);
    pci.redirect(IOMMU_DRIVER, DEVICE, IO_PAGE, 1);
    expect(bus.functions[0]!.bytes.getUint32(0xd4, true)).toBe(IO_PAGE * 4096);
    pci.release(DRIVER, DEVICE);
    expect(bus.functions[0]!.bytes.getUint16(0xd2, true) & 1).toBe(0);
  });
  it('a device with neither has no vector: INTx stays disabled', () => {
    const { pci, bus } = started([nic(DEVICE, { msix: undefined })]);
    pci.claim(DRIVER, DEVICE);
    expect(pci.interrupt(DRIVER, DEVICE, 0)).toBe(NO_SUCH_VECTOR);
    expect(bus.functions[0]!.command & 0x400).toBe(0x400);
  });
});

describe('what can be asked besides', () => {
  it('config: a dword of a device that the caller holds, and of no other', () => {
    const { pci, answer } = held();
    expect(pci.config(DRIVER, DEVICE, 0)).toBe(0);
    expect(answer[1]).toBe(NIC_ID | 0);
    expect(pci.config(OTHER, DEVICE, 0)).toBe(NOT_HOLDER);
    for (const offset of [-4, 2, 4096]) expect(pci.config(DRIVER, DEVICE, offset)).toBe(NO_SUCH_REGISTER);
  });
  it('heldBy: one after the other, to the supervisor', () => {
    const { pci } = started([nic(DEVICE), nic(0x10), nic(0x18)]);
    pci.claim(DRIVER, DEVICE);
    pci.claim(OTHER, 0x10);
    pci.claim(DRIVER, 0x18);
    expect([0, 1, 2].map((nth) => pci.heldBy(SUPERVISOR, DRIVER, nth))).toEqual([DEVICE, 0x18, NO_SUCH_DEVICE]);
    expect(pci.heldBy(SUPERVISOR, NOBODY, 0)).toBe(NO_SUCH_DEVICE);
    expect(pci.heldBy(DRIVER, DRIVER, 0)).toBe(NOT_SUPERVISOR);
    expect(pci.inventory(DRIVER, 0)).toBe(NOT_SUPERVISOR);
  });
});
