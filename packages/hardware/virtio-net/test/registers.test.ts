import * as pci from '@bulkhead/pci-datasheet';
import * as virtio from '@bulkhead/virtio-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, CONFIG, ECAM, frameTo, ISR, MAC, MSIX_AT, NOTIFY } from './bench.ts';

const { STATUS_DEVICE_NEEDS_RESET, STATUS_FEATURES_OK } = virtio;
const FEATURES_OK = STATUS_FEATURES_OK.mask;
const INTERRUPT_STATUS = 0x8;

/** Offsets of the vendor-specific capabilities, in the order of the list. */
function capabilities(bench: Bench): number[] {
  const found = [];
  for (let at = bench.config(pci.CAPABILITIES_POINTER, 1); at !== 0; at = bench.config(at + 1, 1))
    if (bench.config(at, 1) === pci.CAPABILITY_VENDOR_SPECIFIC) found.push(at);
  return found;
}

describe('PCI Device Discovery (Virtio 1.2 §4.1.2)', () => {
  it('has vendor 1af4, device 1041, a revision of at least 1 and a subsystem of at least 40', () => {
    const bench = new Bench();
    expect(bench.config(pci.VENDOR_ID).toString(16)).toBe('10411af4');
    expect(bench.config(pci.REVISION_ID)).toBe(0x02000001);
    expect(bench.config(pci.SUBSYSTEM_ID, 2)).toBeGreaterThanOrEqual(0x40);
  });
});

describe('Virtio Structure PCI Capabilities (Virtio 1.2 §4.1.4)', () => {
  it('presents one capability a structure, inside its BAR and aligned', () => {
    const bench = new Bench();
    const found = capabilities(bench).map((at) => ({
      lenBytes: bench.config(at + virtio.CAP_LEN, 1),
      type: bench.config(at + virtio.CAP_CFG_TYPE, 1),
      bar: bench.config(at + virtio.CAP_BAR, 1),
      offset: bench.config(at + virtio.CAP_OFFSET),
      length: bench.config(at + virtio.CAP_LENGTH),
    }));
    expect(found.map(({ type }) => type)).toEqual([1, 3, 4, 2, 5]);
    expect(found.map(({ lenBytes }) => lenBytes)).toEqual([16, 16, 16, 20, 20]);
    for (const { bar, offset, length } of found.slice(0, 4)) {
      expect(bar).toBe(4);
      expect(offset % 4).toBe(0);
      expect(offset + length).toBeLessThanOrEqual(0x4000);
    }
  });

  it('§4.1.4.4.1: the notification structure holds every queue', () => {
    const bench = new Bench();
    const at = capabilities(bench)[3]!;
    const multiplier = bench.config(at + virtio.NOTIFY_CAP_MULTIPLIER);
    for (let queue = 0; queue < bench.read(virtio.NUM_QUEUES, 2); queue++) {
      bench.write(virtio.QUEUE_SELECT, 2, queue);
      const end = bench.read(virtio.QUEUE_NOTIFY_OFF, 2) * multiplier + 2;
      expect(bench.config(at + virtio.CAP_LENGTH)).toBeGreaterThanOrEqual(end);
    }
  });

  it('§4.1.4.9: reads and writes the structures through configuration space', () => {
    const bench = new Bench();
    const at = ECAM + capabilities(bench)[4]!;
    const access = (offset: number, lenBytes: number): void => {
      bench.bus.write(at + virtio.CAP_BAR, 1, 4);
      bench.bus.write(at + virtio.CAP_OFFSET, 4, offset);
      bench.bus.write(at + virtio.CAP_LENGTH, 4, lenBytes);
    };
    access(CONFIG, 4);
    expect(bench.bus.read(at + virtio.PCI_CFG_CAP_DATA, 4)).toBe(0x12005452);
    access(virtio.DEVICE_STATUS, 1);
    bench.bus.write(at + virtio.PCI_CFG_CAP_DATA, 1, 3);
    expect(bench.status).toBe(3);
    expect(bench.bus.read(at + virtio.PCI_CFG_CAP_DATA, 1)).toBe(3);
    access(virtio.QUEUE_SIZE, 2);
    expect(bench.bus.read(at + virtio.PCI_CFG_CAP_DATA, 2)).toBe(256);
  });
  it('§4.1.4.9: has no access to what is no structure', () => {
    const bench = new Bench();
    const at = ECAM + capabilities(bench)[4]!;
    for (const [bar, offset, lenBytes] of [
      [0, virtio.DEVICE_STATUS, 1],
      [4, 1, 2],
      [4, 0, 3],
      [4, 0, 8],
      [9, 0, 4],
    ] as const) {
      bench.bus.write(at + virtio.CAP_BAR, 1, bar);
      bench.bus.write(at + virtio.CAP_OFFSET, 4, offset);
      bench.bus.write(at + virtio.CAP_LENGTH, 4, lenBytes);
      bench.bus.write(at + virtio.PCI_CFG_CAP_DATA, 4, 1);
      expect(bench.bus.read(at + virtio.PCI_CFG_CAP_DATA, 4)).toBe(0);
      expect(bench.status).toBe(0);
    }
  });
});

