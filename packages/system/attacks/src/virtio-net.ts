/**
 * What a hostile driver has its virtio network device do. Virtio 1.2 §2.7 "Split Virtqueues", §5.1.6 "Device Operation".
 *
 * The driver lent the device chains of two descriptors, the header and the buffer. It may change them while the device
 * has them: the device reads a descriptor when a frame has come.
 */
import * as virtio from '@bulkhead/virtio-datasheet';
import type { Card } from './device.ts';
import type { Hands } from './turncoat.ts';

const PAGE_BYTES = 4096;
/** The driver's queues: descriptors and rings of reception, then those of transmission. */
const DESCRIPTORS = 0;
const AVAILABLE = PAGE_BYTES;
const USED: number = AVAILABLE + 1024;
const TRANSMIT_PAGE = 2;
const SIZE = 256;
const INDEX_MASK = 0xffff;
/**
 * Addresses of a frame, its type and two bytes more, that stay with the header: the filter looks at them, so they cannot
 * be what is to be written.
 */
const KEPT_BYTES = 16;

/** Of the chains that the device has, the next one is for the first address, and those left over are for the last. */
function receiveAt({ context }: Hands, addresses: readonly number[]): void {
  const { window } = context.region(virtioNet.region);
  const offered = window.load16(AVAILABLE + virtio.AVAIL_IDX);
  let index = window.load16(USED + virtio.USED_IDX);
  for (let i = 0; index !== offered; i++, index = (index + 1) & INDEX_MASK) {
    const head = window.load16(AVAILABLE + virtio.AVAIL_RING + (index % SIZE) * virtio.AVAIL_ENTRY_SIZE_BYTES);
    const header = DESCRIPTORS + head * virtio.DESC_SIZE_BYTES;
    const buffer = header + virtio.DESC_SIZE_BYTES;
    const address = addresses[Math.min(i, addresses.length - 1)]!;
    window.store32(header + virtio.DESC_LEN, virtio.NET_HDR_SIZE_BYTES + KEPT_BYTES);
    window.store32(buffer, address | 0);
    window.store32(buffer + 4, Math.floor(address / 2 ** 32));
  }
}

export const virtioNet: Card = {
  driver: 'virtio-net-driver',
  region: 'queues',
  idlePage: TRANSMIT_PAGE,
  keptBytes: KEPT_BYTES,
  receiveAt,
};
