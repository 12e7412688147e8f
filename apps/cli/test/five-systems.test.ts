/** The same components everywhere: what a client sees, and what is on the wire, does not depend on where the walls are. */
import { assemble, type Description } from '@bulkhead/assembler';
import { createFarEnd } from '@bulkhead/far-end';
import { WORKLOAD_LIMITS, WORKLOADS } from '@bulkhead/load';
import { READABLE, WOULD_BLOCK, WRITABLE } from '@bulkhead/net-stack-api';
import { HTTP_PORT } from '@bulkhead/parts';
import { kindOf } from '@bulkhead/runtime';
import { describe, expect, it } from 'vitest';
import { download, expectedSha256 } from '../src/download.ts';
import { boot, withGateway } from '../src/live-system.ts';
import { measureJob } from '../src/measuring/measure-job.ts';
import { farEndConfig, GUEST } from '../src/network.ts';
import { profileOf } from '../src/profiles.ts';
import { DESIGN_NAMES, loadSystem, SYSTEM_NAMES } from '../src/systems.ts';

const SEED = 7;
const BOOT_NS = 50_000_000;
const PATIENCE_NS = 2_000_000_000;
/** Shorter than a segment, as long, longer, and longer than a window; and what is refused. */
const PATHS = ['/', '/bytes/1', '/bytes/1460', '/bytes/5000', '/nothing', '/bytes/200000', '/bytes/100'];
const OFFSET = 0;
const CHUNK_BYTES = 4096;

interface Conversation {
  /** Direction and content of every frame, in the order of delivery, without times. */
  readonly frames: readonly string[];
  /** What each answer was, head and body. */
  readonly answers: readonly string[];
}

/** Nothing on the wire depends on time: no delayed acknowledgements, and one request at a time on one connection. */
const withoutDelays = (description: Description): Description => ({
  ...description,
  config: (facts) => {
    const config = description.config(facts);
    return { ...config, 'net-stack': { ...config['net-stack'], delayedAckMs: 0, clockedSequence: false } };
  },
});

