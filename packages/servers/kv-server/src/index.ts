export { KV_PORT, kvServer } from './kv-server.ts';
export type { KvServerConfig } from './server.ts';
