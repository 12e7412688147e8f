import { Clock } from '@bulkhead/clock';
import * as pci from '@bulkhead/pci-datasheet';
import * as riscvIommu from '@bulkhead/riscv-iommu-datasheet';
import { describe, expect, it } from 'vitest';
import { type Board, createBoard, ECAM_PAGE, IOMMU_PAGE, PCI_IO_PAGE, RAM_PAGE, type Topology } from '../src/index.ts';

const id = (bus: number, device: number): number => (bus << 8) | (device << 3);
const read = (board: Board, requesterId: number, register: number, width: 1 | 2 | 4 = 4): number =>
  board.bus.load(ECAM_PAGE + requesterId, register, width);
const write = (board: Board, requesterId: number, register: number, value: number, width: 1 | 2 | 4 = 4): number =>
  board.bus.store(ECAM_PAGE + requesterId, register, width, value);

/** Numbers buses depth first, as firmware does. @returns every function found. */
function enumerate(board: Board, bus = 0, counter: { last: number } = { last: 0 }): number[] {
  const found: number[] = [];
  for (let device = 0; device < 32; device++) {
    const one = id(bus, device);
    if (read(board, one, pci.VENDOR_ID, 2) === pci.VENDOR_ID_ABSENT) continue;
    found.push(one);
    write(board, one, pci.COMMAND, 0x7, 2);
    if (read(board, one, pci.HEADER_TYPE, 1) !== pci.HEADER_TYPE_1) continue;
    const secondary = ++counter.last;
    write(board, one, pci.PRIMARY_BUS_NUMBER, (0xff << 16) | (secondary << 8) | bus);
    found.push(...enumerate(board, secondary, counter));
    write(board, one, pci.SUBORDINATE_BUS_NUMBER, counter.last, 1);
  }
  return found;
}

const boardOf = (topology: Topology): Board => createBoard({ clock: new Clock(1e9), memoryMiB: 1, nics: 2, topology });

describe('how the cards hang from the root complex', () => {
  it.each<[Topology, number[], number[]]>([
    ['flat', [id(0, 1), id(0, 2)], [id(0, 1), id(0, 2)]],
    ['root-ports', [id(0, 1), id(1, 0), id(0, 2), id(2, 0)], [id(1, 0), id(2, 0)]],
    ['bridge', [id(0, 1), id(1, 1), id(1, 2)], [id(1, 1), id(1, 2)]],
    ['nested', [id(0, 1), id(1, 2), id(2, 1), id(2, 2)], [id(2, 1), id(2, 2)]],
  ])('%s', (topology, all, cards) => {
    const board = boardOf(topology);
    expect(enumerate(board)).toEqual(all);
    expect(board.nics.map((nic) => nic.function.requesterId)).toEqual(cards);
    for (const card of cards) expect(read(board, card, pci.VENDOR_ID)).toBe(0x10d3_8086);
  });
  it('the IOMMU knows a card behind a bridge by its bus number', () => {
    const board = boardOf('nested');
    enumerate(board);
    board.bus.store(IOMMU_PAGE, riscvIommu.DDTP, 4, riscvIommu.DDTP_MODE_BARE);
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const { dma, requesterId } = board.nics[1]!.function;
    expect([dma.write(RAM_PAGE, 0, bytes, 0, 4), board.bus.load(RAM_PAGE, 0, 4)]).toEqual([0, 0x0403_0201]);
    write(board, id(0, 1), pci.COMMAND, 0, 2); // two bridges above
    expect(dma.write(RAM_PAGE, 0, bytes, 0, 4)).toBeLessThan(0);
    expect(requesterId).toBe(id(2, 2));
  });
  it('I/O space stands where QEMU has it, and a bridge opens a part of it', () => {
    const board = boardOf('bridge');
    enumerate(board);
    const card = id(1, 1);
    write(board, card, pci.BAR2, 0x2000);
    const io = (): number => board.bus.load(PCI_IO_PAGE + 2, 0, 4);
    expect(io()).toBe(0xffff_ffff);
    write(board, id(0, 1), pci.IO_BASE, 0x2020, 2);
    board.bus.store(PCI_IO_PAGE + 2, 0, 4, 0x5400); // IOADDR: RAL
    expect([io(), board.bus.load(PCI_IO_PAGE + 2, 4, 4)]).toEqual([0x5400, 0x000a_5552]);
  });
});
