/**
 * What it costs to take memory from a device, and what the device may still reach: by a driver that maps and unmaps frames
 * while it lives, as one does that maps each frame for itself. Then the attack that lives on the difference.
 */
import type { Description } from '@bulkhead/assembler';
import { machineOf } from '@bulkhead/inspection';
import { DEVICE_READ, DEVICE_WRITE } from '@bulkhead/iommu-driver-api';
import { invariant } from '@bulkhead/result';
import { type AttemptOptions, attempt } from './attack.ts';
import { freed } from './dma.ts';
import { type Hands, Turncoat } from './turncoat.ts';
import type { Verdict } from './verdict.ts';

/** As many as the IOMMU driver lets wait, where nobody says otherwise: each round is one batch. */
const ROUND_PAGES = 32;
const ROUNDS = 8;
/** Longer than a batch waits, where nobody says otherwise. */
const WINDOW_NS = 4_000_000;

/** Counts and measures are the IOMMU driver's own. */
export interface Exposure {
  readonly invalidation: 'strict' | 'deferred';
  /** How many pages were unmapped, one call each. */
  readonly unmaps: number;
  /** From the call to its answer, on the average; whatever else ran meanwhile is in it. */
  readonly cyclesAnUnmap: number;
  /** Pages that were reached after the answer. */
  readonly exposedPages: number;
  readonly exposedAtOnce: number;
  readonly exposedLongestUs: number;
  /** In how many batches they were invalidated. */
  readonly batches: number;
  /** A write to a page that was given back: as soon as `unmap` was answered. */
  readonly atOnce: Verdict;
  /** The same write when every batch is told. */
  readonly later: Verdict;
}

/** @throws TypeError as `attempt`. */
export function exposureOf(
  description: Description,
  invalidation: Exposure['invalidation'],
  options: AttemptOptions = {},
): Exposure {
  const chosen: Description = { ...description, invalidation };
  const turncoat = new Turncoat(chosen, options);
  const cycles = releaseInRounds(turncoat);
  releaseOne(turncoat);
  const driver = machineOf(turncoat.system).iommu.driver;
  invariant(driver !== null, 'attacks: every system has an IOMMU driver');
  const { exposedPages, exposedAtOnce, exposedLongestUs, batches } = driver;
  return {
    invalidation,
    unmaps: ROUNDS * ROUND_PAGES + 1,
    cyclesAnUnmap: cycles / (ROUNDS * ROUND_PAGES),
    exposedPages,
    exposedAtOnce,
    exposedLongestUs,
    batches,
    atOnce: attempt(chosen, freed(0), options),
    later: attempt(chosen, freed(WINDOW_NS), options),
  };
}

/** @returns the cycles of all calls of `unmap`. */
function releaseInRounds(turncoat: Turncoat): number {
  const { clock } = turncoat.system;
  let cycles = 0;
  for (let round = 0; round < ROUNDS; round++) {
    turncoat.order((hands) => {
      const pages = Array.from({ length: ROUND_PAGES }, () => map(turncoat, hands));
      const before = clock.now;
      for (const page of pages) unmap(turncoat, hands, page);
      cycles += clock.now - before;
    });
  }
  return cycles;
}
/** Nobody asks for anything after it: the IOMMU is told when the alarm comes. */
function releaseOne(turncoat: Turncoat): void {
  turncoat.order((hands) => unmap(turncoat, hands, map(turncoat, hands)));
  turncoat.run(WINDOW_NS);
}

/** A frame of the driver's own, once more. @returns its IO page. */
function map({ card, device }: Turncoat, { context, ports }: Hands): number {
  const page = ports['iommu']!['map']!(device, context.region(card.region).frame, DEVICE_READ | DEVICE_WRITE);
  invariant(page >= 0, 'attacks: a driver may map its own frame for its own device');
  return page;
}
function unmap({ device }: Turncoat, { ports }: Hands, page: number): void {
  const answer = ports['iommu']!['unmap']!(device, page);
  invariant(answer === 0, 'attacks: a driver may unmap what it mapped');
}
