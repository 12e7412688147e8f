import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJournal } from '@bulkhead/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESIGN_NAMES } from '../src/systems.ts';
import { command } from './execute.ts';
import { type CapturedFrame, readPcapng } from './pcapng.ts';
import { bulkhead, findProgram, inFolder, program, type Server, serve, stop, stopAll } from './run.ts';

afterAll(stopAll);

const curl = findProgram('curl');
const wrk = findProgram('wrk');
const tshark = findProgram('tshark');
const browser = findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');

describe.each(DESIGN_NAMES)('bulkhead serve %s', (name) => {
  let server: Server;
  beforeAll(async () => {
    server = await serve(name);
  });
  afterAll(async () => {
    expect((await stop(server)).status).toBe(0);
  });

  it('answers curl: two requests on one connection, HEAD, 404', async (context) => {
    if (curl === null) return context.skip('there is no curl');
    const twice = await program(curl, '-sv', `${server.url}/`, `${server.url}/about`);
    expect(twice.stdout.match(/<html/g)).toHaveLength(2);
    expect(twice.stderr).toMatch(/Re-using existing connection/);
    const head = await program(curl, '-sI', server.url);
    expect(head.stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n(.*\r\n)*Content-Length: \d+\r\n/);
    const missing = await program(
      curl,
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code} %{size_download}',
      `${server.url}/nowhere`,
    );
    expect(missing.stdout).toMatch(/^404 [1-9]/);
  });
  it('answers wrk without an error', async (context) => {
    if (wrk === null) return context.skip('there is no wrk');
    const { status, stdout } = await program(wrk, '-d1s', '-c4', '-t1', `${server.url}/`);
    expect(status).toBe(0);
    expect(Number(/(\d+) requests in/.exec(stdout)?.[1])).toBeGreaterThan(0);
    expect(stdout).not.toMatch(/Non-2xx|Socket errors/);
  });
  it('shows a browser its page', async (context) => {
    if (browser === null) return context.skip('there is no Chromium');
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--dump-dom', `${server.url}/`];
    const { status, stdout } = await program(browser, ...args);
    expect(status).toBe(0);
    expect(stdout).toMatch(/<h1[\s>]/);
  });
});

describe.each(['monolithic', 'multiserver'])('bulkhead serve %s --record --capture', (name) => {
  it('writes down what comes in and every frame, and replays to the same digest in another process', () =>
    inFolder(async (folder) => {
      const [journal, capture] = [join(folder, 'journal'), join(folder, 'frames.pcapng')];
      const server = await serve(name, '--record', journal, '--capture', capture, '--seed', '3');
      for (const path of ['/', '/bytes/100000', '/nowhere']) await (await fetch(server.url + path)).arrayBuffer();
      const recorded = await stop(server);
      expect([recorded.status, recorded.stderr]).toEqual([0, '']);
      const digest = /^recorded \S+journal, digest ([0-9a-f]{16})$/m.exec(recorded.stdout)?.[1];
      const replayed = await bulkhead('serve', name, '--replay', journal);
      expect(replayed.status).toBe(0);
      expect(replayed.stdout).toMatch(/^replayed \d+ frames in \d+\.\d{3} s of simulated time, digest [0-9a-f]{16}\n$/);
      expect(replayed.stdout).toContain(`digest ${digest}\n`);
      expectCapture(readPcapng(readFileSync(capture)), readFileSync(journal, 'utf8'));
      if (tshark !== null) expect((await program(tshark, '-r', capture, '-Y', 'http.response')).stdout).toMatch(/404/);
    }));
});

/** Resets that are sent as the gateway closes never arrive. */
const MOST_ON_THE_WIRE = 4;

/** What came in is what the journal says, byte for byte; what went out has the page; times go forward. */
function expectCapture(frames: readonly CapturedFrame[], text: string): void {
  const journal = parseJournal(text);
  const sent = journal.ok ? journal.value.frames : [];
  const arrived = frames.filter(({ direction }) => direction === 'in');
  expect(arrived.length).toBeGreaterThanOrEqual(sent.length - MOST_ON_THE_WIRE);
  for (const [index, { bytes }] of arrived.entries())
    expect(bytes.subarray(0, sent[index]!.bytes.length).equals(sent[index]!.bytes)).toBe(true);
  expect(frames.some(({ direction, bytes }) => direction === 'out' && bytes.includes('HTTP/1.1 200 OK'))).toBe(true);
  const times = frames.map(({ timeNs }) => timeNs);
  expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
}

describe('bulkhead serve', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends with status 0 on %s, in the middle of a download', async (signal) => {
    const server = await serve('multiserver');
    const response = await fetch(`${server.url}/bytes/900000000`);
    await response.body!.getReader().read();
    const { status, stdout, stderr } = await stop(server, signal);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`multiserver serves ${server.url}/ (stop with Ctrl-C)\n`);
    await expect(fetch(server.url)).rejects.toThrow();
  });
  it('goes on after malformed requests', async () => {
    const server = await serve('monolithic');
    for (let i = 0; i < 3; i++)
      await fetch(server.url, { method: 'BREW' }).then((response) => expect(response.status).toBe(501));
    expect((await fetch(server.url)).status).toBe(200);
    expect((await stop(server)).status).toBe(0);
  });
  it('refuses a journal that is cut off, is none, or is another system’s: one line, status 2', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'journal');
      const header = '{"bulkheadJournal":1,"system":"monolithic","profile":"haswell","seed":1}\n';
      const last = '{"end":1,"digest":"0123456789abcdef"}\n';
      const cases: readonly (readonly [string, string, RegExp])[] = [
        [header, 'monolithic', /is no whole journal, record one with --record: it was not ended/],
        ['hello', 'monolithic', /is no whole journal, .*: the first line is no journal header/],
        [header + last, 'multiserver', /was recorded on 'monolithic': replay it there, not on 'multiserver'/],
        [
          header.replace('haswell', 'z80') + last,
          'monolithic',
          /was recorded with profile 'z80': there are lecture, haswell/,
        ],
      ];
      for (const [text, system, message] of cases) {
        writeFileSync(path, text);
        const { status, stdout, stderr } = await command('serve', system, '--replay', path);
        expect([status, stdout]).toEqual([2, '']);
        expect(stderr).toMatch(message);
        expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      }
    }));
  it('a replay that differs from what was recorded is a failure: status 1, and both digests', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'journal');
      const header = '{"bulkheadJournal":1,"system":"monolithic","profile":"haswell","seed":1}\n';
      writeFileSync(path, `${header}{"end":1000,"digest":"0123456789abcdef"}\n`);
      const { status, stdout, stderr } = await bulkhead('serve', 'monolithic', '--replay', path);
      expect(status).toBe(1);
      expect(stdout).toMatch(/^replayed 0 frames .* digest [0-9a-f]{16}\n$/);
      expect(stderr).toContain('bulkhead: the replay differs: digest 0123456789abcdef was recorded\n');
    }));
});
