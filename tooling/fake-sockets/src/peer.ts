/** A client, as the stack knows it. */
export class Peer {
  readonly socket: number;
  /** What the server has not read yet, a segment each. */
  readonly incoming: Uint8Array[] = [];
  readonly outgoing: Uint8Array[] = [];
  /** How many more bytes the stack takes for it. */
  window: number;
  peerClosed = false;
  serverClosed = false;
  wasReset = false;
  aborted = false;
  wantsReadable = false;
  wantsWritable = false;

  constructor(socket: number, window: number) {
    this.socket = socket;
    this.window = window;
  }
  /** What the server sends arrives. */
  accept(bytes: Uint8Array): void {
    this.outgoing.push(bytes);
  }
  /** @returns what came since it was asked last. */
  take(): string {
    return Buffer.concat(this.outgoing.splice(0)).toString('latin1');
  }
  get bytes(): Buffer {
    return Buffer.concat(this.outgoing);
  }
  get text(): string {
    return this.bytes.toString('latin1');
  }
  get isGone(): boolean {
    return this.aborted || (this.peerClosed && this.serverClosed);
  }
}
