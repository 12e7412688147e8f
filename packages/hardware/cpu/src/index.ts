export { Hart, type HartOptions } from './hart.ts';
