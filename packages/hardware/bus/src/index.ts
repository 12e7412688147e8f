export { BUS_ACCESS_FAULT, Bus, type BusOptions } from './bus.ts';
