/** The server over a stack without a network, and clients that judge the stream as it comes. */
import { Peer, TcpHost, type TcpHostOptions } from '@bulkhead/fake-sockets';
import { patternByte, type StreamServerConfig, streamServer } from '../src/index.ts';

export class Reader extends Peer {
  received = 0;
  /** How many bytes were not those of the pattern. */
  wrong = 0;

  override accept(bytes: Uint8Array): void {
    for (const byte of bytes) if (byte !== patternByte(this.received++)) this.wrong++;
  }
  /** How many bytes wait to be read by the server. */
  get unread(): number {
    return this.incoming.reduce((sum, { length }) => sum + length, 0);
  }
}

export class Host extends TcpHost<StreamServerConfig, Reader> {
  constructor(options: TcpHostOptions<StreamServerConfig> = {}) {
    super(streamServer, (socket, window) => new Reader(socket, window), options);
  }
}
