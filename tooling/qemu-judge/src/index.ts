export {
  DriverBench,
  type NicConfig,
  type NicDefinition,
  type NicEvent,
  POOL_SIZE_BYTES,
  STACK,
} from './driver-bench.ts';
export { Exchange } from './driver-exchange.ts';
export { QEMU, QemuMachine, type QemuOptions, RAM_MIB, whyNoQemu } from './machine.ts';
export { MAC, startE1000e, startVirtioNet } from './nics.ts';
export { type Bar, MESSAGE, QemuFunction } from './pci-function.ts';
