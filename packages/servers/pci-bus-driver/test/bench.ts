/** The driver on a fake bus, over a fake kernel, with nothing else. */
import { right } from '@bulkhead/abi';
import { type Context, type MemoryPort, Window } from '@bulkhead/runtime';
import { type PciBusDriverConfig, pciBusDriver } from '../src/index.ts';
import { ECAM_PAGE, FakeBus, FakeFunction, type FakeFunctionOptions } from './fake-bus.ts';
import { CONFIG, FakeKernel, IO_WINDOW, IRQ_CONTROL, WINDOW } from './fake-kernel.ts';

export const SUPERVISOR = 1;
export const DRIVER = 7;
export const OTHER = 8;
export const NIC_ID = 0x10d3_8086;
export const WINDOW_PAGE = 0x4_0000;
export const HEAP_PAGES = pciBusDriver.heapPages;

/** As the 82574L: four BARs, five vectors in BAR 3. */
export const nic = (device: number, more: Partial<FakeFunctionOptions> = {}): FakeFunctionOptions => ({
  id: device,
  vendorDevice: NIC_ID,
  bars: [
    { index: 0, sizeBytes: 0x2_0000, kind: 'mem32' },
    { index: 1, sizeBytes: 0x2_0000, kind: 'mem32' },
    { index: 2, sizeBytes: 0x20, kind: 'io' },
    { index: 3, sizeBytes: 0x4000, kind: 'mem32' },
  ],
  msix: { vectors: 5, bar: 3, offset: 0 },
  ...more,
});

export function bench(functions: readonly FakeFunctionOptions[], config: Partial<PciBusDriverConfig> = {}) {
  return benchOn(new FakeBus(functions.map((one) => new FakeFunction(one))), config);
}

export function benchOn<Bus extends MemoryPort>(bus: Bus, config: Partial<PciBusDriverConfig> = {}) {
  const answer = new Int32Array(8);
  const kernel = new FakeKernel(answer, ECAM_PAGE, config.windowPage ?? WINDOW_PAGE, 40);
  const spent: string[] = [];
  const context: Context<PciBusDriverConfig> = {
    self: 2,
    memory: bus,
    heap: new Window(bus, 0, 0, HEAP_PAGES * 4096),
    work: {
      id: (name) => pciBusDriver.work.indexOf(name),
      spend: (id) => void spent.push(pciBusDriver.work[id]!),
      spendMany: () => {},
    },
    answer,
    config: {
      ...pciBusDriver.config,
      supervisor: SUPERVISOR,
      windowPage: WINDOW_PAGE,
      windowPages: 2 ** 18,
      msiPage: 0x2_8000,
      firstIdentity: 16,
      lastIdentity: 47,
      allowed: [
        { component: DRIVER, vendorDevice: NIC_ID },
        { component: OTHER, vendorDevice: NIC_ID },
      ],
      ...config,
    },
    right: (name) =>
      right({ config: CONFIG, 'memory-window': WINDOW, 'irq-control': IRQ_CONTROL, 'io-window': IO_WINDOW }[name]!),
    region: () => {
      throw new Error('the driver has no regions');
    },
    shared: () => {
      throw new Error('the driver shares nothing');
    },
    nowUs: () => 0,
  };
  const instance = pciBusDriver.create(context, { kernel: kernel.port, pci: {} });
  return {
    bus,
    kernel,
    answer,
    spent,
    config: context.config,
    pci: instance.handlers.pci,
    start: () => instance.start?.(),
  };
}

export function started(functions: readonly FakeFunctionOptions[], config: Partial<PciBusDriverConfig> = {}) {
  const all = bench(functions, config);
  all.start();
  return all;
}
