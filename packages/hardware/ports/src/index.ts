export type { DmaPort, MessagePort } from './dma.ts';
export type { HartPort } from './hart.ts';
export type { InterruptLine } from './interrupt-line.ts';
export type { PhysicalMemoryPort } from './memory.ts';
export type { RegisterDevice, WidthBytes } from './register-device.ts';
export type { WirePort } from './wire.ts';
