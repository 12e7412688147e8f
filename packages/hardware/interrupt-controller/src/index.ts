export { Imsic, type ImsicOptions } from './imsic.ts';