describe('Feature Bits (Virtio 1.2 §2.2, §4.1.4.3.1)', () => {
  it('shows 32 bits a selection, and 0 beyond bit 63', () => {
    const bench = new Bench();
    expect(bench.offered(0) >>> 28).toBe(3);
    expect(bench.offered(1)).toBe(0x8000_0103 >>> 0);
    for (const select of [2, 3, 0xffff_ffff]) expect(bench.offered(select)).toBe(0);
  });
  it('offers no feature without one that it requires', () => {
    const bench = new Bench();
    const offered = [bench.offered(0), bench.offered(1)];
    const has = (feature: number): boolean => (offered[feature >>> 5]! & (1 << (feature & 31))) !== 0;
    for (const [feature, ...needs] of virtio.NET_FEATURE_REQUIREMENTS)
      if (has(feature)) expect(needs.some(has)).toBe(true);
  });
  it('takes FEATURES_OK for a valid subset', () => {
    for (const features of [[], [virtio.NET_F_MAC], [virtio.NET_F_CSUM, virtio.NET_F_HOST_TSO4]])
      expect(new Bench().negotiate(features) & FEATURES_OK).toBe(FEATURES_OK);
  });
  it('§6.2: refuses FEATURES_OK without VERSION_1, and without ACCESS_PLATFORM', () => {
    expect(new Bench().negotiate([], [virtio.F_ACCESS_PLATFORM]) & FEATURES_OK).toBe(0);
    expect(new Bench().negotiate([], [virtio.F_VERSION_1]) & FEATURES_OK).toBe(0);
  });
  it('§2.2.2: refuses FEATURES_OK for a feature without one that it requires', () => {
    for (const [feature] of virtio.NET_FEATURE_REQUIREMENTS) {
      const bench = new Bench();
      const isOffered = (bench.offered(feature >>> 5) & (1 << (feature & 31))) !== 0;
      expect(bench.negotiate([feature]) & FEATURES_OK).toBe(isOffered ? 0 : FEATURES_OK);
    }
  });
  it('holds what the driver accepted, of what was offered, until the reset', () => {
    const bench = new Bench();
    bench.negotiate([virtio.NET_F_MAC, virtio.NET_F_HOST_ECN]);
    bench.write(virtio.DRIVER_FEATURE_SELECT, 4, 0);
    expect(bench.read(virtio.DRIVER_FEATURE, 4)).toBe(1 << virtio.NET_F_MAC);
    bench.write(virtio.DRIVER_FEATURE, 4, 0);
    expect(bench.read(virtio.DRIVER_FEATURE, 4)).toBe(1 << virtio.NET_F_MAC);
    bench.status = 0;
    bench.write(virtio.DRIVER_FEATURE_SELECT, 4, 0);
    expect(bench.read(virtio.DRIVER_FEATURE, 4)).toBe(0);
  });
});

