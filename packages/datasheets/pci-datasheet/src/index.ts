export * from './base-address.ts';
export * from './capability.ts';
export * from './ecam.ts';
export * from './express.ts';
export * from './header.ts';
export * from './msi.ts';
export * from './msix.ts';
export * from './power-management.ts';
