import { assemble } from '@bulkhead/assembler';
import { monolithic, multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import { injectBitFlip } from '../src/index.ts';
import { download } from './systems.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
/** Some: misaligned, in the page, in the region, beyond it. With more effort, all of them. */
const BITS: readonly number[] = EFFORT > 1 ? Array.from({ length: 31 }, (_, bit) => bit) : [0, 4, 12, 16, 18];
const LEN_BYTES = 500_000;
/** A gigabyte off, in the middle of the download. */
const FAULT = { component: 'nic-driver', bit: 30, afterFrames: 150 };
const startsOf = ({ system }: ReturnType<typeof download>, domain: string): number =>
  system.kernel.domains.find(({ name }) => name === domain)!.starts;

describe('a broken pointer in the NIC driver during a download', () => {
  it('where all share the kernel’s domain: a panic that names the driver and the store, and the download stops', () => {
    const { system, injection, load, received, wrong } = download(monolithic, FAULT, { patienceNs: 5e8 });
    expect(system.panic?.component).toBe('nic-driver');
    expect(system.panic?.message).toMatch(/^nic-driver: page fault: store to 0x[0-9a-f]+$/);
    expect(injection!.atCycles).toBeGreaterThan(0);
    expect(load.isDone).toBe(false);
    expect(received).toBeGreaterThan(100_000);
    expect(received).toBeLessThan(LEN_BYTES);
    expect(wrong).toBe(0);
  });
  it('behind walls: the driver ends and is started again, and the download ends with every byte right', () => {
    const outcome = download(multiserver, FAULT);
    const { system, load, received, wrong } = outcome;
    expect(system.panic).toBeNull();
    expect(system.faults.map(({ component, domain }) => [component, domain])).toEqual([['nic-driver', 'nic-driver']]);
    expect(system.faults[0]!.message).toMatch(/^page fault: store to 0x[0-9a-f]+$/);
    expect([load.completed, load.failed, received, wrong]).toEqual([1, 0, LEN_BYTES, 0]);
    expect([startsOf(outcome, 'nic-driver'), startsOf(outcome, 'net-stack')]).toEqual([2, 1]);
  });
  it('strikes no earlier than told: the driver’s first wrong store comes after the frames and soon', () => {
    const { system, injection } = download(multiserver, FAULT);
    const { atCycles } = system.faults[0]!;
    expect(atCycles).toBeGreaterThanOrEqual(injection!.atCycles);
    expect(atCycles - injection!.atCycles).toBeLessThan(system.clock.cyclesOf(1_000_000));
    const earlier = download(multiserver, { ...FAULT, afterFrames: 20 });
    expect(earlier.injection!.atCycles).toBeLessThan(injection!.atCycles);
  });
  it('is the same fault again: the same digest', () => {
    const digests = [1, 2].map(() => download(multiserver, FAULT).system.digest());
    expect(digests[0]).toBe(digests[1]);
  });
});

describe('an armed fault', () => {
  it('that has not begun changes no frame and no time of one', () => {
    const framesOf = (fault: typeof FAULT | null): string[] => {
      const frames: string[] = [];
      download(monolithic, fault, {
        lenBytes: 50_000,
        tap: (direction, atCycles, _frame, lenBytes) => frames.push(`${direction} ${atCycles} ${lenBytes}`),
      });
      return frames;
    };
    const frames = framesOf(null);
    expect(frames.length).toBeGreaterThan(30);
    expect(framesOf({ ...FAULT, afterFrames: 1e9 })).toEqual(frames);
  });
  it.each(BITS)('behind walls ends nobody but the component that it is in, whatever the bit: %i', (bit) => {
    const { system, wrong } = download(
      multiserver,
      { ...FAULT, bit, afterFrames: 20 },
      { lenBytes: 100_000, patienceNs: 1e8 },
    );
    expect([system.panic, wrong]).toEqual([null, 0]);
    for (const { domain } of system.faults) expect(domain).toBe('nic-driver');
  });
  it('waits for a component that does not live yet', () => {
    const system = assemble(multiserver);
    const injection = injectBitFlip(system, { ...FAULT, afterFrames: 0 });
    expect(system.places.find(({ seat }) => seat.name === 'nic-driver')!.memory).toBeNull();
    system.runUntil(system.clock.cyclesOf(50_000_000));
    expect(injection.atCycles).toBeGreaterThan(0);
    expect(system.panic).toBeNull();
  });
  it('names what there is when the component or the bit cannot be', () => {
    const system = assemble(monolithic);
    expect(() => injectBitFlip(system, { ...FAULT, component: 'disk-driver' })).toThrow(
      "no component 'disk-driver' in 'monolithic': use one of web-server, net-stack, nic-driver",
    );
    for (const bit of [-1, 31, 1.5]) expect(() => injectBitFlip(system, { ...FAULT, bit })).toThrow('0 to 30');
  });
});
