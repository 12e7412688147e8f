/** The memory of a moment: physical RAM by owner and use, each domain's virtual map, each device's IO map. */
import type { System } from '@bulkhead/assembler';
import { type Capability, capabilitiesOf } from './capability.ts';
import { derivationsOf } from './derivation.ts';
import { deviceRangesOf } from './device-memory.ts';
import { flatten, type Stretch } from './intervals.ts';
import { type DmaReach, directoryPageOf, ioSpaceOf } from './io-space.ts';
import type { MessageRoute } from './message-routes.ts';
import type { PageRun } from './page-runs.ts';
import { functionsOf } from './pci-functions.ts';
import { purposesOf } from './purposes.ts';
import { type RamRegion, type RamUse, ramMapOf, type View } from './ram-map.ts';
import { runsOf, spaceRoot } from './reach.ts';

/** Consecutive pages to consecutive physical pages, all of one thing. */
export interface MapRun {
  /** As the program or device issues it; negative in the upper half of an address space. */
  readonly page: number;
  readonly count: number;
  readonly physicalPage: number;
  /** `rwx`, with `-` for what is not allowed. */
  readonly access: string;
  readonly what: string;
  /** Whose memory it is; null for a device's. */
  readonly owner: string | null;
}
export interface AddressSpace {
  readonly domain: string;
  readonly alive: boolean;
  readonly asid: number;
  /** Physical page of the root table; 0 while there is no address space. */
  readonly rootPage: number;
  readonly runs: readonly MapRun[];
}
export interface DeviceSpace {
  readonly device: string;
  readonly busMaster: boolean;
  readonly reach: DmaReach;
  /** Only where the reach is `mapped`. */
  readonly runs: readonly MapRun[];
}
export interface MemorySnapshot {
  readonly system: string;
  readonly atCycles: number;
  /** Bytes of RAM by use, and in all. */
  readonly bytesByUse: Readonly<Partial<Record<RamUse, number>>>;
  readonly ramBytes: number;
  /** RAM in rising order, every byte once. */
  readonly ram: readonly RamRegion[];
  readonly domains: readonly AddressSpace[];
  readonly devices: readonly DeviceSpace[];
  /** Physical page of the IOMMU's device directory; 0 while it translates nothing. */
  readonly directoryPage: number;
}

const PAGE_BYTES = 4096;

/** Reads everything; changes and charges nothing. */
export function memoryOf(system: System): MemorySnapshot {
  const all = capabilitiesOf(system);
  const ram = ramOf(system, all);
  const things = thingsOf(system, ram);
  const bytesByUse: Partial<Record<RamUse, number>> = {};
  for (const { use, lenBytes } of ram) bytesByUse[use] = (bytesByUse[use] ?? 0) + lenBytes;
  return {
    system: system.description.name,
    atCycles: system.clock.now,
    bytesByUse,
    ramBytes: system.board.ram.pageCount * PAGE_BYTES,
    ram,
    domains: system.kernel.domains.map((domain) => spaceOf(system, domain, things)),
    devices: functionsOf(system).map(({ name, requesterId, busMaster }) => {
      const { reach, runs, messages } = ioSpaceOf(system, requesterId);
      const memory = runs.flatMap((run) => splitBy(things, run));
      const all = [...memory, ...messages.map(messageRun)].sort((a, b) => a.page - b.page);
      return { device: name, busMaster, reach, runs: all };
    }),
    directoryPage: directoryPageOf(system),
  };
}

type Domain = System['kernel']['domains'][number];

function ramOf(system: System, all: readonly Capability[]): RamRegion[] {
  const viewers: readonly Viewer[] = [
    ...system.kernel.domains
      .filter(({ isKernel }) => !isKernel)
      .map((domain) => ({ kind: 'domain' as const, name: domain.name, runs: runsOf(system, domain) })),
    ...functionsOf(system).map(({ name, requesterId }) => ({
      kind: 'device' as const,
      name,
      runs: ioSpaceOf(system, requesterId).runs,
    })),
  ];
  const purposes = purposesOf(system, all, derivationsOf(system, all));
  return ramMapOf(system, all, purposes, (page, count) => viewers.flatMap((viewer) => viewsBy(viewer, page, count)));
}

interface Viewer {
  readonly kind: View['kind'];
  readonly name: string;
  readonly runs: readonly PageRun[];
}
/** The runs that show any page of a frame, each by the first page of it that it shows. */
const viewsBy = ({ kind, name, runs }: Viewer, page: number, count: number): View[] =>
  runs
    .filter((run) => run.physicalPage < page + count && run.physicalPage + run.count > page)
    .map((run) => ({
      kind,
      name,
      page: run.page + Math.max(0, page - run.physicalPage),
      access: accessText(run),
    }));

/** What stands at each physical address, in one word or a few: `of` names it, pieces do not overlap. */
interface Thing extends Stretch {
  readonly what: string;
  readonly owner: string | null;
}
function thingsOf(system: System, ram: readonly RamRegion[]): readonly Thing[] {
  const named = [...deviceRangesOf(system).map((range) => ({ ...range, owner: null })), ...ram];
  return flatten<Thing>(named).map(({ of, address, lenBytes }) => ({
    what: of.what,
    owner: of.owner,
    address,
    lenBytes,
  }));
}

function spaceOf(system: System, domain: Domain, things: readonly Thing[]): AddressSpace {
  const { name, isKernel, alive, asid } = domain;
  const rootPage = isKernel ? system.kernel.kernelMemory.rootTablePage : spaceRoot(system.kernel, domain);
  const runs = runsOf(system, domain);
  return {
    domain: name,
    alive: isKernel ? system.panic === null : alive,
    asid,
    rootPage,
    // The kernel's own map is all of physical memory at one distance: what is in it stands under `ram`.
    runs: isKernel ? runs.map(directMap) : runs.flatMap((run) => splitBy(things, run)),
  };
}
const directMap = (run: PageRun): MapRun => ({
  page: run.page,
  count: run.count,
  physicalPage: run.physicalPage,
  access: accessText(run),
  what: 'direct map of physical memory',
  owner: null,
});

/** A page whose writes the IOMMU turns into one interrupt. */
const messageRun = ({ ioPage, page, identity }: MessageRoute): MapRun => ({
  page: ioPage,
  count: 1,
  physicalPage: page,
  access: '-w-',
  what: identity === null ? 'interrupt file' : `interrupt ${identity}`,
  owner: null,
});

/** Cuts a run where what stands behind it changes. */
function splitBy(things: readonly Thing[], run: PageRun): MapRun[] {
  const access = accessText(run);
  const pieces: {
    page: number;
    count: number;
    physicalPage: number;
    access: string;
    what: string;
    owner: string | null;
  }[] = [];
  const end = run.physicalPage + run.count;
  for (let physicalPage = run.physicalPage; physicalPage < end; ) {
    const address = physicalPage * PAGE_BYTES;
    const thing = things.find((one) => address >= one.address && address < one.address + one.lenBytes);
    const next = thing === undefined ? end : Math.min(end, Math.ceil((thing.address + thing.lenBytes) / PAGE_BYTES));
    const count = next - physicalPage;
    const page = run.page + physicalPage - run.physicalPage;
    const what = thing?.what ?? 'nothing';
    const owner = thing?.owner ?? null;
    const last = pieces.at(-1);
    if (last?.what === what && last.owner === owner) last.count += count;
    else pieces.push({ page, count, physicalPage, access, what, owner });
    physicalPage = next;
  }
  return pieces;
}

const accessText = ({ read, write, execute }: PageRun): string =>
  `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;
