export { bit, bits, type Field, get, has, set } from './field.ts';
export { alignUp, isPowerOfTwo, log2, swap16, swap32 } from './words.ts';
export { applyWrite, type WriteRule } from './write-rule.ts';