describe('Device Status Field (Virtio 1.2 §2.1, §3.1)', () => {
  it('takes FEATURES_OK after ACKNOWLEDGE and DRIVER only, and DRIVER_OK after FEATURES_OK only', () => {
    const bench = new Bench();
    bench.negotiate();
    bench.status = 0;
    bench.status = FEATURES_OK | 1;
    expect(bench.status).toBe(1);
    bench.status = 7;
    expect(bench.status).toBe(3);
  });
  it('§2.1.2: consumes no buffer before DRIVER_OK', () => {
    const bench = new Bench();
    bench.negotiate();
    const tx = bench.queue(virtio.NET_TRANSMITQ);
    bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 60));
    bench.notify(virtio.NET_TRANSMITQ);
    bench.run();
    expect([bench.sent.length, tx.usedIdx]).toEqual([0, 0]);
    bench.status = 0xf;
    bench.run();
    expect([bench.sent.length, tx.usedIdx]).toEqual([1, 1]);
  });
  it('is 0 after 0 was written, and the device is as new', () => {
    const bench = new Bench();
    bench.enableMsix();
    bench.start([virtio.NET_F_MAC]);
    bench.status = 0;
    expect(bench.status).toBe(0);
    expect(bench.read(virtio.CONFIG_MSIX_VECTOR, 2)).toBe(virtio.MSI_NO_VECTOR);
    for (const queue of [0, 1, 2]) {
      bench.write(virtio.QUEUE_SELECT, 2, queue);
      expect(bench.read(virtio.QUEUE_ENABLE, 2)).toBe(0);
      expect(bench.read(virtio.QUEUE_SIZE, 2)).toBe(256);
      expect(bench.read(virtio.QUEUE_MSIX_VECTOR, 2)).toBe(virtio.MSI_NO_VECTOR);
      expect(bench.read(virtio.QUEUE_DESC, 4)).toBe(0);
    }
  });
  it('is 0 after a function level reset too', () => {
    const bench = new Bench();
    bench.start();
    bench.nic.function.reset();
    bench.bus.write(ECAM + pci.BAR0 + 16, 4, 0x4000_0000);
    bench.command(pci.COMMAND_MEMORY_SPACE_ENABLE.mask);
    expect(bench.status).toBe(0);
  });
  it('forgets what was under way when it is reset', () => {
    const bench = new Bench();
    const { tx } = bench.start();
    bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 60));
    bench.notify(virtio.NET_TRANSMITQ);
    bench.run(500);
    bench.status = 0;
    bench.run();
    expect([bench.sent.length, tx.usedIdx]).toEqual([0, 0]);
  });
  it('keeps DEVICE_NEEDS_RESET until the reset, tells the driver once, and does nothing more', () => {
    const bench = new Bench();
    bench.enableMsix();
    const { tx } = bench.start();
    tx.offer(200); // no descriptor of the ring
    bench.notify(virtio.NET_TRANSMITQ);
    bench.run();
    expect(bench.needsReset).toBe(true);
    expect(bench.messages.map(({ data }) => data)).toEqual([0x103]);
    bench.status = 0xf;
    expect(bench.needsReset).toBe(true);
    bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 60));
    bench.notify(virtio.NET_TRANSMITQ);
    bench.run();
    expect([bench.sent.length, bench.messages.length]).toEqual([0, 1]);
    bench.status = 0;
    expect(bench.needsReset).toBe(false);
    const again = bench.start();
    bench.transmit(again.tx, 0, BUFFERS, frameTo(MAC, 60));
    bench.notify(virtio.NET_TRANSMITQ);
    bench.run();
    expect(bench.sent.length).toBe(1);
  });
  it('needs a reset when queue_enable is written 0, or an area is not aligned', () => {
    const bench = new Bench();
    bench.negotiate();
    bench.write(virtio.QUEUE_ENABLE, 2, 0);
    expect(bench.needsReset).toBe(true);
    for (const [register, address] of [
      [virtio.QUEUE_DESC, 0x1008],
      [virtio.QUEUE_DRIVER, 0x1001],
      [virtio.QUEUE_DEVICE, 0x1002],
    ] as const) {
      bench.negotiate();
      bench.write(register, 4, address);
      bench.write(virtio.QUEUE_ENABLE, 2, 1);
      expect(bench.status & STATUS_DEVICE_NEEDS_RESET.mask).not.toBe(0);
    }
  });
});

