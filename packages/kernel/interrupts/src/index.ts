export { type InterruptFile, InterruptTable, NOT_BOUND } from './interrupt-table.ts';
