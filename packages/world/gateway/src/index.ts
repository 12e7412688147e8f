export { Gateway, type GatewayOptions } from './gateway.ts';
export { type JournalHeader, JournalWriter, parseJournal, replay, type ReplayedJournal } from './journal.ts';
export { Live, type LiveOptions } from './live.ts';
