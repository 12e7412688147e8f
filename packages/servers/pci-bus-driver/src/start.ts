/** The start: what is on the buses, where it goes, and the rights to it. */
import { type ClientPort, kernel } from '@bulkhead/abi';
import type { Context } from '@bulkhead/runtime';
import { assign } from './assign.ts';
import type { BridgeTable } from './bridge-table.ts';
import { Carver } from './carver.ts';
import type { PciBusDriverConfig } from './config.ts';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import { enumerate } from './enumerate.ts';
import { plan } from './plan.ts';

/** A right to configuration space is a frame of 2 MiB. */
const BUSES_PER_FRAME = 2;
/** I/O address 0 stays free: many take it for no address. */
const FIRST_IO_PAGE = 1;

export interface StartOptions {
  readonly context: Context<PciBusDriverConfig>;
  readonly kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly config: ConfigSpace;
  readonly devices: DeviceTable;
  readonly bridges: BridgeTable;
  readonly found: () => void;
}

/** @throws when the kernel refuses configuration space: without it there is nothing to drive. */
export function findDevices({ context, kernel: kernelPort, config, devices, bridges, found }: StartOptions): void {
  const { busCount, windowPage, windowPages, ioPage, ioPages } = context.config;
  const frameCount = Math.ceil(busCount / BUSES_PER_FRAME);
  if (kernelPort.map(context.right('config'), frameCount, kernel.READ_WRITE) < 0)
    throw new Error('pci-bus-driver: the kernel refuses to map configuration space');
  config.mapped(context.answer[1]!);
  const root = enumerate({ config, devices, bridges, busCount, found });
  plan(
    root,
    { firstPage: windowPage, endPage: windowPage + windowPages },
    { firstPage: FIRST_IO_PAGE, endPage: ioPages },
  );
  assign(root, {
    config,
    devices,
    bridges,
    memory: new Carver(kernelPort, context.right('memory-window'), windowPage),
    io: ioPages === 0 ? null : new Carver(kernelPort, context.right('io-window'), ioPage),
    ioPage,
  });
}
