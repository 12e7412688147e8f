/** A translation for a device: a hit, and a walk; and a frame on its way to memory and back. */
import { bench } from '@bulkhead/bench';
import { DDTP_MODE_1LVL } from '@bulkhead/riscv-iommu-datasheet';
import { DMA_READ } from '../src/request.ts';
import { Bench, FREE, ROOT } from '../test/bench.ts';

const ROUND = 4096;
const DEVICE = 8;
/** Fewer than the IOTLB holds, and more. */
const FEW = 64;
const MANY = 512;
const FRAME_BYTES = 1514;
const FRAMES = 256;

const board = new Bench();
board.context(DEVICE, ROOT);
board.mode(DDTP_MODE_1LVL);
for (let page = 0; page < MANY; page++) board.map(page, FREE + (page & 15));

/** @param pages a power of two. */
const round = (pages: number) => (): number => {
  let sum = 0;
  for (let i = 0; i < ROUND; i++) sum = (sum + board.iommu.translate(DEVICE, i & (pages - 1), DMA_READ)) | 0;
  return sum;
};
bench('IOMMU hit', round(FEW), { per: ROUND });
bench('IOMMU miss: walk of three levels and fill', round(MANY), { per: ROUND });

const nobody = { load: () => -1, store: () => -1 };
const port = board.iommu.dmaPort(DEVICE, nobody);
const frame = new Uint8Array(2048);
bench(
  'DMA write of a frame, translated',
  () => {
    for (let i = 0; i < FRAMES; i++) port.write(i & 15, 0, frame, 0, FRAME_BYTES);
  },
  { per: FRAMES, bytes: FRAME_BYTES },
);
bench(
  'DMA read of a frame across two pages, translated',
  () => {
    for (let i = 0; i < FRAMES; i++) port.read(i & 15, 3000, frame, 0, FRAME_BYTES);
  },
  { per: FRAMES, bytes: FRAME_BYTES },
);
