export * from './commands.ts';
export * from './device-context.ts';
export * from './fault-record.ts';
export * from './registers.ts';
