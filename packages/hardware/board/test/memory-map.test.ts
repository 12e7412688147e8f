import { BUS_ACCESS_FAULT } from '@bulkhead/bus';
import { Clock } from '@bulkhead/clock';
import * as nic from '@bulkhead/intel-82574-datasheet';
import * as pci from '@bulkhead/pci-datasheet';
import * as iommu from '@bulkhead/riscv-iommu-datasheet';
import { describe, expect, it } from 'vitest';
import {
  createBoard,
  ECAM_PAGE,
  ECAM_PAGES,
  IMSIC_PAGE,
  IOMMU_PAGE,
  IOMMU_PAGES,
  NIC_ADDRESS,
  PCI_IO_PAGE,
  PCI_IO_PAGES,
  PCI_WINDOW_PAGE,
  PCI_WINDOW_PAGES,
  RAM_PAGE,
} from '../src/index.ts';
import { Bench, NIC_FUNCTION, REGISTERS } from './bench.ts';

describe('the memory map (QEMU hw/riscv/virt.c, virt_memmap)', () => {
  it('has I/O space, IOMMU, interrupt file, ECAM, PCI window and RAM where operating systems look for them', () => {
    const addresses = [PCI_IO_PAGE, IOMMU_PAGE, IMSIC_PAGE, ECAM_PAGE, PCI_WINDOW_PAGE, RAM_PAGE].map(
      (page) => page * 4096,
    );
    expect(addresses).toEqual([0x0300_0000, 0x0301_0000, 0x2800_0000, 0x3000_0000, 0x4000_0000, 0x8000_0000]);
    expect([ECAM_PAGES, PCI_WINDOW_PAGES].map((pages) => pages * 4096)).toEqual([256 * 2 ** 20, 2 ** 30]);
  });
  it('answers on the first and last page of each range and on none beside it', () => {
    const { board } = new Bench();
    const ranges = [
      [PCI_IO_PAGE, PCI_IO_PAGES + IOMMU_PAGES], // the IOMMU stands behind I/O space
      [IMSIC_PAGE, 1],
      [ECAM_PAGE, ECAM_PAGES + PCI_WINDOW_PAGES],
      [RAM_PAGE, 256],
    ] as const;
    for (const [page, count] of ranges) {
      const answers = [page - 1, page, page + count - 1, page + count].map(
        (each) => board.bus.load(each, 0, 4) !== BUS_ACCESS_FAULT,
      );
      const beforeRam = page + count === RAM_PAGE; // the PCI window ends where RAM begins
      expect(answers, `page ${page}`).toEqual([page === RAM_PAGE, true, true, beforeRam]);
    }
  });
  it('has as much RAM as was asked for, and it keeps what is stored', () => {
    const { ram, bus } = createBoard({ clock: new Clock(1e9), memoryMiB: 3 });
    expect(ram.pageCount).toBe(768);
    expect(bus.store(RAM_PAGE + 767, 4092, 4, 0xdead_beef)).toBe(0);
    expect(bus.load(RAM_PAGE + 767, 4092, 4)).toBe(0xdead_beef);
    expect(bus.store(RAM_PAGE + 768, 0, 4, 1)).toBe(BUS_ACCESS_FAULT);
  });
  it('the IOMMU says its version and comes up off (RISC-V IOMMU 1.0 §5)', () => {
    const bench = new Bench();
    expect(bench.load(IOMMU_PAGE * 4096 + iommu.CAPABILITIES) & iommu.CAPABILITIES_VERSION.mask).toBe(0x10);
    expect(bench.load(IOMMU_PAGE * 4096 + iommu.DDTP) & iommu.DDTP_IOMMU_MODE.mask).toBe(iommu.DDTP_MODE_OFF);
  });
});

describe('the PCI bus (PCIe Base 5.0 §7.2.2)', () => {
  it('has one function, the NIC at 00:01.0', () => {
    const bench = new Bench();
    const present: number[] = [];
    for (let at = 0; at < 2 ** 20; at += 4096)
      if (bench.load(ECAM_PAGE * 4096 + at, 2) !== pci.VENDOR_ID_ABSENT) present.push(at);
    expect(present).toEqual([NIC_FUNCTION]);
    expect([bench.readConfig(pci.VENDOR_ID, 2), bench.readConfig(pci.DEVICE_ID, 2)]).toEqual([0x8086, 0x10d3]);
    expect(bench.readConfig(pci.REVISION_ID) >>> 8).toBe(nic.CLASS_CODE);
    expect(bench.board.nic.function.requesterId).toBe(0x0008);
  });
  it('a BAR tells its size, and its registers answer where it is put, anywhere in the window', () => {
    const bench = new Bench();
    bench.writeConfig(pci.BAR0, pci.BAR_SIZING);
    const sizeBytes = (~(bench.readConfig(pci.BAR0) & pci.BAR_MEMORY_BASE.mask) >>> 0) + 1;
    expect(sizeBytes).toBe(nic.BAR_MEMORY_SIZE_BYTES);
    bench.writeConfig(pci.COMMAND, pci.COMMAND_MEMORY_SPACE_ENABLE.mask, 2);
    for (const address of [REGISTERS, RAM_PAGE * 4096 - sizeBytes]) {
      bench.writeConfig(pci.BAR0, address);
      expect(bench.load(address + nic.RAL)).toBe(0x000a_5552);
      expect(bench.load(address + nic.RAH) & nic.RAH_ADDRESS.mask).toBe(0x0f02);
    }
    expect(bench.load(REGISTERS + nic.RAL)).toBe(0xffff_ffff);
    expect(NIC_ADDRESS).toEqual([0x52, 0x55, 0x0a, 0x00, 0x02, 0x0f]);
  });
  it('counts accesses to devices, and not those to RAM', () => {
    const bench = new Bench();
    const { bus } = bench.board;
    bench.readConfig(pci.VENDOR_ID);
    bench.store(RAM_PAGE * 4096, 1);
    bench.load(RAM_PAGE * 4096);
    expect(bus.accessCount).toBe(1);
  });
});
