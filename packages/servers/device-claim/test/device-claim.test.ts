import { refusalName, right } from '@bulkhead/abi';
import { HELD_BY_ANOTHER, NO_SUCH_DEVICE, NOT_ALLOWED, pciBus } from '@bulkhead/pci-bus-driver-api';
import { describe, expect, it } from 'vitest';
import { type ClaimPorts, claimDevice, type DeviceClaim } from '../src/index.ts';

const KIND = 0x10411af4;
const UNTYPED = 40;
const HANDLER = 90;
const PAGE = 512;

/** Ports that grant everything but what `answers` says. */
function bench(answers: Readonly<Record<string, number>> = {}) {
  const trace: string[] = [];
  const answer = new Int32Array(8);
  const call = (line: string, usual: number, extra = 0): number => {
    trace.push(line);
    answer[1] = extra;
    return answers[line] ?? usual;
  };
  const ports = {
    pci: {
      find: (kind: number, nth: number) => call(`find ${kind === KIND} ${nth}`, 8 * (nth + 1)),
      claim: (device: number) => call(`claim ${device}`, 0),
      config: (device: number, offset: number) => call(`config ${device} ${offset}`, 0, -5),
      bar: (device: number, index: number) => call(`bar ${device} ${index}`, 4, UNTYPED),
      interrupt: (device: number, vector: number) => call(`interrupt ${device} ${vector}`, 0, HANDLER),
      start: (device: number) => call(`start ${device}`, 0),
    },
    iommu: {
      map: (device: number, frame: number, access: number) => call(`io-map ${device} ${frame} ${access}`, 1000 + frame),
    },
    kernel: {
      retype: (...args: number[]) => call(`retype ${args.join(' ')}`, 60),
      map: (...args: number[]) => call(`map ${args.join(' ')}`, 0, PAGE),
      bindInterrupt: (handler: number, token: number) => call(`bind ${handler} ${token}`, 0),
    },
  } as unknown as ClaimPorts;
  return { trace, claim: (): DeviceClaim => claimDevice({ driver: 'a-driver', ports, answer }, KIND) };
}

describe('claiming a device', () => {
  it('passes over those that others hold', () => {
    const { trace, claim } = bench({ 'claim 8': HELD_BY_ANOTHER, 'claim 16': HELD_BY_ANOTHER });
    claim().start();
    expect(trace).toEqual(['find true 0', 'claim 8', 'find true 1', 'claim 16', 'find true 2', 'claim 24', 'start 24']);
  });
  it.each([
    ['find true 1', NO_SUCH_DEVICE, 'a-driver: pci-bus refuses to find a free device: no-such-device'],
    ['claim 16', NOT_ALLOWED, 'a-driver: pci-bus refuses to give the device: not-allowed'],
  ])('ends the driver when %s is refused otherwise', (line, refusal, reason) => {
    const { claim } = bench({ 'claim 8': HELD_BY_ANOTHER, [line]: refusal });
    expect(claim).toThrow(reason);
  });
});

describe('a device that is held', () => {
  it('gives its configuration space, its registers as pages, and its interrupts as tokens', () => {
    const { trace, claim } = bench();
    const held = claim();
    expect([held.config(0x34), held.mapBar(2), held.bindInterrupt(1, 7)]).toEqual([-5, PAGE, HANDLER]);
    expect(trace.slice(2)).toEqual([
      'config 8 52',
      'bar 8 2',
      `retype ${UNTYPED} 1 12 4`,
      'map 60 4 6',
      'interrupt 8 1',
      `bind ${HANDLER} 7`,
    ]);
  });
  it.each<[string, (held: DeviceClaim) => unknown, string]>([
    ['config 8 0', (held) => held.config(0), 'pci-bus refuses to read configuration space'],
    ['bar 8 2', (held) => held.mapBar(2), 'pci-bus refuses to give BAR 2'],
    [`retype ${UNTYPED} 1 12 4`, (held) => held.mapBar(2), 'kernel refuses to make frames of BAR 2'],
    ['map 60 4 6', (held) => held.mapBar(2), 'kernel refuses to map BAR 2'],
    ['interrupt 8 1', (held) => held.bindInterrupt(1, 7), 'pci-bus refuses to route vector 1'],
    [`bind ${HANDLER} 7`, (held) => held.bindInterrupt(1, 7), 'kernel refuses to bind vector 1'],
    ['io-map 8 30 3', (held) => held.mapFrame(right(30)), 'iommu refuses to map a frame'],
    ['start 8', (held) => held.start(), 'pci-bus refuses to start the device'],
  ])('ends the driver when %s is refused, and says who refused what', (line, ask, reason) => {
    const held = bench({ [line]: -1 }).claim();
    expect(() => ask(held)).toThrow(`a-driver: ${reason}: ${refusalName(pciBus, -1)}`);
  });
});

describe('a region for the device', () => {
  const region = (frameSizeBits: number) => ({ frame: right(30), frameCount: 3, frameSizeBits, window: null as never });
  it('is one run of pages: a hole ends the driver', () => {
    expect(bench().claim().mapRegion(region(12))).toBe(1030);
    expect(() => bench().claim().mapRegion(region(13))).toThrow('a-driver: the region has a hole for the device');
    const large = bench({ 'io-map 8 31 3': 1542, 'io-map 8 32 3': 2054 });
    expect(large.claim().mapRegion(region(21))).toBe(1030);
  });
});
