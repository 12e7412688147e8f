export { Gateway, type GatewayOptions } from './gateway.ts';
export { type Journal, type JournalFrame, type JournalHeader, parseJournal } from './journal.ts';
export { JournalWriter, type JournalWriterOptions } from './journal-writer.ts';
export { Live, type LiveOptions } from './live.ts';
export { replay } from './replay.ts';
