export { type BitFlip, injectBitFlip, type Injection } from './bit-flip.ts';
