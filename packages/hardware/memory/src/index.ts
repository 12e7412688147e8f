export { createRam, Ram, type RamOptions } from './ram.ts';
