/** A system behind a gateway on a free port, and real clients of it. */
import { createHash } from 'node:crypto';
import { type Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { assemble, type Description, type System } from '@bulkhead/assembler';
import type { LinkEnd } from '@bulkhead/link';
import { HTTP_PORT } from '@bulkhead/parts';
import { farEndConfig, guestAddress } from '@bulkhead/test-systems';
import { bytesPage } from '@bulkhead/web-server';
import { Gateway } from '../src/index.ts';

export interface Served {
  readonly system: System;
  readonly gateway: Gateway;
  readonly port: number;
  /** How often the system was said to have panicked. */
  readonly panics: () => number;
}
export interface ServeOptions {
  readonly system?: System;
  readonly wire?: LinkEnd;
  /** Sockets of the far end. */
  readonly maxConnections?: number;
}

/** A SYN that comes before the machine's link is up is only heard when it is sent again, a second later. */
const BOOT_NS = 50_000_000;

/** Boots the system first, and always closes the gateway. */
export async function serving(
  description: Description,
  act: (served: Served) => Promise<void>,
  { system = assemble(description), wire = system.wire, maxConnections = 128 }: ServeOptions = {},
): Promise<void> {
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  let panics = 0;
  const onPanic = (): void => void panics++;
  const gateway = new Gateway({
    system,
    nowMs: () => performance.now(),
    config: { ...farEndConfig(5), timeWaitMs: 50, maxConnections },
    address: guestAddress,
    port: HTTP_PORT,
    wire,
    onPanic,
  });
  const port = await gateway.listen(0);
  try {
    await act({ system, gateway, port, panics: () => panics });
  } finally {
    await gateway.close();
  }
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** One request of Node's own client. Rejects when the connection breaks. */
export function fetchPage(port: number, path: string, agent: Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent }, (response: IncomingMessage) => {
      const parts: Buffer[] = [];
      response.on('data', (data: Buffer) => parts.push(data));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(parts) }));
    }).on('error', reject);
  });
}

export const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
/** What `/bytes/N` must give. */
export function expectedBytes(lenBytes: number): Buffer {
  const bytes = Buffer.alloc(lenBytes);
  for (let i = 0; i < lenBytes; i++) bytes[i] = bytesPage(i);
  return bytes;
}

/** A client that speaks bytes. */
export class RawClient {
  readonly socket: Socket;
  /** Resolves with the error, or null at an orderly end. */
  readonly closed: Promise<Error | null>;
  #parts: Buffer[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    let failure: Error | null = null;
    socket.on('data', (data) => this.#parts.push(data));
    socket.on('error', (error) => {
      failure = error;
    });
    this.closed = new Promise((resolve) => socket.on('close', () => resolve(failure)));
  }
  static async connect(port: number, allowHalfOpen = false): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }
  get received(): Buffer {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0] ?? Buffer.alloc(0);
  }
  get text(): string {
    return this.received.toString('latin1');
  }
}

const PATIENCE_MS = 10_000;

/** Waits for something that comes about while the host's event loop turns. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(5);
  }
}
