import { Clock } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { createLink } from '@bulkhead/link';
import * as pci from '@bulkhead/pci-datasheet';
import type { DmaPort } from '@bulkhead/ports';
import { describe, expect, it } from 'vitest';
import { createIntel82574, type Intel82574 } from '../src/index.ts';

const RING = 64;
const FRAME_BYTES = 512;
const LAST_REPORTED = reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_IFCS.mask | reg.TDESC_CMD_RS.mask;

/** RAM whose port copies by a loop, so that what is measured is the device. */
function createRam(): { readonly words: Int32Array; readonly dma: DmaPort } {
  const words = new Int32Array(0x4_0000 / 4);
  const bytes = new Uint8Array(words.buffer);
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
  return { words, dma };
}

function start(clock: Clock, words: Int32Array, dma: DmaPort, seed: number): Intel82574 {
  const nic = createIntel82574({ clock, macAddress: Uint8Array.of(2, 0, 0, 0, 0, seed) });
  nic.function.connect({ dma, message: { send: () => 0 } });
  nic.function.writeConfig(pci.COMMAND, 2, 6);
  const memory = nic.function.bars[0]!.device;
  for (let i = 0; i < RING; i++) {
    words[0x1000 / 4 + i * 4] = 0x4000;
    words[0x1000 / 4 + i * 4 + 2] = FRAME_BYTES | LAST_REPORTED;
    words[0x2000 / 4 + i * 4] = 0x1_0000 + i * 2048;
  }
  memory.write(reg.TDBAL, 4, 0x1000);
  memory.write(reg.TDLEN, 4, RING * 16);
  memory.write(reg.TCTL, 4, reg.TCTL_EN.mask);
  memory.write(reg.RDBAL, 4, 0x2000);
  memory.write(reg.RDLEN, 4, RING * 16);
  memory.write(reg.RDT, 4, RING - 1);
  memory.write(reg.RCTL, 4, reg.RCTL_EN.mask | reg.RCTL_UPE.mask | reg.RCTL_SECRC.mask);
  return nic;
}

describe('two 82574 on a link', () => {
  it('allocate nothing per frame', () => {
    const clock = new Clock(1e9);
    const link = createLink({ clock, bitsPerSecond: 1e9, delayNs: 1000, queueFrames: 128 });
    const ram = [createRam(), createRam()] as const;
    const nics = [start(clock, ram[0].words, ram[0].dma, 1), start(clock, ram[1].words, ram[1].dma, 2)] as const;
    nics[0].wire = link.a;
    nics[1].wire = link.b;
    link.a.connect((frame, lenBytes) => nics[0].receive(frame, lenBytes));
    link.b.connect((frame, lenBytes) => nics[1].receive(frame, lenBytes));
    const registers = nics.map((nic) => nic.function.bars[0]!.device);
    let tail = 0;
    const send = (rounds: number): void => {
      for (let i = 0; i < rounds; i++) {
        tail = (tail + 8) % RING;
        registers[0]!.write(reg.TDT, 4, tail);
        registers[1]!.write(reg.RDT, 4, (tail + RING - 9) % RING);
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
