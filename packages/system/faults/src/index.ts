export { type BitFlip, type Injection, injectBitFlip } from './bit-flip.ts';
