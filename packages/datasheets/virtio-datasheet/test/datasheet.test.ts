import { describe, expect, it } from 'vitest';
import * as virtio from '../src/index.ts';

describe('Common configuration structure layout (Virtio 1.2 §4.1.4.3)', () => {
  it('has its fields one behind the other, each as wide as it is', () => {
    const fields: readonly [number, number][] = [
      [virtio.DEVICE_FEATURE_SELECT, 4],
      [virtio.DEVICE_FEATURE, 4],
      [virtio.DRIVER_FEATURE_SELECT, 4],
      [virtio.DRIVER_FEATURE, 4],
      [virtio.CONFIG_MSIX_VECTOR, 2],
      [virtio.NUM_QUEUES, 2],
      [virtio.DEVICE_STATUS, 1],
      [virtio.CONFIG_GENERATION, 1],
      [virtio.QUEUE_SELECT, 2],
      [virtio.QUEUE_SIZE, 2],
      [virtio.QUEUE_MSIX_VECTOR, 2],
      [virtio.QUEUE_ENABLE, 2],
      [virtio.QUEUE_NOTIFY_OFF, 2],
      [virtio.QUEUE_DESC, 8],
      [virtio.QUEUE_DRIVER, 8],
      [virtio.QUEUE_DEVICE, 8],
      [virtio.QUEUE_NOTIFY_DATA, 2],
      [virtio.QUEUE_RESET, 2],
    ];
    let at = 0;
    for (const [offset, sizeBytes] of fields) {
      expect(offset).toBe(at);
      at += sizeBytes;
    }
    expect(virtio.COMMON_CFG_SIZE_BYTES).toBe(at);
  });
});

describe('Split Virtqueues (Virtio 1.2 §2.7)', () => {
  it('take 6 + 2 n and 6 + 8 n bytes for the available and the used ring', () => {
    for (const size of [1, 8, 256, virtio.QUEUE_SIZE_MAX]) {
      expect(virtio.usedEventOffset(size) + 2).toBe(6 + 2 * size);
      expect(virtio.availEventOffset(size) + 2).toBe(6 + 8 * size);
    }
  });
  it('notify when the index goes from the event to the one behind it, and wraps', () => {
    for (const event of [0, 1, 5, 0x7fff, 0x8000, 0xfffe, 0xffff]) {
      for (const before of [0, 3, 0x7ffe, 0xfffd, 0xffff]) {
        for (const count of [0, 1, 2, 7, 300]) {
          let passes = false;
          for (let i = 0; i < count; i++) if (((before + i) & 0xffff) === event) passes = true;
          expect(virtio.needsEvent(event, (before + count) & 0xffff, before)).toBe(passes);
        }
      }
    }
  });
});

describe('Feature bits of the network device (Virtio 1.2 §5.1.3)', () => {
  it('require others that are no requirement of theirs', () => {
    for (const [feature, ...needs] of virtio.NET_FEATURE_REQUIREMENTS) {
      expect(needs.length).toBeGreaterThan(0);
      for (const need of needs) {
        const back = virtio.NET_FEATURE_REQUIREMENTS.find(([of]) => of === need)?.slice(1) ?? [];
        expect(back).not.toContain(feature);
      }
    }
  });
});
