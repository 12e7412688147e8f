export {
  CONFIGURATION_DIFFERENCES,
  type ConfigurationDifference,
  compareConfiguration,
} from './configuration-comparison.ts';
export {
  DriverBench,
  type NicConfig,
  type NicDefinition,
  type NicEvent,
  POOL_SIZE_BYTES,
} from './driver-bench.ts';
export { Exchange } from './driver-exchange.ts';
export { KNOWN, type KnownDifference } from './known-differences.ts';
export { QemuMachine, whyNoQemu } from './machine.ts';
export { ModelNic } from './model-nic.ts';
export { MAC, startE1000e, startVirtioNet } from './nics.ts';
export type { SplitSizes } from './packet-split.ts';
export { type PacketSpec, packetOf } from './packets.ts';
export { QemuFunction } from './pci-function.ts';
export { QemuNic } from './qemu-nic.ts';
export { compareReception, type ReceiveScript, type ReceiveSetup, SECOND_ADDRESS } from './receive-comparison.ts';
export {
  compareInterrupts,
  compareReset,
  compareWrites,
  type InterruptStep,
  REGISTER_DIFFERENCES,
  type RegisterDifference,
} from './register-comparison.ts';
export { compareTransmission, type Send, type TransmitScript } from './transmit-comparison.ts';
