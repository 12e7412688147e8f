/** Who is told of which interrupt: the kernel's table, the interrupt file, and the devices whose messages end there. */
import type { System } from '@bulkhead/assembler';
import { IMSIC_PAGE } from '@bulkhead/board';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { ioSpaceOf } from './io-space.ts';
import { functionsOf } from './pci-functions.ts';

export interface InterruptRoute {
  readonly identity: number;
  /** Who raises it, as far as programmed messages tell: a function's vector, the IOMMU's; empty when nobody does. */
  readonly sources: readonly string[];
  /** Whether somebody holds its handler. */
  readonly issued: boolean;
  /** Who is told, and by which of its tokens; null while it is not bound. */
  readonly component: string | null;
  readonly domain: string | null;
  readonly token: number;
  readonly enabled: boolean;
  readonly pending: boolean;
}

const PAGE_BYTES = 4096;

/** @returns the identities that are issued, or to which a device's message is addressed, in rising order. */
export function interruptRoutesOf(system: System): InterruptRoute[] {
  const { interrupts, seats } = system.kernel;
  const { interruptFile } = system.board;
  const sources = sourcesOf(system);
  const routes: InterruptRoute[] = [];
  for (let identity = 1; identity <= interrupts.identities; identity++) {
    const issued = interrupts.isIssued(identity);
    const raisedBy = sources.get(identity) ?? [];
    if (!issued && raisedBy.length === 0) continue;
    const seat = seats[interrupts.componentOf(identity)];
    routes.push({
      identity,
      sources: raisedBy,
      issued,
      component: seat?.name ?? null,
      domain: seat?.domain.name ?? null,
      token: seat === undefined ? 0 : interrupts.tokenOf(identity),
      enabled: interruptFile.isEnabled(identity),
      pending: interruptFile.isPending(identity),
    });
  }
  return routes;
}

/** Vectors whose message goes to the interrupt file, by the identity that arrives there. */
function sourcesOf(system: System): Map<number, string[]> {
  const sources = new Map<number, string[]>();
  const add = (address: number, identity: number, name: string): void => {
    if (Math.floor(address / PAGE_BYTES) !== IMSIC_PAGE) return;
    const known = sources.get(identity);
    if (known === undefined) sources.set(identity, [name]);
    else known.push(name);
  };
  for (const { name, msix, requesterId } of functionsOf(system)) {
    if (msix === null || !msix.enabled) continue;
    const { messages } = ioSpaceOf(system, requesterId);
    for (const { vector, masked, address, data } of msix.vectors) {
      if (masked) continue;
      const route = messages.find(({ ioPage }) => ioPage === Math.floor(address / PAGE_BYTES));
      const target = route === undefined ? address : route.page * PAGE_BYTES;
      add(target, route?.identity ?? data, `${name} vector ${vector}`);
    }
  }
  for (const { vector, address, data } of iommuVectorsOf(system)) add(address, data, `IOMMU vector ${vector}`);
  return sources;
}

interface IommuVector {
  readonly vector: number;
  readonly address: number;
  readonly data: number;
}

/** RISC-V IOMMU 1.0 §5.28 "MSI configuration table (msi_cfg_tbl)". Vectors that are not programmed are left out. */
export function iommuVectorsOf({ board }: System): IommuVector[] {
  const vectors: IommuVector[] = [];
  for (let vector = 0; vector < reg.MSI_ENTRIES; vector++) {
    const entry = reg.MSI_CFG_TBL + vector * reg.MSI_ENTRY_SIZE_BYTES;
    const word = (offset: number): number => board.iommu.read(entry + offset, 4);
    const address = word(reg.MSI_ADDR + 4) * 0x1_0000_0000 + word(reg.MSI_ADDR);
    if (address !== 0) vectors.push({ vector, address, data: word(reg.MSI_DATA) });
  }
  return vectors;
}
