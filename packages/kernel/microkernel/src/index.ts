export { Executive, type Observer } from './executive.ts';
export { type Fault, Kernel, type KernelOptions } from './kernel.ts';
export { RESERVABLE_BITS, RESERVABLE_PAGE } from './kernel-memory.ts';
export { Panic } from './panic.ts';
export type { KernelPrimitives } from './primitives.ts';
export { Domain, FIRST_INBOUND_BIT, Life, Seat, type SeatOptions, START_BIT, TOKENS } from './seat.ts';
export { ACCESS_EXECUTE, CNODE_RADIX, Spaces } from './spaces.ts';
