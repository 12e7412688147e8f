/** The parts of an IOMMU, put together. */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { Ats, type AtsPort } from './ats.ts';
import { ALL_CAPABILITIES, type IommuCapabilities, supported } from './capabilities.ts';
import { CommandQueue } from './command-queue.ts';
import { Debug } from './debug.ts';
import { Directory } from './directory.ts';
import { FaultQueue } from './fault-queue.ts';
import { FaultReporter } from './fault-reporter.ts';
import { FirstStage } from './first-stage.ts';
import { Interrupts } from './interrupts.ts';
import { Iotlb } from './iotlb.ts';
import { Monitor } from './monitor.ts';
import { Mrif } from './mrif.ts';
import { MsiTable } from './msi-table.ts';
import { PageRequestQueue } from './page-request-queue.ts';
import { ProcessDirectory } from './process-directory.ts';
import { Recent } from './recent.ts';
import { RegisterWrites } from './register-writes.ts';
import { Registers } from './registers.ts';
import { SecondStage } from './second-stage.ts';
import { type SystemMessage, SystemStore } from './system-store.ts';
import { Translator } from './translator.ts';

export interface IommuOptions {
  readonly memory: PhysicalMemoryPort;
  /** Carries the IOMMU's own stores beyond RAM: its interrupts, notices, and fences that write to a device. */
  readonly message: SystemMessage;
  /** Runs when an interrupt becomes pending, before its message leaves. @defaultValue nothing */
  readonly attention?: () => void;
  /** Moves the interrupt wire of a vector, while `fctl.WSI` is 1. @defaultValue nothing */
  readonly wire?: (vector: number, asserted: boolean) => void;
  /** Devices that cache translations or ask for pages. @defaultValue none: invalidation requests time out */
  readonly devices?: AtsPort;
  /** The time in cycles, which never goes back. @defaultValue none, and so no performance monitor */
  readonly cycles?: () => number;
  /** What it can do; `ALL_CAPABILITIES` has device contexts of 64 bytes. @defaultValue ALL_CAPABILITIES */
  readonly capabilities?: IommuCapabilities;
}

const nothing = (): void => undefined;
const NO_DEVICES: AtsPort = { invalidate: () => false, respond: () => undefined };

/** What finds a page for a request. */
export interface TranslationParts {
  readonly recent: Recent;
  readonly iotlb: Iotlb;
  readonly guestTlb: Iotlb;
  readonly directory: Directory;
  readonly processes: ProcessDirectory;
  readonly second: SecondStage;
  readonly messages: MsiTable;
  readonly translator: Translator;
}
export interface Parts extends TranslationParts {
  readonly registers: Registers;
  readonly store: SystemStore;
  readonly interrupts: Interrupts;
  readonly faults: FaultReporter;
  readonly mrif: Mrif;
  readonly ats: Ats;
  readonly commands: CommandQueue;
  readonly monitor: Monitor;
  readonly writes: RegisterWrites;
}

function translationParts(registers: Registers, memory: PhysicalMemoryPort, faults: FaultReporter): TranslationParts {
  const recent = new Recent();
  const iotlb = new Iotlb(recent, true);
  const guestTlb = new Iotlb(recent, false);
  const hasMemoryTypes = registers.has(reg.CAPABILITIES, reg.CAPABILITIES_SVPBMT);
  const second = new SecondStage(memory, guestTlb, hasMemoryTypes);
  const first = new FirstStage(memory, second, hasMemoryTypes);
  const directory = new Directory(registers, memory, recent);
  const processes = new ProcessDirectory(registers, memory, second, recent);
  const messages = new MsiTable(memory, registers.has(reg.CAPABILITIES, reg.CAPABILITIES_MSI_MRIF));
  const translator = new Translator({ registers, directory, processes, tlb: iotlb, first, second, messages, faults });
  return { recent, iotlb, guestTlb, directory, processes, second, messages, translator };
}

export function assemble(options: IommuOptions): Parts {
  const { memory, message, attention = nothing, wire = nothing, devices = NO_DEVICES } = options;
  const { capabilities = ALL_CAPABILITIES, cycles } = options;
  const registers = new Registers(supported(capabilities, cycles !== undefined));
  const store = new SystemStore(memory, message);
  const messageFault = (page: number, offset: number): void => faults.reportMessage(page, offset);
  const interrupts = new Interrupts({ registers, store, attention, wire, messageFault });
  const faults = new FaultReporter(new FaultQueue({ registers, memory, interrupts }));
  const translation = translationParts(registers, memory, faults);
  const { recent, directory, processes, second, messages, translator } = translation;
  const queue = new PageRequestQueue({ registers, memory, interrupts });
  const ats = new Ats({ registers, directory, translator, faults, queue, store, port: devices });
  const commands = new CommandQueue({ registers, memory, store, interrupts, devices, ...translation });
  const tallies = {
    deviceLoads: directory.loads,
    processLoads: processes.loads,
    firstWalks: translator.walks,
    secondWalks: second.walks,
  };
  const monitor = new Monitor({ registers, interrupts, recent, tallies, cycles: cycles ?? ((): number => 0) });
  translator.monitor = monitor;
  const debug = new Debug(registers, translator);
  const writes = new RegisterWrites({ registers, commands, interrupts, debug, monitor, recent });
  const mrif = new Mrif(memory, store, messages);
  return { ...translation, registers, store, interrupts, faults, mrif, ats, commands, monitor, writes };
}
