import { refusalName } from '@bulkhead/abi';
import { EXHAUSTED, HELD_BY_ANOTHER, NO_SUCH_DEVICE, NO_SUCH_REGISTER, pciBus } from '@bulkhead/pci-bus-driver-api';
import { describe, expect, it } from 'vitest';
import { bench, DEVICE } from './bench.ts';

const START = [
  'pci find 0',
  `pci claim ${DEVICE}`,
  `pci bar ${DEVICE} 4`,
  'kernel retype 44 4 12 1',
  'kernel map 54 1',
  `pci bar ${DEVICE} 2`,
  'kernel retype 42 4 12 1',
  'kernel map 52 1',
  `pci interrupt ${DEVICE} 0`,
  'kernel bind 90 0',
  `pci interrupt ${DEVICE} 1`,
  'kernel bind 91 1',
  ...[20, 21, 22, 23, 24, 30].map((frame) => `iommu map ${DEVICE} frame ${frame} access 3`),
  `pci start ${DEVICE}`,
  'ready 5 5254 123456',
  'link 5 1',
];
const type = (line: string): string => line.replace(/retype (\d+) \d+/, 'retype $1 4');

describe('Device Initialization (Virtio 1.2 §3.1)', () => {
  it('asks for each thing in its turn, and maps each BAR that a structure stands in once', () => {
    const { start, trace } = bench();
    start();
    expect(trace.map(type)).toEqual(START);
  });
  it('resets, acknowledges, negotiates and goes live, in this order', () => {
    const { start, nic } = bench();
    start();
    expect(nic.writes).toEqual(['status 0', 'status 1', 'status 3', 'status 11', 'status 15']);
  });
  it('resets a device that its last driver left live before it may reach memory', () => {
    const { start, nic, trace } = bench({}, (device) => {
      device.status = 15;
    });
    start();
    expect(nic.writes[0]).toBe('status 0');
    expect(trace.indexOf(`pci start ${DEVICE}`)).toBeGreaterThan(0);
    expect(nic.status).toBe(15);
  });
  it('accepts what it can use, and nothing else', () => {
    const { start, nic } = bench({}, (device) => {
      device.features = Array.from({ length: 64 }, (_, i) => i);
    });
    start();
    expect(Array.from({ length: 64 }, (_, i) => i).filter((feature) => nic.has(feature))).toEqual([5, 16, 29, 32, 33]);
  });
  it('works with a device that is behind no IOMMU, has no events and no link status', () => {
    const { start, nic, trace } = bench({}, (device) => {
      device.features = [5, 32];
      device.linkUp = false;
    });
    start();
    expect(nic.status).toBe(15);
    expect(trace.at(-1)).toBe('link 5 1');
  });
  it.each<[string, number[]]>([
    ['VERSION_1', [5, 16, 29, 33]],
    ['an address', [16, 29, 32, 33]],
  ])('§3.1.1: gives a device up that does not offer %s, and says FAILED', (_, features) => {
    const { start, nic } = bench({}, (device) => {
      device.features = features;
    });
    expect(start).toThrow(/does not offer feature/);
    expect(nic.status & 128).toBe(128);
    expect(nic.busMaster).toBe(false);
  });
  it('§3.1.1, step 6: gives a device up that does not keep FEATURES_OK', () => {
    const { start, nic } = bench({}, (device) => {
      device.agrees = false;
    });
    expect(start).toThrow(/refuses the features/);
    expect(nic.status & 128).toBe(128);
  });
  it('gives a device up that does not end its reset, has no such vector, or no queue', () => {
    for (const prepare of [{ ends: false }, { vectors: 1 }, { queueSize: 0 }]) {
      const { start } = bench({}, (device) => Object.assign(device, prepare));
      expect(start).toThrow(/virtio-net-driver/);
    }
  });
  it('takes the next device when the first is held by another', () => {
    const { start, trace } = bench({ [`pci claim ${DEVICE}`]: HELD_BY_ANOTHER });
    start();
    expect(trace).toContain(`pci claim ${DEVICE + 8}`);
  });
  it.each<[string, number, RegExp]>([
    ['pci find 0', NO_SUCH_DEVICE, /find a free device: no-such-device/],
    [`pci bar ${DEVICE} 4`, EXHAUSTED, /give BAR 4: exhausted/],
    [`pci interrupt ${DEVICE} 1`, EXHAUSTED, /route vector 1: exhausted/],
    ['config', NO_SUCH_REGISTER, /read configuration space: no-such-register/],
  ])('ends when %s is refused', (line, refusal, why) => {
    expect(refusalName(pciBus, refusal)).toBeDefined();
    expect(bench({ [line]: refusal }).start).toThrow(why);
  });
});

describe('Virtio Structure PCI Capabilities (Virtio 1.2 §4.1.4)', () => {
  it.each<[string, number, string]>([
    ['common configuration', 0x80, 'common configuration'],
    ['notifications', 0x90, 'notifications'],
    ['device configuration', 0xb4, 'configuration of its own'],
  ])('gives a device without %s up', (_, at, what) => {
    const { start } = bench({}, (device) => {
      device.config.set(at, device.config.get(at)! | 0x0f00_0000);
      if (at === 0x80) device.config.set(0xa4, device.config.get(0xa4)! | 0x0f00_0000);
    });
    expect(start).toThrow(`the device has no ${what}`);
  });
  it('survives a list that runs in a circle', () => {
    const { start } = bench({}, (device) => device.config.set(0x64, 0x0000_4005));
    expect(start).toThrow('the device has no common configuration');
  });
});
