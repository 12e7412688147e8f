export * from './commands.ts';
export * from './device-context.ts';
export * from './fault-record.ts';
export * from './msi-page-table.ts';
export * from './page-request.ts';
export * from './process-context.ts';
export * from './registers.ts';
