import { Clock } from '@bulkhead/clock';
import * as nic from '@bulkhead/intel-82574-datasheet';
import { LOAD, PAGE_FAULT, STORE } from '@bulkhead/mmu';
import * as pci from '@bulkhead/pci-datasheet';
import * as riscv from '@bulkhead/riscv-datasheet';
import * as iommu from '@bulkhead/riscv-iommu-datasheet';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBoard, IMSIC_PAGE, RAM_PAGE } from '../src/index.ts';
import { Bench, broadcast, DIRECTORY, RX_BUFFER, RX_RING, TX_BUFFER, TX_RING } from './bench.ts';

const IDENTITY = 17;
const LEAF = riscv.PTE_V | riscv.PTE_R | riscv.PTE_W | riscv.PTE_U | riscv.PTE_A | riscv.PTE_D;
let bench: Bench;

beforeEach(() => {
  bench = new Bench();
  bench.assign();
});

const done = (page: number, word: number): boolean => (bench.load(page * 4096 + word * 4) & 1) !== 0;

describe('DMA through the IOMMU (RISC-V IOMMU 1.0 §2.1)', () => {
  const frame = broadcast(80);

  it('off: nothing reaches memory, and nothing reaches the wire', () => {
    bench.transmit(frame);
    bench.run();
    expect(bench.arrivals).toEqual([]);
    expect(bench.board.nic.dmaFaultCount).toBeGreaterThan(0);
    expect(done(TX_RING, 3)).toBe(false);
  });
  it('bare: what stands in RAM goes out on the wire, and the descriptor says so', () => {
    bench.setIommu(iommu.DDTP_MODE_BARE);
    bench.transmit(frame);
    bench.run();
    expect(bench.arrivals.map((arrival) => arrival.frame)).toEqual([frame]);
    expect(bench.arrivals[0]!.at).toBeGreaterThan(5000); // the link's delay, one way
    expect(done(TX_RING, 3)).toBe(true);
    expect(bench.board.nic.dmaFaultCount).toBe(0);
  });
  it('bare: what comes from the wire lands in RAM, with its length', () => {
    bench.setIommu(iommu.DDTP_MODE_BARE);
    bench.supply();
    bench.run();
    bench.board.link.b.transmit(frame, frame.length);
    bench.run();
    expect(bench.bytes(RX_BUFFER, frame.length)).toEqual(frame);
    expect(bench.load(RX_RING * 4096 + nic.RDESC_LENGTH, 2)).toBe(frame.length);
    expect(done(RX_RING, 3)).toBe(true);
  });
  it.each([
    ['what is mapped for it', 1, 2, true],
    ['no buffer by its physical address', 1, TX_BUFFER, false],
    ['no ring that is mapped nowhere', 3, 2, false],
  ])('translating: the device reaches %s', (_what, ringPage, bufferPage, isSent) => {
    // Device context of requester 00:01.0: valid, Sv39, its tables. IO pages 1 and 2 are ring and buffer.
    const [first, second, third] = [DIRECTORY + 1, DIRECTORY + 2, DIRECTORY + 3];
    const before = new Array<number>((0x08 * iommu.DC_BASE_SIZE_BYTES) / 4).fill(0);
    bench.words(DIRECTORY, [...before, 1, 0, 0, 0, 0, 0, first, 8 << 28]);
    bench.words(first, [(second << 10) | riscv.PTE_V]);
    bench.words(second, [(third << 10) | riscv.PTE_V]);
    bench.words(third, [0, 0, (TX_RING << 10) | LEAF, 0, (TX_BUFFER << 10) | LEAF, 0]);
    bench.setIommu(iommu.DDTP_MODE_1LVL, DIRECTORY);
    bench.transmit(frame, ringPage, bufferPage);
    bench.run();
    expect(bench.arrivals.map((arrival) => arrival.frame)).toEqual(isSent ? [frame] : []);
    expect(bench.board.nic.dmaFaultCount > 0).toBe(!isSent);
  });
  it('without Bus Master Enable there is none (PCIe Base 5.0 §7.5.1.1.3)', () => {
    bench.setIommu(iommu.DDTP_MODE_BARE);
    bench.writeConfig(pci.COMMAND, pci.COMMAND_MEMORY_SPACE_ENABLE.mask, 2);
    bench.transmit(frame);
    bench.run();
    expect(bench.arrivals).toEqual([]);
  });
});

