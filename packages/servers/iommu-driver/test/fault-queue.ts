/** The IOMMU's side of the fault queue. */
import type { Bench } from './bench.ts';
import { PAGE_OF } from './fake-iommu.ts';

export const FQB = 40;
export const FQH = 48;
export const FQT = 52;
export const FQCSR = 76;
export const IPSR = 84;

/** Writes a record as the IOMMU does, by the physical page in `fqb`. */
export function report({ iommu }: Bench, device: number, cause: number, ioPage: number, type = 3): void {
  const tail = iommu.register(FQT);
  const virtual = PAGE_OF.get(iommu.register(FQB) >>> 10)!;
  iommu.store32(virtual, tail * 32, cause);
  iommu.store32(virtual, tail * 32 + 4, (device << 8) | (type << 2));
  iommu.store32(virtual, tail * 32 + 16, ioPage << 12);
  iommu.store32(virtual, tail * 32 + 20, Math.floor(ioPage / 0x100000));
  iommu.setRegister(FQT, (tail + 1) & 127);
  iommu.setRegister(IPSR, 2);
}
export const drain = ({ handlers }: Bench): void => void handlers.kernel.notified(0);
