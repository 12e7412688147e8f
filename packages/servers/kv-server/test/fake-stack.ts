/** The server over a stack without a network. */
import { Peer, TcpHost, type TcpHostOptions } from '@bulkhead/fake-sockets';
import { type KvServerConfig, kvServer } from '../src/index.ts';

export class Host extends TcpHost<KvServerConfig, Peer> {
  constructor(options: TcpHostOptions<KvServerConfig> = {}) {
    super(kvServer, (socket, window) => new Peer(socket, window), options);
  }
  /** One connection, pieces of text, and everything that comes back. */
  ask(...pieces: string[]): string {
    const peer = this.connect();
    for (const piece of pieces) this.write(peer, piece);
    const { text } = peer;
    this.end(peer);
    return text;
  }
}
