/** What is known of a death. */
export interface Fault {
  readonly component: string;
  readonly domain: string;
  readonly cause: number;
  readonly message: string;
  readonly atCycles: number;
}

/** The whole 64-bit address, in two halves. */
export function hex(page: number, offset: number): string {
  const address = page * 4096 + offset;
  const high = Math.floor(address / 0x1_0000_0000) >>> 0;
  const low = (address >>> 0).toString(16);
  return high === 0 ? `0x${low}` : `0x${high.toString(16)}${low.padStart(8, '0')}`;
}
