/** A slow second opinion of translation, in bigint, read from the tables by absolute address. Shares no code. */
import type { Ram } from '@bulkhead/memory';

const u64 = (ram: Ram, address: bigint): bigint | null => {
  const at = address - BigInt(ram.basePage) * 4096n;
  if (at < 0n || at + 8n > BigInt(ram.bytes.length)) return null;
  return new DataView(ram.bytes.buffer).getBigUint64(Number(at), true);
};
const field = (word: bigint, high: number, low: number): bigint =>
  (word >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);

/** @returns the physical page, or minus the cause. */
export function referenceTranslate(ram: Ram, ddtp: bigint, device: number, ioPage: number, write: boolean): number {
  const mode = Number(field(ddtp, 3, 0));
  if (mode === 0) return -256;
  if (mode === 1) return ioPage;
  const id = BigInt(device);
  const ddi = [field(id, 6, 0), field(id, 15, 7), field(id, 23, 16)];
  if ((mode === 3 && ddi[2] !== 0n) || (mode === 2 && (ddi[2] !== 0n || ddi[1] !== 0n))) return -260;
  let a = field(ddtp, 53, 10) << 12n;
  for (let i = mode - 2; i > 0; i--) {
    const ddte = u64(ram, a + (ddi[i] ?? 0n) * 8n);
    if (ddte === null) return -257;
    if (field(ddte, 0, 0) === 0n) return -258;
    if (field(ddte, 9, 1) !== 0n || field(ddte, 63, 54) !== 0n) return -259;
    a = field(ddte, 53, 10) << 12n;
  }
  const dc = [0n, 8n, 16n, 24n].map((offset) => u64(ram, a + (ddi[0] ?? 0n) * 32n + offset));
  const [tc, iohgatp, ta, fsc] = dc;
  if (tc == null || iohgatp == null || ta == null || fsc == null) return -257;
  if ((tc & 1n) === 0n) return -258;
  const bits = (...list: number[]): boolean => list.some((b) => field(tc, b, b) === 1n);
  const pdtv = bits(5);
  if (bits(1, 2, 3, 6, 7, 8, 10, 11) || field(tc, 23, 12) !== 0n || field(tc, 63, 32) !== 0n) return -259;
  if (bits(9) && !pdtv) return -259;
  if (field(iohgatp, 63, 60) !== 0n) return -259;
  if (field(ta, 11, 0) !== 0n || field(ta, 63, 32) !== 0n || field(fsc, 59, 44) !== 0n) return -259;
  const stage = Number(field(fsc, 63, 60));
  if (stage === 0) return ioPage;
  if (stage !== 8 || pdtv) return -259;
  return sv39(ram, field(fsc, 43, 0), BigInt(ioPage), write);
}

function sv39(ram: Ram, root: bigint, ioPage: bigint, write: boolean): number {
  const pageFault = write ? -15 : -13;
  const address = BigInt.asUintN(64, ioPage << 12n);
  if (BigInt.asUintN(64, BigInt.asIntN(39, address)) !== address) return pageFault;
  let a = root << 12n;
  for (const i of [2, 1, 0]) {
    const pte = u64(ram, a + field(address, 20 + 9 * i, 12 + 9 * i) * 8n);
    if (pte === null) return write ? -7 : -5;
    const has = (b: number): boolean => field(pte, b, b) === 1n;
    if (!has(0) || (has(2) && !has(1)) || field(pte, 63, 54) !== 0n) return pageFault;
    const ppn = field(pte, 53, 10);
    if (!has(1) && !has(3)) {
      if (has(4) || has(6) || has(7)) return pageFault;
      a = ppn << 12n;
      continue;
    }
    if (!has(write ? 2 : 1) || !has(4) || !has(6) || (write && !has(7))) return pageFault;
    const low = (1n << BigInt(9 * i)) - 1n;
    if ((ppn & low) !== 0n) return pageFault;
    return Number(ppn | (field(address, 63, 12) & low));
  }
  return pageFault;
}