describe('Common configuration structure layout (Virtio 1.2 §4.1.4.3)', () => {
  it('presents three queues, and the size 0 for any other', () => {
    const bench = new Bench();
    expect(bench.read(virtio.NUM_QUEUES, 2)).toBe(3);
    for (const queue of [0, 1, 2, 3, 0xffff]) {
      bench.write(virtio.QUEUE_SELECT, 2, queue);
      expect(bench.read(virtio.QUEUE_SIZE, 2)).toBe(queue < 3 ? 256 : 0);
    }
  });
  it('takes a smaller power of two for a size, and ignores any other', () => {
    const bench = new Bench();
    for (const [written, read] of [
      [16, 16],
      [0, 16],
      [24, 16],
      [512, 16],
      [1, 1],
      [256, 256],
    ] as const) {
      bench.write(virtio.QUEUE_SIZE, 2, written);
      expect(bench.read(virtio.QUEUE_SIZE, 2)).toBe(read);
    }
  });
  it('allows each half of an address by itself', () => {
    const bench = new Bench();
    bench.write(virtio.QUEUE_DEVICE + 4, 4, 0x12);
    bench.write(virtio.QUEUE_DEVICE, 4, 0x3456_7890);
    expect(bench.read(virtio.QUEUE_DEVICE, 4)).toBe(0x3456_7890);
    expect(bench.read(virtio.QUEUE_DEVICE + 4, 4)).toBe(0x12);
  });
  it('writes a field by an access that covers it whole, and no other', () => {
    const bench = new Bench();
    bench.write(virtio.CONFIG_MSIX_VECTOR, 4, 0x1234_0002);
    expect(bench.read(virtio.CONFIG_MSIX_VECTOR, 4)).toBe(0x0003_0002);
    bench.write(virtio.QUEUE_DESC, 2, 0xffff);
    bench.write(virtio.QUEUE_SIZE, 1, 4);
    expect(bench.read(virtio.QUEUE_DESC, 4)).toBe(0);
    expect(bench.read(virtio.QUEUE_SIZE, 2)).toBe(256);
  });
  it('§2.6.1: resets one queue when RING_RESET was negotiated, and only then', () => {
    for (const features of [[], [virtio.F_RING_RESET]]) {
      const bench = new Bench();
      bench.start(features);
      bench.write(virtio.QUEUE_SELECT, 2, virtio.NET_TRANSMITQ);
      bench.write(virtio.QUEUE_RESET, 2, 1);
      const isReset = features.length > 0;
      expect(bench.read(virtio.QUEUE_ENABLE, 2)).toBe(isReset ? 0 : 1);
      expect(bench.read(virtio.QUEUE_RESET, 2)).toBe(0);
      bench.write(virtio.QUEUE_SELECT, 2, virtio.NET_RECEIVEQ);
      expect(bench.read(virtio.QUEUE_ENABLE, 2)).toBe(1);
    }
  });
  it('changes config_generation when a value that has changed is read, and not else', () => {
    const bench = new Bench();
    const generation = (): number => bench.read(virtio.CONFIG_GENERATION, 1);
    bench.read(CONFIG, 4);
    const before = generation();
    bench.read(CONFIG, 4);
    expect(generation()).toBe(before);
    for (let i = 0; i < 256; i++) bench.nic.setLink(i % 2 !== 0);
    bench.read(CONFIG + virtio.NET_CFG_STATUS, 2);
    bench.nic.setLink(false);
    bench.read(CONFIG + virtio.NET_CFG_STATUS, 2);
    expect(generation()).not.toBe(before);
  });
});

describe('Device configuration layout (Virtio 1.2 §5.1.4)', () => {
  it('holds address, link, MTU, speed and duplex, and cannot be written', () => {
    const bench = new Bench({ mtuBytes: 1280, options: { bitsPerSecond: 1e10 } });
    bench.write(CONFIG, 4, 0);
    bench.write(CONFIG + virtio.NET_CFG_STATUS, 2, 0);
    expect([0, 1, 2, 3, 4, 5].map((i) => bench.read(CONFIG + i, 1))).toEqual([...MAC]);
    expect(bench.read(CONFIG + virtio.NET_CFG_STATUS, 2)).toBe(virtio.NET_S_LINK_UP);
    expect(bench.read(CONFIG + virtio.NET_CFG_MTU, 2)).toBe(1280);
    expect(bench.read(CONFIG + virtio.NET_CFG_SPEED, 4)).toBe(10_000);
    expect(bench.read(CONFIG + virtio.NET_CFG_DUPLEX, 1)).toBe(1);
  });
});

