/** Transmit descriptors of the offloads, as words in memory. */
import * as reg from '@bulkhead/intel-82574-datasheet';
import { type Bench, BUFFERS, TX_RING } from './bench.ts';

export const EOP_RS: number = reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_IFCS.mask | reg.TDESC_CMD_RS.mask;
export const DATA: number = EOP_RS | reg.TDESC_CMD_DEXT.mask | (reg.TDESC_DTYP_DATA << reg.TDESC_LOWER_DTYP.shift);
export const IXSM: number = reg.TDESC_POPTS_IXSM.mask;
export const TXSM: number = reg.TDESC_POPTS_TXSM.mask;

export interface Context {
  readonly ip?: readonly [start: number, offset: number, end: number];
  readonly transport?: readonly [start: number, offset: number, end: number];
  readonly payloadBytes?: number;
  readonly headerBytes?: number;
  readonly segmentBytes?: number;
  readonly command?: number;
}
const NONE = [0, 0, 0] as const;

export function contextDescriptor(bench: Bench, index: number, context: Context): void {
  const { ip = NONE, transport = NONE, payloadBytes = 0, headerBytes = 0, segmentBytes = 0, command = 0 } = context;
  const at = TX_RING + index * reg.TDESC_SIZE_BYTES;
  const word = ([start, offset, end]: readonly [number, number, number]): number =>
    (start | (offset << 8) | (end << 16)) >>> 0;
  bench.view.setUint32(at, word(ip), true);
  bench.view.setUint32(at + 4, word(transport), true);
  bench.view.setUint32(at + 8, (payloadBytes | reg.TDESC_CMD_DEXT.mask | command) >>> 0, true);
  bench.view.setUint32(at + 12, ((headerBytes << 8) | (segmentBytes << 16)) >>> 0, true);
}
/** `upper` is the descriptor's last word: options and tag. */
export function dataDescriptor(bench: Bench, index: number, address: number, lower: number, upper = 0): void {
  bench.transmitDescriptor(index, address, 0, lower);
  bench.view.setUint32(TX_RING + index * reg.TDESC_SIZE_BYTES + 12, upper >>> 0, true);
}
/** Places `bytes` in memory. @returns their address. */
export function place(bench: Bench, bytes: ArrayLike<number>, address: number = BUFFERS): number {
  bench.ram.set(bytes, address);
  return address;
}
export const sentFrames = (bench: Bench): Uint8Array[] => bench.sent.map(({ frame }) => frame);
