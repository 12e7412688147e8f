import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('server.js', import.meta.url));

/** @returns the port of its end of the wire, and what its exit status will be */
export async function startServer({ requests, loseEvery = 0 }) {
  const child = spawn(process.execPath, [SERVER, String(requests), String(loseEvery)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => code);
  const [line] = await once(child.stdout, 'data');
  return { port: Number(line.toString()), ended, stop: () => child.kill() };
}
