/** The server over a stack without a network, in a memory that counts copies. */
import { Peer, TcpHost, type TcpHostOptions } from '@bulkhead/fake-sockets';
import { FlatMemory } from '@bulkhead/runtime';
import { type WebServerConfig, webServer } from '../src/index.ts';

/** Counts what is written where responses are composed: behind the place for received bytes. */
class CountingMemory extends FlatMemory {
  composedBytes = 0;

  override storeBytes(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): void {
    if (page === webServer.heapPages && offset >= 2048) this.composedBytes += lenBytes;
    super.storeBytes(page, offset, from, at, lenBytes);
  }
}

export class Host extends TcpHost<WebServerConfig, Peer> {
  constructor(options: TcpHostOptions<WebServerConfig> = {}) {
    const memoryOf = (pageCount: number): FlatMemory => new CountingMemory(pageCount);
    super(webServer, (socket, window) => new Peer(socket, window), { memoryOf, ...options });
  }
  override get memory(): CountingMemory {
    return super.memory as CountingMemory;
  }
  /** One connection, and pieces of text. */
  ask(...pieces: string[]): Peer {
    const peer = this.connect();
    for (const piece of pieces) this.write(peer, piece);
    return peer;
  }
}

export interface Response {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Reads responses off a stream. @param heads for each response, whether it answers HEAD. */
export function responsesIn(stream: Buffer, heads: readonly boolean[] = []): Response[] {
  const responses: Response[] = [];
  let at = 0;
  while (at < stream.length) {
    const end = stream.indexOf('\r\n\r\n', at);
    if (end < 0) throw new Error(`a head without an end: ${stream.toString('latin1', at)}`);
    const [line, ...lines] = stream.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) .+$/.exec(line!)![1]);
    const fields = Object.fromEntries(lines.map((text) => /^([^:]+): (.*)$/.exec(text)!.slice(1, 3)));
    const bodyLen = heads[responses.length] === true ? 0 : Number(fields['Content-Length']);
    if (end + 4 + bodyLen > stream.length) throw new Error('a body that was cut short');
    responses.push({ status, fields, body: stream.subarray(end + 4, end + 4 + bodyLen) });
    at = end + 4 + bodyLen;
  }
  return responses;
}
