/** What the parts of the device share: its clock, registers and interrupts, its way to memory, and its pace. */
import type { Clock } from '@bulkhead/clock';
import type { DmaPort } from '@bulkhead/ports';
import type { Interrupts } from './interrupts.ts';
import type { RegisterFile } from './register-file.ts';

export interface TimingOptions {
  /** From a write of a tail register to the device's first action. An assumption: a posted write takes 50 to 300 ns. @defaultValue 100 */
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

/** The same in cycles of the clock. The rates are not whole. */
export class Timing {
  readonly doorbellCycles: number;
  readonly dmaReadCycles: number;
  readonly dmaWriteCycles: number;
  readonly busCyclesPerByte: number;
  readonly wireCyclesPerByte: number;

  constructor(clock: Clock, options: TimingOptions) {
    const { doorbellNs = 100, dmaReadNs = 540, dmaWriteNs = 540, busNsPerByte = 4, bitsPerSecond = 1e9 } = options;
    this.doorbellCycles = clock.cyclesOf(doorbellNs);
    this.dmaReadCycles = clock.cyclesOf(dmaReadNs);
    this.dmaWriteCycles = clock.cyclesOf(dmaWriteNs);
    this.busCyclesPerByte = (busNsPerByte * clock.cyclesPerSecond) / 1e9;
    this.wireCyclesPerByte = (8 * clock.cyclesPerSecond) / bitsPerSecond;
  }
}

/** Totals since construction, which no read and no reset clears. */
export interface NicStatistics {
  framesReceived: number;
  framesTransmitted: number;
  /** Frames for the device that it had no room for. */
  framesMissed: number;
  dmaFaults: number;
}

export interface DeviceParts {
  readonly clock: Clock;
  readonly registers: RegisterFile;
  readonly interrupts: Interrupts;
  readonly timing: Timing;
  readonly statistics: NicStatistics;
  /** Memory through the function, which may refuse. */
  readonly dma: DmaPort;
  /** @returns true while the device may start DMA. */
  readonly mayMaster: () => boolean;
  /** @returns true while STATUS.LU is set. */
  readonly isLinkUp: () => boolean;
  /** @returns true while MSI-X is enabled: other causes are then used. */
  readonly usesMsix: () => boolean;
  /** A frame leaves the device. */
  readonly send: (frame: Uint8Array, lenBytes: number) => void;
}

/** How many bytes are moved an alarm: a compromise between the simulation's cost and the grain of its latencies. */
export const BURST_BYTES = 4096;
/** The longest frame, without FCS, that the device stores. */
export const LONGEST_FRAME_BYTES = 16380;