describe('a message-signalled interrupt (RISC-V AIA 1.0 §3.5)', () => {
  const enable = (): void => {
    bench.board.interruptFile.enable(IDENTITY, true);
    bench.board.hart.writeCsr(riscv.SIE, riscv.SIE_SEIE.mask, 0);
  };
  const raise = (): void => {
    bench.routeMsi(IDENTITY);
    bench.writeNic(nic.IMS, nic.ICR_TXQ0.mask);
    bench.writeNic(nic.ICS, nic.ICR_TXQ0.mask);
    bench.run();
  };

  it('goes from the NIC through the IOMMU to the interrupt file, and from there to the hart', () => {
    const { hart, interruptFile } = bench.board;
    bench.setIommu(iommu.DDTP_MODE_BARE);
    enable();
    expect(hart.pendingInterrupt()).toBe(-1);
    raise();
    expect(hart.pendingInterrupt()).toBe(riscv.S_EXTERNAL_INTERRUPT);
    expect(interruptFile.claim()).toBe(IDENTITY);
    expect(hart.pendingInterrupt()).toBe(-1);
  });
  it('asks the clock for attention at once', () => {
    bench.setIommu(iommu.DDTP_MODE_BARE);
    enable();
    bench.run();
    expect(bench.clock.due).toBeGreaterThan(bench.clock.now);
    bench.store(IMSIC_PAGE * 4096, IDENTITY);
    expect(bench.clock.due).toBe(0);
  });
  it('waits in the file while its identity is not enabled', () => {
    const { hart, interruptFile } = bench.board;
    bench.setIommu(iommu.DDTP_MODE_BARE);
    hart.writeCsr(riscv.SIE, riscv.SIE_SEIE.mask, 0);
    raise();
    expect([hart.pendingInterrupt(), interruptFile.isPending(IDENTITY)]).toEqual([-1, true]);
    interruptFile.enable(IDENTITY, true);
    expect(hart.pendingInterrupt()).toBe(riscv.S_EXTERNAL_INTERRUPT);
  });
  it('is stopped like any other write while the IOMMU is off', () => {
    enable();
    raise();
    expect(bench.board.hart.pendingInterrupt()).toBe(-1);
    expect(bench.board.nic.messageFaultCount).toBe(1);
  });
  it('of the IOMMU itself needs no translation: a fault of the NIC interrupts the hart', () => {
    const { hart, interruptFile } = bench.board;
    const base = 0x301_0000;
    enable();
    const entry = base + iommu.MSI_CFG_TBL;
    bench.store(entry + iommu.MSI_ADDR, IMSIC_PAGE * 4096);
    bench.store(entry + iommu.MSI_ADDR + 4, 0);
    bench.store(entry + iommu.MSI_DATA, IDENTITY);
    bench.store(entry + iommu.MSI_VEC_CTL, 0);
    bench.store(base + iommu.FQB + 4, 0);
    bench.store(base + iommu.FQB, (((DIRECTORY + 4) << 10) | 6) >>> 0);
    bench.store(base + iommu.FQCSR, iommu.FQCSR_FQEN.mask | iommu.FQCSR_FIE.mask);
    bench.transmit(broadcast(80));
    bench.run();
    expect(hart.pendingInterrupt()).toBe(riscv.S_EXTERNAL_INTERRUPT);
    expect(interruptFile.claim()).toBe(IDENTITY);
    expect(bench.load((DIRECTORY + 4) * 4096) & 0xfff).toBe(256); // all inbound transactions disallowed
  });
});

describe('the hart', () => {
  it('translates by tables that software stored over the bus (Privileged ISA 20211203 §4.3.2)', () => {
    const { hart, mmu } = bench.board;
    const [root, middle, leaf] = [DIRECTORY, DIRECTORY + 1, DIRECTORY + 2];
    bench.words(root, [(middle << 10) | riscv.PTE_V]);
    bench.words(middle, [(leaf << 10) | riscv.PTE_V]);
    bench.words(leaf, [0, 0, (RX_BUFFER << 10) | riscv.PTE_V | riscv.PTE_R | riscv.PTE_A]);
    hart.writeSatp(1, root);
    expect([mmu.translate(1, LOAD), mmu.translate(1, STORE), mmu.translate(0, LOAD)]).toEqual([
      RX_BUFFER,
      PAGE_FAULT,
      PAGE_FAULT,
    ]);
  });
  it('has a TLB of the entries and ways that the board was asked for', () => {
    const { bus, hart, mmu } = createBoard({ clock: new Clock(1e9), memoryMiB: 1, tlbEntries: 10, tlbWays: 5 });
    const store = (page: number, index: number, value: number): void => void bus.store(page, index * 8, 4, value);
    store(RAM_PAGE, 0, ((RAM_PAGE + 1) << 10) | riscv.PTE_V);
    store(RAM_PAGE + 1, 0, ((RAM_PAGE + 2) << 10) | riscv.PTE_V);
    for (let i = 0; i < 12; i++) store(RAM_PAGE + 2, i, (RX_BUFFER << 10) | riscv.PTE_V | riscv.PTE_R | riscv.PTE_A);
    hart.writeSatp(1, RAM_PAGE);
    const missesOf = (count: number): number => {
      const before = mmu.missCount;
      for (let i = 0; i < count; i++) mmu.translate(i, LOAD);
      return mmu.missCount - before;
    };
    // Two sets of five ways: ten pages fit, and the eleventh has a sixth of its set.
    expect([missesOf(10), missesOf(10), missesOf(11)]).toEqual([10, 0, 1]);
  });
  it('has a timer in the board’s cycles (Sstc 1.0.0 §2.1)', () => {
    const { hart } = bench.board;
    hart.writeCsr(riscv.SIE, riscv.SIE_STIE.mask, 0);
    hart.setTimer(bench.clock.now + 500);
    bench.run(499);
    expect(hart.pendingInterrupt()).toBe(-1);
    bench.run(1);
    expect(hart.pendingInterrupt()).toBe(riscv.S_TIMER_INTERRUPT);
  });
});
