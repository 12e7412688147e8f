export { FakeContext, type FakeContextOptions, SHARED_BYTES } from './fake-context.ts';
export { Peer } from './peer.ts';
export { REFUSING } from './refusing.ts';
export { TcpHost, type TcpHostOptions } from './tcp-host.ts';
