export * from './cause.ts';
export * from './csr.ts';
export * from './imsic.ts';
export * from './satp.ts';
export * from './supervisor.ts';
export * from './sv39.ts';
export * from './sv48-sv57.ts';