function converse(description: Description, paths: readonly string[]): Conversation {
  const frames: string[] = [];
  const system = assemble(withoutDelays(description), {
    seed: SEED,
    tap: (from, _atCycles, frame, lenBytes, nic) => {
      frames.push(`${nic} ${from === 0 ? '<' : '>'} ${Buffer.from(frame.subarray(0, lenBytes)).toString('hex')}`);
    },
  });
  const { clock } = system;
  system.runUntil(clock.cyclesOf(BOOT_NS));
  let isConnected = false;
  let received: number[] = [];
  const chunk = new Uint8Array(CHUNK_BYTES);
  const receive = (socket: number): void => {
    for (;;) {
      const count = farEnd.sockets.receive(socket, OFFSET, CHUNK_BYTES);
      if (count === WOULD_BLOCK || count <= 0) return;
      farEnd.sockets.read(OFFSET, chunk, 0, count);
      received.push(...chunk.subarray(0, count));
    }
  };
  const farEnd = createFarEnd({
    clock,
    wire: system.wire,
    config: { ...farEndConfig(SEED), delayedAckMs: 0, clockedSequence: false },
    onReady: (socket, what) => {
      if ((what & WRITABLE) !== 0) isConnected = true;
      if ((what & READABLE) !== 0) receive(socket);
    },
  });
  const until = (isDone: () => boolean): void => {
    const limit = clock.now + clock.cyclesOf(PATIENCE_NS);
    while (!isDone() && clock.now < limit) system.runUntil(clock.now + clock.cyclesOf(100_000));
    expect(isDone(), description.name).toBe(true);
    system.runUntil(clock.now + clock.cyclesOf(1_000_000));
  };
  const socket = farEnd.sockets.connect(GUEST, HTTP_PORT);
  farEnd.settle();
  until(() => isConnected);
  const answers = paths.map((path) => {
    received = [];
    const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: bulkhead\r\n\r\n`);
    farEnd.sockets.write(OFFSET, request, 0, request.length);
    farEnd.sockets.send(socket, OFFSET, request.length);
    farEnd.settle();
    until(() => isWhole(Buffer.from(received).toString('latin1')));
    return Buffer.from(received).toString('latin1');
  });
  expect(system.panic).toBeNull();
  expect(system.faults).toEqual([]);
  return { frames, answers };
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text.slice(0, Math.max(0, head)));
  return head >= 0 && length !== null && text.length === head + 4 + Number(length[1]);
}

/** Card, direction, ports and sequence number of a TCP segment that carries bytes. RFC 791 §3.1, RFC 9293 §3.1. */
function segmentOf(text: string): string[] {
  const [nic = '', direction = '', hex = ''] = text.split(' ');
  const packet = Buffer.from(hex, 'hex').subarray(14);
  if (!hex.startsWith('0800', 24) || packet[9] !== 6) return [];
  const headerBytes = (packet[0]! & 0xf) * 4;
  const segment = packet.subarray(headerBytes, packet.readUInt16BE(2));
  const isEmpty = segment.length === (segment[12]! >> 4) * 4;
  return isEmpty ? [] : [`${nic} ${direction} ${segment.toString('hex', 0, 8)}`];
}

const kept = new Map<string, Conversation>();
async function conversation(name: string): Promise<Conversation> {
  const known = kept.get(name) ?? converse(await loadSystem(name), PATHS);
  kept.set(name, known);
  return known;
}

describe.each(SYSTEM_NAMES)('%s, asked one thing at a time on one connection', (name) => {
  it('delivers the same application bytes as monolithic', async () => {
    const { answers } = await conversation(name);
    expect(answers.map((answer) => answer.length)).not.toContain(0);
    expect(answers).toEqual((await conversation('monolithic')).answers);
  });
  it('sends no byte twice', async () => {
    const sent = (await conversation(name)).frames.flatMap(segmentOf);
    expect(sent.length).toBeGreaterThan(PATHS.length);
    expect(new Set(sent).size).toBe(sent.length);
  });
  it('puts the same frames on the wire, in the same order', async () => {
    const { frames } = await conversation(name);
    expect(frames.length).toBeGreaterThan(PATHS.length * 3);
    expect(frames.filter((frame) => frame.startsWith('0'))).toEqual((await conversation('monolithic')).frames);
  });
});

describe('the five designs', () => {
  it('are the five of the table, in its order', () => {
    expect(DESIGN_NAMES).toEqual(['monolithic', 'hybrid', 'multiserver', 'multiserver-async', 'exokernel']);
  });
  it('are made of the same modules: each component is one and the same value', async () => {
    const [first, ...others] = await Promise.all(DESIGN_NAMES.map(loadSystem));
    for (const other of others) {
      expect(other.components.length).toBe(first!.components.length);
      other.components.forEach((component, i) => {
        expect(component).toBe(first!.components[i]);
      });
    }
  });
  it('differ in walls alone: connections and configuration are the same', async () => {
    const designs = await Promise.all(DESIGN_NAMES.map(loadSystem));
    for (const { connections } of designs) expect(connections).toEqual(designs[0]!.connections);
  });
  it('lend their code to the variants: a second instance has the same code as the first', async () => {
    const { components } = await loadSystem('exokernel-two');
    for (const component of components.filter(({ kind }) => kind !== undefined)) {
      const original = components.find(({ name }) => name === kindOf(component))!;
      expect(component.create).toBe(original.create);
    }
  });
});

describe.each(SYSTEM_NAMES)('%s', (name) => {
  it('boots, and serves a real client of the host over loopback', async () => {
    const system = boot(await loadSystem(name), { seed: SEED });
    const fetched = await withGateway({ system, seed: SEED, port: 0 }, (port) => download(port, '/bytes/30000'));
    expect([fetched.status, fetched.broken, fetched.sha256]).toEqual([200, null, expectedSha256(30_000)]);
    expect(system.faults).toEqual([]);
  });
});

describe.each(WORKLOADS)('workload %s', (workload) => {
  it('is answered in every design, without a failure, with the same application bytes on every connection', async () => {
    const { clients, sizeBytes } = WORKLOAD_LIMITS[workload];
    const load = {
      workload,
      requests: 60,
      warmUpRequests: 10,
      clients: Math.min(6, clients.most),
      sizeBytes: sizeBytes.usual,
      loop: { kind: 'closed' as const },
    };
    const digests = new Set<string>();
    for (const system of DESIGN_NAMES) {
      const answer = await measureJob({ system, workload: load, profile: profileOf('u54'), seed: SEED }, () => {});
      if (answer.kind !== 'measured') throw new Error(answer.message);
      expect([answer.result.requests, answer.result.failed], system).toEqual([60, 0]);
      digests.add(answer.result.applicationDigest);
    }
    expect(digests.size).toBe(1);
  });
});
