export { netStack } from './component.ts';
export type { NetStackConfig } from './config.ts';
export type { CounterName } from './counters.ts';
export { createLoneStack, type LoneSockets, type LoneStack, type LoneStackOptions } from './lone-stack.ts';
export { NetStack, type NetStackHandlers, type NetStackPorts } from './net-stack.ts';
export { EVENTS, STATES, type TcpEvent, type TcpState } from './tcp/state.ts';
export { formatIpv4Address, parseIpv4Address } from './wire/ipv4.ts';
