export { type Capability, RIGHTS } from './capability.ts';
export { type CapsSnapshot, capsOf, type NamedCapability } from './caps.ts';
export {
  type ConfigurationSnapshot,
  configurationOf,
  configurationsOf,
  type FunctionConfiguration,
} from './configuration.ts';
export type { Derivation } from './derivation.ts';
export { type DevicePlace, deviceAt } from './device-memory.ts';
export { type DomainsSnapshot, domainsOf } from './domains.ts';
export { type MachineSnapshot, machineOf } from './machine.ts';
export { type MemorySnapshot, memoryOf } from './memory.ts';
export * as pages from './page-ranges.ts';
export { type Channel, type DeviceReach, type DomainReach, type Reach, reachOf } from './reach.ts';
