export type { BarKind, BarOptions } from './base-address.ts';
export type { MsixOptions } from './capability-list.ts';
export { PciFunction, type PciFunctionOptions } from './function.ts';
export type { UpstreamPorts } from './master.ts';
export { MASTER_REFUSED, SIGNAL_DISABLED } from './msix.ts';
export { RootComplex, type RootComplexOptions, type Slot } from './root-complex.ts';
