import { Clock } from '@bulkhead/clock';
import { createLink } from '@bulkhead/link';
import * as pci from '@bulkhead/pci-datasheet';
import type { DmaPort } from '@bulkhead/ports';
import * as virtio from '@bulkhead/virtio-datasheet';
import { describe, expect, it } from 'vitest';
import { createVirtioNet, type VirtioNet } from '../src/index.ts';

const SIZE = 64;
const FRAME_BYTES = 512;
const DESC = 0x1000;
const AVAIL = 0x2000;
const USED = 0x3000;
const QUEUE_BYTES = 0x4000;
const NOTIFY = 0x3000;
const BATCH = 8;

/** RAM whose port copies by a loop, so that what is measured is the device. */
function createRam(): { readonly view: DataView; readonly dma: DmaPort } {
  const bytes = new Uint8Array(0x4_0000);
  const dma: DmaPort = {
    read: (page, offset, into, at, lenBytes) => {
      const from = page * 4096 + offset;
      for (let i = 0; i < lenBytes; i++) into[at + i] = bytes[from + i]!;
      return 0;
    },
    write: (page, offset, from, at, lenBytes) => {
      const to = page * 4096 + offset;
      for (let i = 0; i < lenBytes; i++) bytes[to + i] = from[at + i]!;
      return 0;
    },
  };
  return { view: new DataView(bytes.buffer), dma };
}

/** Both queues, whose descriptors name one buffer each and never change. */
function start(clock: Clock, { view, dma }: ReturnType<typeof createRam>, seed: number): VirtioNet {
  const nic = createVirtioNet({ clock, macAddress: Uint8Array.of(2, 0, 0, 0, 0, seed) });
  nic.setLink(true);
  nic.function.connect({ dma, message: { send: () => 0 } });
  nic.function.writeConfig(pci.COMMAND, 2, 6);
  const registers = nic.function.bars[1]!.device;
  for (const status of [0, 1, 3]) registers.write(virtio.DEVICE_STATUS, 1, status);
  registers.write(virtio.DRIVER_FEATURE_SELECT, 4, 1);
  registers.write(virtio.DRIVER_FEATURE, 4, 3);
  registers.write(virtio.DEVICE_STATUS, 1, 11);
  for (const queue of [virtio.NET_RECEIVEQ, virtio.NET_TRANSMITQ]) {
    const base = queue * QUEUE_BYTES;
    for (let i = 0; i < SIZE; i++) {
      view.setUint32(base + DESC + i * 16, 0x1_0000 + queue * 0x8000, true);
      view.setUint32(base + DESC + i * 16 + 8, queue === 0 ? 2048 : FRAME_BYTES + 12, true);
      view.setUint16(base + DESC + i * 16 + 12, queue === 0 ? virtio.DESC_F_WRITE : 0, true);
      view.setUint16(base + AVAIL + 4 + i * 2, i, true);
    }
    registers.write(virtio.QUEUE_SELECT, 2, queue);
    registers.write(virtio.QUEUE_SIZE, 2, SIZE);
    registers.write(virtio.QUEUE_DESC, 4, base + DESC);
    registers.write(virtio.QUEUE_DRIVER, 4, base + AVAIL);
    registers.write(virtio.QUEUE_DEVICE, 4, base + USED);
    registers.write(virtio.QUEUE_ENABLE, 2, 1);
  }
  registers.write(virtio.DEVICE_STATUS, 1, 15);
  for (let i = 0; i < 6; i++) view.setUint8(0x1_8000 + 12 + i, 0xff); // to everybody
  return nic;
}

describe('two virtio network devices on a link', () => {
  it('allocate nothing per frame', () => {
    const clock = new Clock(1e9);
    const link = createLink({ clock, bitsPerSecond: 1e9, delayNs: 1000, queueFrames: 128 });
    const ram = [createRam(), createRam()] as const;
    const nics = [start(clock, ram[0], 1), start(clock, ram[1], 2)] as const;
    nics[0].wire = link.a;
    nics[1].wire = link.b;
    link.a.connect((frame, lenBytes) => nics[0].receive(frame, lenBytes));
    link.b.connect((frame, lenBytes) => nics[1].receive(frame, lenBytes));
    const registers = nics.map((nic) => nic.function.bars[1]!.device);
    let index = 0;
    const send = (rounds: number): void => {
      for (let i = 0; i < rounds; i++) {
        index = (index + BATCH) & 0xffff;
        ram[0].view.setUint16(QUEUE_BYTES + AVAIL + 2, index, true);
        const used = ram[1].view.getUint16(USED + 2, true);
        ram[1].view.setUint16(AVAIL + 2, (used + SIZE) & 0xffff, true);
        registers[0]!.write(NOTIFY + 4, 2, 1);
        registers[1]!.write(NOTIFY, 2, 0);
        clock.advance(100_000);
        clock.runDue();
        clock.advance(100_000);
        clock.runDue();
      }
    };
    send(2000);
    const before = process.memoryUsage().heapUsed;
    send(8000);
    const grownBytes = process.memoryUsage().heapUsed - before;
    expect(nics[1].statistics.framesReceived).toBeGreaterThan(70_000);
    expect(grownBytes / 64_000).toBeLessThan(32);
  });
});
