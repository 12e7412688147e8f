/** The IOMMU driver as a component. */
import { kernel, type Right, right } from '@bulkhead/abi';
import { iommu } from '@bulkhead/iommu-driver-api';
import { pciBus } from '@bulkhead/pci-bus-driver-api';
import {
  type ComponentDefinition,
  type Context,
  component,
  LEVELS,
  mustAccept,
  type Ports,
  Window,
} from '@bulkhead/runtime';
import { Commands } from './commands.ts';
import { ACCEPTS, DEFAULT_CONFIG, type IommuDriverConfig } from './config.ts';
import { Counters } from './counters.ts';
import { Devices } from './devices.ts';
import { FAULT_TOKEN, IommuDriver } from './driver.ts';
import { Faults } from './faults.ts';
import { IoSpace } from './io-space.ts';
import { HEAP_SIZE_BYTES, TABLE_PAGES } from './layout.ts';
import { Messages } from './messages.ts';
import { Reporter } from './reporter.ts';
import { TablePages } from './table-pages.ts';
import { Waiting } from './waiting.ts';

const PAGE_SIZE_BYTES = 4096;

type Uses = { readonly pci: typeof pciBus; readonly kernel: typeof kernel.contractOfKernel };
type Provides = { readonly iommu: typeof iommu };
type IommuPorts = Ports<Uses, Provides>;

/** Maps the registers and finds the tables. @throws when the kernel refuses what the driver cannot do without. */
function assemble(
  context: Context<IommuDriverConfig>,
  { kernel: kernelPort, pci, iommu: events }: IommuPorts,
): IommuDriver {
  const { answer, heap, memory } = context;
  if (kernelPort.map(context.right('registers'), 1, kernel.READ_WRITE) < 0)
    throw new Error('iommu-driver: the kernel refuses to map the registers of the IOMMU');
  const registers = new Window(memory, answer[1]!, 0, PAGE_SIZE_BYTES);
  const tables = new TablePages(heap, context.region('tables'));
  if (!tables.locate(kernelPort)) throw new Error('iommu-driver: the kernel does not say where the tables are');
  const counters = new Counters(heap);
  const devices = new Devices(heap, tables);
  const spaces = new IoSpace(tables);
  const commands = new Commands(heap, tables, registers);
  return new IommuDriver({
    context,
    kernel: kernelPort,
    pci,
    registers,
    tables,
    devices,
    spaces,
    messages: new Messages({ tables, spaces, devices, pci, msiPage: context.config.msiPage }),
    commands,
    faults: new Faults(heap, tables, registers),
    reporter: new Reporter({ context, events, devices, commands, counters }),
    waiting: new Waiting(heap, counters),
  });
}

/** @returns the right to acknowledge the fault queue's interrupt with. @throws when the kernel refuses it. */
function bindFaultInterrupt(context: Context<IommuDriverConfig>, { kernel: kernelPort }: IommuPorts): Right {
  const interrupt = kernelPort.issueInterrupt(context.right('irq-control'), context.config.faultIdentity);
  if (interrupt < 0 || kernelPort.bindInterrupt(right(interrupt), FAULT_TOKEN) < 0)
    throw new Error('iommu-driver: the kernel refuses the interrupt of the fault queue');
  return right(interrupt);
}

export const iommuDriver: ComponentDefinition<Uses, Provides, IommuDriverConfig> = component<
  Uses,
  Provides,
  IommuDriverConfig
>({
  name: 'iommu-driver',
  level: LEVELS.iommuDriver,
  uses: { pci: pciBus, kernel: kernel.contractOfKernel },
  provides: { iommu },
  /** CHOICE: an estimate. The path of `map` is some 3 KiB of code; it touches its records, three tables and two queues. */
  footprint: { codePages: 2, dataPages: 3 },
  heapPages: Math.ceil(HEAP_SIZE_BYTES / PAGE_SIZE_BYTES),
  // Ten times and more what the longest handler takes, in any system, workload and profile that `compare` has.
  limitUs: 10_000,
  regions: { tables: { sizeBits: 12, count: TABLE_PAGES } },
  rights: ['registers', 'irq-control'],
  work: ['init', 'map', 'unmap', 'invalidate', 'request', 'fault'],
  config: DEFAULT_CONFIG,
  accepts: ACCEPTS,
  create(context, ports) {
    mustAccept('iommu-driver', ACCEPTS, context.config);
    let living: { readonly driver: IommuDriver; readonly interrupt: Right } | null = null;
    const driver = (): IommuDriver => living!.driver;
    return {
      handlers: {
        pci: {},
        kernel: {
          notified: (token) => {
            driver().notified(token);
            if (token === FAULT_TOKEN) ports.kernel.acknowledge(living!.interrupt);
          },
        },
        iommu: {
          map: (from, device, frame, access) => driver().map(from, device, frame, access),
          unmap: (from, device, ioPage) => driver().unmap(from, device, ioPage),
          reclaim: (from, device) => driver().reclaim(from, device),
          reclaimFrom: (from, component) => driver().reclaimFrom(from, component),
        },
      },
      start: () => {
        context.work.spend(context.work.id('init'));
        living = { driver: assemble(context, ports), interrupt: bindFaultInterrupt(context, ports) };
        living.driver.start();
      },
    };
  },
});
