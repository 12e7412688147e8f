/** Two applications that write a stream each, read the other's to its end, and close. */
import { ACCEPTABLE, WOULD_BLOCK } from '@bulkhead/net-stack-api';
import type { Host } from './world.ts';

export class Streamer {
  /** What came, in its first `receivedBytes`. */
  received: Uint8Array = new Uint8Array(0x10000);
  receivedBytes = 0;
  sent = 0;
  isClosed = false;
  sawEnd = false;
  failure = 0;
  readonly #host: Host;
  readonly #bytes: Uint8Array;
  readonly #chunk: number;
  socket = -1;

  constructor(host: Host, bytes: Uint8Array, chunk = 4096) {
    this.#host = host;
    this.#bytes = bytes;
    this.#chunk = chunk;
  }
  /** Does all that can be done now. */
  work(): void {
    if (this.socket < 0 || this.failure !== 0) return;
    this.#write();
    this.#read();
  }
  #write(): void {
    const { sockets } = this.#host.lone;
    while (this.sent < this.#bytes.length) {
      const lenBytes = Math.min(this.#chunk, this.#bytes.length - this.sent);
      sockets.write(0, this.#bytes, this.sent, lenBytes);
      const taken = sockets.send(this.socket, 0, lenBytes);
      if (taken === WOULD_BLOCK) return;
      if (taken < 0) {
        this.failure = taken;
        return;
      }
      this.sent += taken;
    }
    if (this.isClosed) return;
    this.isClosed = true;
    sockets.close(this.socket);
  }
  get bytes(): Uint8Array {
    return this.received.subarray(0, this.receivedBytes);
  }
  #makeRoom(lenBytes: number): void {
    if (this.receivedBytes + lenBytes <= this.received.length) return;
    const larger = new Uint8Array(2 * this.received.length + lenBytes);
    larger.set(this.received);
    this.received = larger;
  }
  #read(): void {
    const { sockets } = this.#host.lone;
    while (!this.sawEnd) {
      const taken = sockets.receive(this.socket, 0x8000, this.#chunk);
      if (taken === WOULD_BLOCK) return;
      if (taken < 0) {
        this.failure = taken;
        return;
      }
      if (taken === 0) {
        this.sawEnd = true;
        return;
      }
      this.#makeRoom(taken);
      sockets.read(0x8000, this.received, this.receivedBytes, taken);
      this.receivedBytes += taken;
    }
  }
}

/** Connects `client` to `server` on port 80; both stream and close. */
export function stream(
  server: Host,
  client: Host,
  address: number,
  up: Uint8Array,
  down: Uint8Array,
  chunk = 4096,
): [Streamer, Streamer] {
  const atServer = new Streamer(server, down, chunk);
  const atClient = new Streamer(client, up, chunk);
  const listener = server.lone.sockets.listen(80, 4);
  server.onReady = (socket, what) => {
    if (socket === listener && (what & ACCEPTABLE) !== 0) atServer.socket = server.lone.sockets.accept(listener);
    atServer.work();
  };
  client.onReady = () => atClient.work();
  atClient.socket = client.lone.sockets.connect(address, 80);
  return [atServer, atClient];
}
