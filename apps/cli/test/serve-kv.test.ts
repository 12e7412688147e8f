/** The key-value server in a machine, and the programs that Redis ships as its clients. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram, program, type Server, serve, stop, stopAll } from './run.ts';

afterAll(stopAll);

const cli = findProgram('redis-cli');
const benchmark = findProgram('redis-benchmark');
const WHY_NOT = 'there are no redis-tools';

describe.each(['monolithic', 'multiserver', 'exokernel'])('bulkhead serve %s --app kv-server', (name) => {
  let server: Server;
  beforeAll(async () => {
    server = await serve(name, '--app', 'kv-server');
  });
  afterAll(async () => {
    expect((await stop(server)).status).toBe(0);
  });
  const ask = async (...words: string[]): Promise<string> =>
    (await program(cli!, '-p', `${server.port}`, ...words)).stdout.trimEnd();

  it('answers redis-cli: what was set is got, counted and deleted', async (context) => {
    if (cli === null) return context.skip(WHY_NOT);
    expect(await ask('PING')).toBe('PONG');
    expect(await ask('SET', 'greeting', 'hello')).toBe('OK');
    expect(await ask('GET', 'greeting')).toBe('hello');
    expect([await ask('INCR', 'n'), await ask('INCR', 'n')]).toEqual(['1', '2']);
    expect(await ask('DEL', 'greeting', 'n')).toBe('2');
    expect(await ask('GET', 'greeting')).toBe('');
    expect(await ask('NONSENSE')).toMatch(/^ERR unknown command/);
  });
  it('answers redis-benchmark, pipelined and not, without an error', async (context) => {
    if (benchmark === null) return context.skip(WHY_NOT);
    for (const depth of ['1', '8']) {
      const args = ['-p', `${server.port}`, '-n', '400', '-c', '4', '-P', depth, '-t', 'set,get', '--csv'];
      const { status, stdout, stderr } = await program(benchmark, ...args);
      expect(status, stderr).toBe(0);
      for (const test of ['SET', 'GET'])
        expect(Number(new RegExp(`^"${test}","([\\d.]+)"`, 'm').exec(stdout)?.[1]), stdout).toBeGreaterThan(0);
      expect(stderr).not.toMatch(/error/i);
    }
  });
});

describe('bulkhead serve exokernel-two', () => {
  it('answers on the wire of each application, at a port of its own', async () => {
    const server = await serve('exokernel-two');
    const [, first, second] = /serves (\S+) and (\S+) /.exec(server.line)!;
    expect(first).not.toBe(second);
    for (const url of [first!, second!]) expect((await fetch(url)).status).toBe(200);
    expect((await stop(server)).status).toBe(0);
  });
});
