export { PATTERN_PERIOD_BYTES, patternByte } from './pattern.ts';
export type { StreamServerConfig } from './server.ts';
export { STREAM_PORT, streamServer } from './stream-server.ts';
