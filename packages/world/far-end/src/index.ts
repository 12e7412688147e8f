export { createFarEnd, type FarEnd, type FarEndOptions } from './far-end.ts';
