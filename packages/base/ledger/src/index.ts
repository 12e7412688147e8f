export { Charge, TracedCharge, type TraceSink } from './charge.ts';
export { Ledger, type LedgerOptions } from './ledger.ts';
export { CAUSES, type Cause, type Primitive } from './primitive.ts';
