import { refusalName } from '@bulkhead/abi';
import { EXHAUSTED, HELD_BY_ANOTHER, NO_SUCH_DEVICE, NOT_ALLOWED, pciBus } from '@bulkhead/pci-bus-driver-api';
import { describe, expect, it } from 'vitest';
import { bench } from './bench.ts';

describe('start', () => {
  it('asks for the device, its registers, its interrupts, the memory it may reach; then lets it go', () => {
    const { start, trace } = bench();
    start();
    expect(trace).toEqual([
      'pci find 0',
      'pci claim 24',
      'pci bar 24 0',
      'kernel retype 40 1 12 32',
      'kernel map 50 32',
      'pci interrupt 24 0',
      'kernel bind 90 0',
      'pci interrupt 24 1',
      'kernel bind 91 1',
      'iommu map 24 frame 20 access 3',
      'iommu map 24 frame 21 access 3',
      'iommu map 24 frame 30 access 3',
      'pci start 24',
      'ready 5 5254 123456',
      'link 5 1',
    ]);
  });
  it('takes the next device of the kind when another driver holds the first', () => {
    const { start, trace } = bench({ 'pci claim 24': HELD_BY_ANOTHER });
    start();
    expect(trace.slice(0, 5)).toEqual(['pci find 0', 'pci claim 24', 'pci find 1', 'pci claim 32', 'pci bar 32 0']);
  });
  it('reads its address from the NVM when the device has not loaded it (82574 §6.1)', () => {
    const { nic, start, trace } = bench();
    nic.addressLoaded = false;
    start();
    expect(trace.slice(-2)).toEqual(['ready 5 5254 123456', 'link 5 1']);
    expect(nic.read(0x5404) >>> 31).toBe(1);
  });
  it('tells that the link is down, and that it came up (82574 §10.2.4, LSC)', () => {
    const { nic, deliver, start, trace } = bench();
    const reset = nic.reset.bind(nic);
    nic.reset = () => {
      reset();
      nic.registers.set(8, 0x0008_0281);
    };
    start();
    expect(trace.at(-1)).toBe('link 5 0');
    nic.setLink(true);
    deliver();
    expect(trace.slice(-2)).toEqual(['link 5 1', 'acknowledge 91']);
  });

  it.each([
    ['pci find 0', NO_SUCH_DEVICE, 'pci-bus refuses to find a free device: no-such-device'],
    ['pci claim 24', NOT_ALLOWED, 'pci-bus refuses to give the device: not-allowed'],
    ['pci bar 24 0', EXHAUSTED, 'pci-bus refuses to give BAR 0: exhausted'],
    ['kernel retype 40 1 12 32', -16, 'kernel refuses to make frames of BAR 0: invalid-capability'],
    ['kernel map 50 32', -21, 'kernel refuses to map BAR 0: not-enough-memory'],
    ['pci interrupt 24 1', EXHAUSTED, 'pci-bus refuses to route vector 1: exhausted'],
    ['kernel bind 90 0', -1, 'kernel refuses to bind vector 0: peer-died'],
    ['iommu map 24 frame 30 access 3', -17, 'iommu refuses to map a frame: not-owner'],
    ['pci start 24', -20, `pci-bus refuses to start the device: ${refusalName(pciBus, -20)}`],
  ])('ends with a message when `%s` is refused', (line, refusal, message) => {
    const { start, trace } = bench({ [line]: refusal });
    expect(start).toThrow(`nic-driver: ${message}`);
    expect(trace.some((each) => each.startsWith('ready'))).toBe(false);
  });
  it('ends with a message when the device never ends its reset', () => {
    const { nic, start } = bench();
    nic.ends = false;
    expect(start).toThrow('nic-driver: the device does not end the reset');
  });
});

describe('bring-up (82574 §4.6 "Software Initialization and Diagnostics")', () => {
  const value = (writes: readonly string[], register: string): string | undefined =>
    writes.findLast((line) => line.startsWith(`${register} = `))?.split(' = ')[1];

  it('masks and resets before it may reach memory', () => {
    const { nic, start } = bench();
    start();
    expect(nic.writes.slice(0, 6)).toEqual([
      'd8 = ffffffff',
      '100 = 0',
      '400 = 0',
      '0 = 4140241',
      'd8 = ffffffff',
      'c0 = 1f782df',
    ]);
  });
  it('gives each ring its page as the device reaches it, 256 descriptors long', () => {
    const { nic, start } = bench();
    start();
    expect(['3800', '3804', '3808', '3810', '3818'].map((at) => value(nic.writes, at))).toEqual([
      '2000',
      '3',
      '1000',
      '0',
      '0',
    ]);
    expect(['2800', '2804', '2808', '2810', '2818'].map((at) => value(nic.writes, at))).toEqual([
      '3000',
      '3',
      '1000',
      '0',
      '0',
    ]);
  });
  it('switches the detection of acknowledgements off, which would raise OTHER', () => {
    const { nic, start } = bench();
    start();
    expect(value(nic.writes, '5008')).toBe('1000');
  });
  it('enables the receiver for its address and broadcasts, in 2048-byte buffers, without FCS', () => {
    const { nic, start } = bench();
    start();
    expect(value(nic.writes, '100')).toBe('4008002');
    expect(value(nic.writes, '400')).toBe('3f0fa');
  });
  it('routes both rings to vector 0 and the rest to vector 1, and unmasks last', () => {
    const { nic, start } = bench();
    start();
    expect(value(nic.writes, 'e4')).toBe('90808');
    expect(value(nic.writes, 'dc')).toBe('500000');
    expect(nic.writes.at(-1)).toBe('d0 = 1500004');
  });
  it.each([
    [0, '0'],
    [20, '4e'],
    [1e6, 'ffff'],
  ])('moderates: %i µs are %s units of 256 ns', (interruptIntervalUs, units) => {
    const { nic, start } = bench({}, { interruptIntervalUs });
    start();
    expect(value(nic.writes, 'e8')).toBe(units);
  });
});
