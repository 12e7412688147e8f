/** An access through the bus: to RAM, and to a device among a dozen. */
import { bench } from '@bulkhead/bench';
import { createRam } from '@bulkhead/memory';
import { Bus } from '../src/index.ts';

const ROUND = 4096;
const bus = new Bus({ memory: createRam({ basePage: 0x80000, pageCount: 16 }) });
const registers = new Int32Array(1024);
for (let range = 0; range < 12; range++) {
  bus.attach(0x10000 + range, 1, {
    read: (offset) => registers[offset >> 2]!,
    write: (offset, _widthBytes, value) => {
      registers[offset >> 2] = value;
    },
  });
}

/** @param pages a power of two. */
const loads = (first: number, pages: number) => (): number => {
  let sum = 0;
  for (let i = 0; i < ROUND; i++) sum = (sum + bus.load(first + (i & (pages - 1)), (i & 1023) * 4, 4)) | 0;
  return sum;
};

bench('load of a word of RAM', loads(0x80000, 16), { per: ROUND });
bench('load of one device’s register', loads(0x1000b, 1), { per: ROUND });
bench('loads of eight devices’ registers in turn', loads(0x10000, 8), { per: ROUND });
