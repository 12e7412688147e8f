import type { Right } from '@bulkhead/abi';
import { PEER_DIED, QUEUE_FULL } from '@bulkhead/abi';
import { sockets } from '@bulkhead/net-stack-api';
import { CREDITS, netDevice } from '@bulkhead/nic-driver-api';
import { type Context, FlatMemory, LEVELS, Window } from '@bulkhead/runtime';
import { describe, expect, it } from 'vitest';
import { type NetStackConfig, netStack } from '../src/index.ts';
import { checkBuffers } from './invariants.ts';
import type { Trace } from './trace.ts';

const PAGE = 4096;
interface Bench {
  readonly context: Context<NetStackConfig>;
  readonly spent: Set<string>;
}
function contextFor(config: NetStackConfig): Bench {
  const { heapPages } = netStack;
  const memory = new FlatMemory(heapPages + 512 + 16);
  const spent = new Set<string>();
  const names: string[] = [];
  const region = (page: number, pages: number) => ({
    window: new Window(memory, page, 0, pages * PAGE),
    frame: 0 as Right,
    frameCount: 1,
    frameSizeBits: 12,
  });
  const context: Context<NetStackConfig> = {
    self: 1,
    memory,
    heap: new Window(memory, 0, 0, heapPages * PAGE),
    work: {
      id: (name) => {
        expect(netStack.work).toContain(name);
        return names.push(name) - 1;
      },
      spend: (id) => spent.add(names[id]!),
      spendMany: (id) => spent.add(names[id]!),
    },
    answer: new Int32Array(8),
    config,
    right: () => 0 as Right,
    region: () => region(0, 0),
    shared: (port) => (port === 'device' ? region(heapPages, 512) : region(heapPages + 512, 16)),
    nowUs: () => 0,
  };
  return { context, spent };
}

describe('the component', () => {
  it('stands between applications and the driver, and answers every call and event of its contracts', () => {
    expect(netStack.level).toBe(LEVELS.netStack);
    expect(netStack.shares).toEqual({ device: { sizeBits: 21, count: 1 }, sockets: { sizeBits: 12, count: 16 } });
    const { context } = contextFor(netStack.config);
    const supplied: number[] = [];
    const instance = netStack.create(context, {
      device: { open: () => 0, submit: () => 0, supply: (ref: number) => supplied.push(ref) },
      kernel: new Proxy({}, { get: () => () => 0 }),
      sockets: { ready: () => 0 },
    } as never);
    expect(Object.keys(instance.handlers.sockets).sort()).toEqual(Object.keys(sockets.calls).sort());
    expect(Object.keys(instance.handlers.device).sort()).toEqual(Object.keys(netDevice.events).sort());
    expect(Object.keys(instance.handlers.kernel)).toEqual(['notified']);
    instance.handlers.device.ready(0x5254, 1);
    instance.settle?.();
    expect(supplied.length).toBe(CREDITS);
  });
  it('fits the heap that it asks for at its largest, and refuses what cannot be', () => {
    const largest = { ...netStack.config, maxConnections: 1024 };
    const ports = { device: {}, kernel: {}, sockets: {} } as never;
    expect(() => netStack.create(contextFor(largest).context, ports)).not.toThrow();
    for (const bad of [
      { address: '10.0.2' },
      { prefixBits: 33 },
      { maxConnections: 1025 },
      { mss: 9000 },
      { delayedAckMs: 501 },
    ]) {
      expect(() => netStack.create(contextFor({ ...netStack.config, ...bad }).context, ports)).toThrow(RangeError);
    }
  });
});

describe('peers that fail', () => {
  it('a ready event that finds the queue full is told later, and one to the dead frees what was his', () => {
    const { context } = contextFor(netStack.config);
    let refusal = QUEUE_FULL;
    const told: number[] = [];
    const instance = netStack.create(context, {
      device: { open: () => 0, submit: () => 0, supply: () => 0 },
      kernel: new Proxy({}, { get: () => () => 0 }),
      sockets: {
        ready: (_to: number, socket: number) => {
          told.push(socket);
          return refusal;
        },
      },
    } as never);
    const calls = instance.handlers.sockets;
    instance.handlers.device.ready(0x5254, 1);
    const socket = calls.connect(3, 0x0a000002, 80);
    expect(calls.listen(3, 80, 1)).toBeGreaterThanOrEqual(0);
    // An event is put into the socket's record by hand: EVENTS at 32.
    const { inspection } = instance as unknown as { inspection: Trace['lone']['stack']['inspection'] };
    inspection.table.ready.push(socket);
    inspection.table.records.store32(socket * 256 + 32, 8);
    instance.settle?.();
    instance.settle?.();
    expect(told).toEqual([socket, socket]);
    refusal = PEER_DIED;
    instance.settle?.();
    expect(calls.close(3, socket)).toBe(-16);
    expect(calls.listen(4, 80, 1)).toBeGreaterThanOrEqual(0);
    checkBuffers(instance as never);
  });
  it('a new driver is opened before it is lent anything, each time', () => {
    const { context } = contextFor(netStack.config);
    const heard: string[] = [];
    const instance = netStack.create(context, {
      device: {
        open: () => heard.push('open'),
        submit: () => heard.push('submit'),
        supply: () => heard.push('supply'),
      },
      kernel: new Proxy({}, { get: () => () => 0 }),
      sockets: { ready: () => 0 },
    } as never);
    instance.settle?.();
    expect(heard).toEqual([]);
    for (let life = 0; life < 2; life++) {
      heard.length = 0;
      instance.handlers.device.ready(0x5254, 1);
      instance.settle?.();
      expect(heard[0]).toBe('open');
      expect(heard.filter((what) => what === 'open').length).toBe(1);
      expect(heard.filter((what) => what === 'supply').length).toBe(CREDITS);
    }
  });
  it('a driver that is gone is waited for', () => {
    const { context, spent } = contextFor(netStack.config);
    let alive = true;
    let submitted = 0;
    const instance = netStack.create(context, {
      device: {
        open: () => 0,
        submit: () => {
          if (!alive) return PEER_DIED;
          submitted++;
          return 0;
        },
        supply: () => (alive ? 0 : PEER_DIED),
      },
      kernel: new Proxy({}, { get: () => () => 0 }),
      sockets: { ready: () => 0 },
    } as never);
    instance.handlers.device.ready(0x5254, 1); // announces
    alive = false;
    instance.handlers.sockets.connect(3, 0x0a000203, 80);
    instance.settle?.();
    expect(submitted).toBe(1);
    alive = true;
    instance.handlers.device.ready(0x5254, 1);
    instance.settle?.();
    expect(submitted).toBe(3); // announces, and asks where the peer is
    expect([...spent].sort()).toEqual(['ethernet', 'ip', 'socket-call', 'tcp-out']);
    checkBuffers(instance as never);
  });
});
