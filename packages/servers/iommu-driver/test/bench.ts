/** The driver between a fake IOMMU, a fake kernel and a fake PCI-bus driver. */
import { kernel, type Right, right } from '@bulkhead/abi';
import { NO_SUCH_VECTOR } from '@bulkhead/pci-bus-driver-api';
import { type Context, Window } from '@bulkhead/runtime';
import { type IommuDriverConfig, iommuDriver } from '../src/index.ts';
import { FakeIommu, physicalOf, REGISTERS_PAGE, TABLES_COUNT, TABLES_PAGE } from './fake-iommu.ts';

export const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
export const SUPERVISOR = 3;
export const NIC_DRIVER = 4;
export const OTHER_DRIVER = 5;
export const NIC = 0x18;
export const MSI_PAGE = 0x28000;
export const IDENTITY = 9;
const REGISTERS = 500;
const CONTROL = 501;
const TABLES = 600;

/** A right to a frame is 1000 and more; its physical page follows from it. */
export const frame = (n: number): Right => right(1000 + n);
export const pageOfFrame = (n: number): number => 0xa0000 + n;

/** The identity that belongs to a vector. */
export const identityOf = (device: number, vector: number): number => (device * 67 + vector) % 2048;

export type Fault = readonly [to: number, device: number, cause: number, ioPage: number, ioPageHigh: number];

export interface Bench {
  readonly iommu: FakeIommu;
  readonly owners: Map<number, number>;
  /** In which tenure the owner holds its device: 1 where nothing is said. */
  readonly tenures: Map<number, number>;
  /** How many interrupt vectors a device has: none where nothing is said. */
  readonly vectors: Map<number, number>;
  readonly time: { nowUs: number };
  /** The driver's heap. */
  readonly word: (offset: number) => number;
  readonly faults: Fault[];
  readonly deleted: number[];
  readonly calls: string[];
  readonly spent: string[];
  readonly map: (n: number, access?: number, sizeBits?: number, device?: number, from?: number) => number;
  readonly handlers: ReturnType<typeof iommuDriver.create>['handlers'];
  /** From now on the kernel says that rights to frames allow reading only. */
  readonly readOnly: () => void;
  readonly start: () => void;
}

export function bench(config: Partial<IommuDriverConfig> = {}, refuse = ''): Bench {
  const iommu = new FakeIommu();
  const owners = new Map([[NIC, NIC_DRIVER]]);
  const tenures = new Map<number, number>();
  const time = { nowUs: 0 };
  const vectors = new Map<number, number>();
  const [faults, deleted, calls, spent]: [Fault[], number[], string[], string[]] = [[], [], [], []];
  const answer = new Int32Array(8);
  const call = (name: string, result: number): number => {
    calls.push(name);
    return refuse === name ? kernel.ILLEGAL_OPERATION : result;
  };
  const address = (of: Right): number => {
    if (of >= TABLES && of < TABLES + TABLES_COUNT) return physicalOf(TABLES_PAGE + of - TABLES);
    return of >= 1000 ? pageOfFrame(of - 1000) : kernel.INVALID_CAPABILITY;
  };
  /** What the kernel says of the next frame. */
  const size = { bits: 12, access: kernel.READ_WRITE };
  const kernelPort = {
    map: (of: Right) => {
      answer[1] = REGISTERS_PAGE;
      return call('map', of === REGISTERS ? 0 : kernel.INVALID_CAPABILITY);
    },
    address: (of: Right) => {
      answer[1] = size.bits;
      answer[2] = size.access;
      return call('address', address(of));
    },
    delete: (of: Right) => {
      deleted.push(of);
      return 0;
    },
    issueInterrupt: (control: Right, identity: number) =>
      call(`issue ${identity}`, control === CONTROL ? 700 : kernel.INVALID_CAPABILITY),
    bindInterrupt: (of: Right, token: number) => call(`bind ${of} ${token}`, 0),
    acknowledge: (of: Right) => call(`acknowledge ${of}`, 0),
    setAlarm: (token: number, delayUs: number) => call(`alarm ${token} ${delayUs}`, 0),
  };
  const context: Context<IommuDriverConfig> = {
    self: 2,
    memory: iommu,
    heap: new Window(iommu, 1, 0, iommuDriver.heapPages * 4096),
    work: {
      id: (name) => iommuDriver.work.indexOf(name),
      spend: (id) => void spent.push(iommuDriver.work[id]!),
      spendMany: () => {},
    },
    answer,
    config: {
      mode: 'translating',
      supervisor: SUPERVISOR,
      faultIdentity: IDENTITY,
      msiPage: MSI_PAGE,
      checkOwner: true,
      msiTranslation: true,
      invalidation: 'strict',
      deferUs: 1000,
      deferPages: 32,
      ...config,
    },
    right: (name) => right({ registers: REGISTERS, 'irq-control': CONTROL }[name]!),
    region: () => ({
      window: new Window(iommu, TABLES_PAGE, 0, TABLES_COUNT * 4096),
      frame: right(TABLES),
      frameCount: TABLES_COUNT,
      frameSizeBits: 12,
    }),
    shared: () => {
      throw new Error('the driver shares nothing');
    },
    nowUs: () => time.nowUs,
  };
  const ports = {
    kernel: kernelPort,
    pci: {
      ownerOf: (device: number) => {
        answer[1] = tenures.get(device) ?? 1;
        return owners.get(device) ?? -17;
      },
      messageOf: (device: number, vector: number) =>
        vector < (vectors.get(device) ?? 0) ? identityOf(device, vector) : NO_SUCH_VECTOR,
      redirect: (device: number, page: number, count: number) => call(`redirect ${device} ${page} ${count}`, 0),
    },
    iommu: { faulted: (...fault: Fault) => faults.push(fault) },
  } as unknown as Parameters<typeof iommuDriver.create>[1];
  const instance = iommuDriver.create(context, ports);
  const map = (n: number, access = 3, sizeBits = 12, device = NIC, from = NIC_DRIVER): number => {
    size.bits = sizeBits;
    const page = instance.handlers.iommu.map(from, device, frame(n), access);
    size.bits = 12;
    return page;
  };
  return {
    iommu,
    owners,
    tenures,
    vectors,
    time,
    word: (offset) => iommu.load32(1, offset),
    faults,
    deleted,
    calls,
    spent,
    map,
    handlers: instance.handlers,
    readOnly: () => {
      size.access = kernel.READ;
    },
    start: () => instance.start!(),
  };
}

export function started(config: Partial<IommuDriverConfig> = {}, refuse = ''): Bench {
  const all = bench(config, refuse);
  all.start();
  return all;
}
