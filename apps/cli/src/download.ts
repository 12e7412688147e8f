/** A real client on the host: Node's own HTTP client over a loopback socket. */
import { createHash, type Hash } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { bytesPage } from '@bulkhead/web-server';

export interface Download {
  readonly status: number;
  readonly receivedBytes: number;
  readonly sha256: string;
  /** Why it ended before its end; null when it did not. */
  readonly broken: string | null;
}

/** A download that brings nothing for so long is given up, unless somebody says otherwise. */
const PATIENCE_MS = 10_000;

/** Fetches a page and tells what came. Never rejects: a broken connection is an answer. */
export function download(
  port: number,
  path: string,
  onBytes: (receivedBytes: number) => void = () => {},
  patienceMs: number = PATIENCE_MS,
): Promise<Download> {
  return new Promise((resolve) => {
    const hash = createHash('sha256');
    let receivedBytes = 0;
    let status = 0;
    let isOver = false;
    const end = (broken: string | null): void => {
      if (isOver) return;
      isOver = true;
      request.destroy();
      resolve({ status, receivedBytes, sha256: digestOf(hash), broken });
    };
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (response: IncomingMessage) => {
      status = response.statusCode ?? 0;
      response.on('data', (data: Buffer) => {
        hash.update(data);
        receivedBytes += data.length;
        onBytes(receivedBytes);
      });
      response.on('end', () => end(response.complete ? null : 'the connection ended early'));
      response.on('error', (error) => end(error.message));
    });
    request.setTimeout(patienceMs, () => end(`nothing came for ${patienceMs / 1000} s`));
    request.on('error', (error) => end(error.message));
  });
}

const digestOf = (hash: Hash): string => hash.copy().digest('hex');

/** @returns the SHA-256 of what `/bytes/N` should give. */
export function expectedSha256(lenBytes: number): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(65_536);
  for (let at = 0; at < lenBytes; at += chunk.length) {
    const count = Math.min(chunk.length, lenBytes - at);
    for (let i = 0; i < count; i++) chunk[i] = bytesPage(at + i);
    hash.update(chunk.subarray(0, count));
  }
  return hash.digest('hex');
}
