export { ECHO_PORT, echoServer } from './echo-server.ts';
export type { EchoServerConfig } from './server.ts';
