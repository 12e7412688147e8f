/** What the device's work takes, in cycles of the clock. The same assumptions as for any card on this bus. */
import type { Clock } from '@bulkhead/clock';

export interface TimingOptions {
  /** From a notification to the device's first action. An assumption: a posted write takes 50 to 300 ns. @defaultValue 100 */
  readonly doorbellNs?: number;
  /** Latency of a DMA read of 64 bytes. pcie-bench (SIGCOMM 2018): 520 to 550 ns on a Xeon E5 v3. @defaultValue 540 */
  readonly dmaReadNs?: number;
  /** Latency of a DMA write of 64 bytes. An assumption: that of a read. @defaultValue 540 */
  readonly dmaWriteNs?: number;
  /** Payload on the bus. PCI Express 1.1 x1: 2.5 GT/s, 8b/10b coded, is 250 MB/s; headers are neglected. @defaultValue 4 */
  readonly busNsPerByte?: number;
  /** The wire's rate, which paces transmission. @defaultValue 1e9 */
  readonly bitsPerSecond?: number;
}

/** The same in cycles. The rates are not whole. */
export class Timing {
  readonly doorbellCycles: number;
  readonly dmaReadCycles: number;
  readonly dmaWriteCycles: number;
  readonly busCyclesPerByte: number;
  readonly wireCyclesPerByte: number;
  readonly megabitsPerSecond: number;

  constructor(clock: Clock, options: TimingOptions) {
    const { doorbellNs = 100, dmaReadNs = 540, dmaWriteNs = 540, busNsPerByte = 4, bitsPerSecond = 1e9 } = options;
    this.doorbellCycles = clock.cyclesOf(doorbellNs);
    this.dmaReadCycles = clock.cyclesOf(dmaReadNs);
    this.dmaWriteCycles = clock.cyclesOf(dmaWriteNs);
    this.busCyclesPerByte = (busNsPerByte * clock.cyclesPerSecond) / 1e9;
    this.wireCyclesPerByte = (8 * clock.cyclesPerSecond) / bitsPerSecond;
    this.megabitsPerSecond = Math.floor(bitsPerSecond / 1e6);
  }
}
