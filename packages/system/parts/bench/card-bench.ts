/** A frame through driver, device and IOMMU alone, each way, beside a copy of as many bytes. One card a process. */
import { bench } from '@bulkhead/bench';
import type { CardName } from './card-models.ts';
import { NetworkCard } from './network-card.ts';

const BATCH = 128;
/** Of the receive half of the packet buffer. */
const ROOM_BYTES = 20_000;
const SIZES = [60, 1514];

/** @param what how the results call the card. */
export function benchCard(name: CardName, what: string): void {
  for (const lenBytes of SIZES) {
    const card = new NetworkCard({ name });
    const few = Math.min(BATCH, Math.floor(ROOM_BYTES / lenBytes));
    const frame = new Uint8Array(lenBytes);
    frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5]);
    bench(`${lenBytes} bytes sent by ${what}, IOMMU and driver`, () => card.transmit(BATCH, lenBytes), {
      per: BATCH,
      bytes: lenBytes,
    });
    bench(`${lenBytes} bytes received by ${what}, IOMMU and driver`, () => card.receive(frame, few), {
      per: few,
      bytes: lenBytes,
    });
  }
}
