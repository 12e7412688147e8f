/** What labels are called. Where a package also exports numbers that are none, the labels of slots win. */
import { labels as spaceLabels } from '@bulkhead/address-space';
import { labels as slotLabels } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import { labels as ioLabels } from '@bulkhead/io-spaces';
import { labels } from '../../src/index.ts';

export const LABELS: ReadonlyMap<number, string> = new Map(
  [spaceLabels, irqLabels, ioLabels, labels, slotLabels].flatMap((all) =>
    Object.entries(all).map(([name, value]) => [value as number, name] as const),
  ),
);
