export { ByteCopier } from './byte-copier.ts';
export { createRam, Ram, type RamOptions } from './ram.ts';