describe('Interrupts (Virtio 1.2 §4.1.4.5, §4.1.5)', () => {
  it('§4.1.5.1.2: maps to a vector of the table, and reports any other as none', () => {
    const bench = new Bench();
    for (const [written, read] of [
      [3, 3],
      [4, virtio.MSI_NO_VECTOR],
      [0x7ff, virtio.MSI_NO_VECTOR],
      [0, 0],
      [virtio.MSI_NO_VECTOR, virtio.MSI_NO_VECTOR],
    ] as const) {
      bench.write(virtio.CONFIG_MSIX_VECTOR, 2, written);
      bench.write(virtio.QUEUE_MSIX_VECTOR, 2, written);
      expect(bench.read(virtio.CONFIG_MSIX_VECTOR, 2)).toBe(read);
      expect(bench.read(virtio.QUEUE_MSIX_VECTOR, 2)).toBe(read);
    }
  });
  it('sends nothing for an event without a vector under MSI-X', () => {
    const bench = new Bench();
    bench.enableMsix();
    bench.start();
    bench.write(virtio.CONFIG_MSIX_VECTOR, 2, virtio.MSI_NO_VECTOR);
    bench.nic.setLink(false);
    expect(bench.messages).toEqual([]);
  });
  it('without MSI-X sets the ISR bits and the interrupt status, and takes both back when the byte is read', () => {
    const bench = new Bench();
    const { tx } = bench.start();
    const pending = (): number => bench.config(pci.STATUS, 2) & INTERRUPT_STATUS;
    expect([bench.read(ISR, 1), pending()]).toEqual([0, 0]);
    bench.nic.setLink(false);
    bench.nic.setLink(true);
    expect(pending()).toBe(INTERRUPT_STATUS);
    expect(bench.read(ISR, 1)).toBe(2);
    expect([pending(), bench.read(ISR, 1)]).toEqual([0, 0]);
    bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 60));
    bench.notify(virtio.NET_TRANSMITQ);
    bench.run();
    expect(pending()).toBe(INTERRUPT_STATUS);
    expect(bench.read(ISR, 1)).toBe(1);
    expect(pending()).toBe(0);
    expect(bench.messages).toEqual([]);
  });
  it('§4.1.4.5.1: sets the configuration bit under MSI-X too, the queue bit not', () => {
    const bench = new Bench();
    bench.enableMsix();
    const { tx } = bench.start();
    bench.nic.setLink(false);
    bench.nic.setLink(true);
    bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 60));
    bench.notify(virtio.NET_TRANSMITQ);
    bench.run();
    expect(bench.read(ISR, 1)).toBe(2);
    expect(bench.messages.map(({ data }) => data)).toEqual([0x103, 0x103, 0x101]);
  });
  it('says nothing of the configuration before DRIVER_OK', () => {
    const bench = new Bench();
    bench.enableMsix();
    bench.negotiate();
    bench.write(virtio.CONFIG_MSIX_VECTOR, 2, 3);
    bench.nic.setLink(false);
    expect(bench.messages).toEqual([]);
  });
  it('remembers a message of a masked vector, as MSI-X does', () => {
    const bench = new Bench();
    bench.enableMsix();
    bench.start();
    bench.bus.write(ECAM + MSIX_AT + pci.MSIX_MESSAGE_CONTROL, 2, 0xc000);
    bench.nic.setLink(false);
    expect(bench.messages).toEqual([]);
    bench.bus.write(ECAM + MSIX_AT + pci.MSIX_MESSAGE_CONTROL, 2, 0x8000);
    expect(bench.messages.map(({ data }) => data)).toEqual([0x103]);
  });
  it('§4.1.5.2: knows the queue of a notification by its address', () => {
    const bench = new Bench();
    const { tx } = bench.start();
    bench.run();
    bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 60));
    bench.write(NOTIFY + 8, 2, 1);
    bench.write(NOTIFY + 6, 2, 1);
    bench.run();
    expect(bench.sent.length).toBe(0);
    bench.write(NOTIFY + 4, 2, 1);
    bench.run();
    expect(bench.sent.length).toBe(1);
  });
});
