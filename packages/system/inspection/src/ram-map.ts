/** Physical RAM by owner and use: every byte once. Like objects side by side are one region. */
import type { System } from '@bulkhead/assembler';
import { objects } from '@bulkhead/capabilities';
import type { Capability } from './capability.ts';
import { flatten, type Stretch } from './intervals.ts';
import { KERNEL_CORE, type Reservation, reservationsOf } from './owners.ts';
import { describePurpose, type Purpose, UNKNOWN } from './purposes.ts';

/**
 * Objects by their type, and: `core`, what the kernel's core keeps without making anything of it; `lost`, what alignment
 * or a deleted object took from an untyped, until all of it is taken back; `free`, what it still gives; `unpromised`.
 */
export type RamUse =
  | 'root-slot'
  | 'interrupt-table'
  | 'core'
  | 'cnode'
  | 'tcb'
  | 'endpoint'
  | 'notification'
  | 'reply'
  | 'page-table'
  | 'frame'
  | 'lost'
  | 'free'
  | 'unpromised';

/** Where a region is seen: its first page there, and what may be done. */
export interface View {
  readonly kind: 'domain' | 'device';
  readonly name: string;
  /** A virtual page, or one that the device issues. */
  readonly page: number;
  /** `rwx`, with `-` for what is not allowed. */
  readonly access: string;
}
export interface RamRegion extends Stretch {
  readonly owner: string | null;
  readonly use: RamUse;
  /** How many objects, of which size each. */
  readonly count: number;
  readonly unitBytes: number;
  /** Of frames; null for everything else. */
  readonly purpose: Purpose | null;
  /** The same in words. */
  readonly what: string;
  /** Who has mapped it. The kernel's domain, which sees all of RAM, is not listed. */
  readonly views: readonly View[];
  /** Two domains or more have it: those that mapped it, and the kernel's where it is made of its memory. */
  readonly shared: boolean;
}

const PAGE_BYTES = 4096;
const SLOT_BYTES = 32;
const WORD_BYTES = 4;

const USES: Readonly<Record<string, RamUse>> = {
  [objects.NAMES[objects.CNODE]!]: 'cnode',
  [objects.NAMES[objects.TCB]!]: 'tcb',
  [objects.NAMES[objects.ENDPOINT]!]: 'endpoint',
  [objects.NAMES[objects.NOTIFICATION]!]: 'notification',
  [objects.NAMES[objects.REPLY]!]: 'reply',
  [objects.NAMES[objects.PAGE_TABLE]!]: 'page-table',
  [objects.NAMES[objects.FRAME]!]: 'frame',
};
const WHAT: Readonly<Record<RamUse, string>> = {
  'root-slot': 'root slot',
  'interrupt-table': 'interrupt table',
  core: 'unused by the kernel core',
  cnode: 'CNode',
  tcb: 'TCB',
  endpoint: 'endpoint',
  notification: 'notification',
  reply: 'reply object',
  'page-table': 'page table',
  frame: 'frame',
  lost: 'lost to alignment, or deleted',
  free: 'free',
  unpromised: 'promised to nobody',
};

interface Use extends Stretch {
  readonly owner: string | null;
  readonly use: RamUse;
}

/** @param viewsOf who sees the frame that starts at a physical page and has so many. */
export function ramMapOf(
  system: System,
  all: readonly Capability[],
  purposes: ReadonlyMap<number, Purpose>,
  viewsOf: (page: number, count: number) => readonly View[],
): RamRegion[] {
  const kernels = new Set(system.kernel.domains.filter(({ isKernel }) => isKernel).map(({ name }) => name));
  const pieces = flatten([...coreOf(system), ...untypedOf(system, all), ...objectsOf(all)]);
  const regions: RamRegion[] = [];
  for (const { of, address, lenBytes } of pieces) {
    const views = of.use === 'frame' ? viewsOf(address / PAGE_BYTES, lenBytes / PAGE_BYTES) : [];
    const region = regionOf(of, { address, lenBytes }, purposes, views, kernels);
    const last = regions.at(-1);
    if (last !== undefined && continues(last, region))
      regions[regions.length - 1] = { ...last, count: last.count + 1, lenBytes: last.lenBytes + lenBytes };
    else regions.push(region);
  }
  return regions;
}

