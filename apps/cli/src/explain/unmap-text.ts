/** What `explain unmap` prints for people. */
import type { Exposure, Verdict } from '@bulkhead/attacks';
import { table, tenths, whole } from '../output/table.ts';
import type { UnmapExplanation } from './unmap.ts';

export function unmapText({
  system,
  summary,
  iommu,
  profile,
  strict,
  deferred,
  savedCyclesAnUnmap,
}: UnmapExplanation): string {
  const row = (what: string, of: (exposure: Exposure) => number): string[] => [
    what,
    whole(of(strict)),
    whole(of(deferred)),
  ];
  const rows = [
    ['cycles an unmap', tenths(strict.cyclesAnUnmap), tenths(deferred.cyclesAnUnmap)],
    ['  saved', '', tenths(savedCyclesAnUnmap)],
    row('pages whose invalidation waited', ({ exposedPages }) => exposedPages),
    row('  at once, at most', ({ exposedAtOnce }) => exposedAtOnce),
    row('  the longest, µs: the window', ({ exposedLongestUs }) => exposedLongestUs),
    row('  batches in which the IOMMU is told of them', ({ batches }) => batches),
  ];
  const meaning =
    iommu === 'translating'
      ? 'A page whose invalidation waits is given back already, and the device may still reach it.'
      : 'The IOMMU translates nothing here: there is nothing to invalidate, and the device reaches everything, mapped or not.';
  return [
    `How a device loses memory that was mapped for it in ${system}, under strict and under deferred invalidation`,
    `${system}: ${summary}`,
    `Its NIC driver maps and unmaps ${whole(strict.unmaps)} frames while it lives; the IOMMU driver counts. Profile ${profile}.`,
    '',
    table(['invalidation', 'strict', 'deferred'], rows),
    meaning,
    '',
    'dma-freed: the driver gives a page back, and has its device write there all the same',
    table(['', ''], [...attackRows(strict), ...attackRows(deferred)], false).replace(/^\n/, ''),
    '',
  ].join('\n');
}

const attackRows = ({ invalidation, atOnce, later }: Exposure): string[][] => [
  [`  ${invalidation}, as soon as the unmap is answered`, outcomeOf(atOnce)],
  [`  ${invalidation}, when the window is over`, outcomeOf(later)],
];
/** Addresses of the upper half are negative. */
const addressText = (address: number | null): string =>
  address === null ? '' : ` at 0x${BigInt.asUintN(64, BigInt(address)).toString(16)}`;

function outcomeOf({ damage, wall, reports }: Verdict): string {
  if (damage !== null) return `DAMAGE: ${damage}`;
  const told = reports.find(({ device }) => device !== null);
  return told === undefined
    ? `stopped by: ${wall}`
    : `stopped by: ${wall} (${told.device}${addressText(told.address)}, ${told.cause})`;
}
