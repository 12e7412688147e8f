/** A registry for the length of the checks. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { publish } from 'libnpmpublish';
import { INSIDE, isEnding } from './run.ts';
import type { Tarball } from './tarball.ts';

const START_LIMIT_MS = 60_000;

export class Registry {
  readonly url: string;
  readonly #server: ChildProcess;

  private constructor(server: ChildProcess, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}/`;
  }

  /** @param upstream where packages that are not ours come from. */
  static start(storage: string, upstream: string): Promise<Registry> {
    if (isEnding()) return new Promise(() => {});
    const server = fork(join(import.meta.dirname, 'registry-server.ts'), [storage, upstream], {
      env: INSIDE,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const log: string[] = [];
    server.stdout?.on('data', (chunk: Buffer) => log.push(chunk.toString()));
    server.stderr?.on('data', (chunk: Buffer) => log.push(chunk.toString()));
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => server.kill('SIGKILL'), START_LIMIT_MS);
      server.once('message', ({ port }: { port: number }) => {
        clearTimeout(limit);
        resolve(new Registry(server, port));
      });
      server.once('exit', (code) => {
        clearTimeout(limit);
        reject(new Error(`the registry ended with status ${code}:\n${log.join('')}`));
      });
    });
  }

  /** Provenance needs the release workflow's identity; everything else is published as it stands. */
  async publish({ manifest, bytes }: Tarball): Promise<void> {
    const options = { registry: this.url, access: 'public', provenance: false, '//127.0.0.1/:_authToken': 'none' };
    await publish(manifest, Buffer.from(bytes), { ...options, forceAuth: { token: 'none' } });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#server.exitCode !== null) return resolve();
      this.#server.once('exit', () => resolve());
      this.#server.kill('SIGTERM');
    });
  }
}