/** What is there without a capability to it. */
function coreOf({ board, kernel }: System): Use[] {
  const { kernelMemory, interrupts, capabilities } = kernel;
  const base = board.ram.basePage * PAGE_BYTES;
  const boot = capabilities.pageOf(kernelMemory.bootUntyped) * PAGE_BYTES;
  const core = (use: RamUse, address: number, lenBytes: number): Use => ({
    owner: KERNEL_CORE,
    use,
    address,
    lenBytes,
  });
  return [
    { owner: null, use: 'unpromised', address: base, lenBytes: board.ram.pageCount * PAGE_BYTES },
    core('core', base, boot - base),
    core('root-slot', base + kernelMemory.rootSlot * WORD_BYTES, SLOT_BYTES),
    core('page-table', kernelMemory.rootTablePage * PAGE_BYTES, PAGE_BYTES),
    core('interrupt-table', base + kernelMemory.interruptTableWord * WORD_BYTES, interrupts.wordCount * WORD_BYTES),
  ];
}
/** Each untyped is what it gave, and what it still gives. */
function untypedOf(system: System, all: readonly Capability[]): Use[] {
  const { capabilities } = system.kernel;
  const reservations: readonly Reservation[] = reservationsOf(system);
  return all.flatMap(({ type, device, slot, address, lenBytes, owner }) => {
    if (type !== objects.NAMES[objects.UNTYPED] || device || address === null) return [];
    const holder = reservations.find((reservation) => reservation.slot === slot)?.owner ?? owner;
    const freeBytes = capabilities.freeBytesOf(slot);
    const used = lenBytes - freeBytes;
    const uses: Use[] = [
      { owner: holder, use: 'lost', address, lenBytes: used },
      { owner: holder, use: 'free', address: address + used, lenBytes: freeBytes },
    ];
    return uses.filter((use) => use.lenBytes > 0);
  });
}
/** Each object once, however many capabilities name it. */
function objectsOf(all: readonly Capability[]): Use[] {
  const objectsAt = new Map<string, Use>();
  for (const { type, device, address, lenBytes, owner } of all) {
    const use = USES[type];
    if (use !== undefined && !device && address !== null)
      objectsAt.set(`${type} ${address}`, { owner, use, address, lenBytes });
  }
  return [...objectsAt.values()];
}

function regionOf(
  { owner, use }: Use,
  { address, lenBytes }: Stretch,
  purposes: ReadonlyMap<number, Purpose>,
  views: readonly View[],
  kernels: ReadonlySet<string>,
): RamRegion {
  const purpose = use === 'frame' ? (purposes.get(address / PAGE_BYTES) ?? UNKNOWN) : null;
  const domains = new Set(views.filter(({ kind }) => kind === 'domain').map(({ name }) => name));
  if (owner !== null && kernels.has(owner)) domains.add(owner);
  const what = purpose === null ? WHAT[use] : describePurpose(purpose);
  return {
    address,
    lenBytes,
    owner,
    use,
    count: 1,
    unitBytes: lenBytes,
    purpose,
    what,
    views,
    shared: domains.size > 1,
  };
}

/** @returns whether one more object of the same kind, seen by the same in the same order, follows. */
function continues(region: RamRegion, next: RamRegion): boolean {
  const alike =
    region.use === next.use &&
    region.owner === next.owner &&
    region.unitBytes === next.unitBytes &&
    region.what === next.what &&
    region.views.length === next.views.length;
  if (!alike) return false;
  const distance = region.lenBytes / PAGE_BYTES;
  return region.views.every(({ kind, name, page, access }, i) => {
    const view = next.views[i]!;
    return view.kind === kind && view.name === name && view.access === access && view.page === page + distance;
  });
}
