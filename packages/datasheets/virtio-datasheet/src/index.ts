export * from './capability.ts';
export * from './common.ts';
export * from './feature.ts';
export * from './identity.ts';
export * from './net.ts';
export * from './split-ring.ts';
