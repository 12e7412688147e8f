export { ConnectionTable, NO_CONNECTION, type TableOptions } from './table.ts';
export { Turns, type TurnsOptions } from './turns.ts';
