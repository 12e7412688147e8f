/** What it costs to take memory from a device, strict against deferred, and what the device may reach meanwhile. */
import type { Description } from '@bulkhead/assembler';
import { type Exposure, exposureOf } from '@bulkhead/attacks';
import type { Profile } from '@bulkhead/costs';
import { withNic } from '@bulkhead/parts';
import { UsageError } from '../errors.ts';

export interface UnmapExplanation {
  readonly operation: 'unmap';
  readonly system: string;
  readonly summary: string;
  readonly iommu: Description['iommu'];
  readonly profile: string;
  readonly strict: Exposure;
  readonly deferred: Exposure;
  readonly savedCyclesAnUnmap: number;
}
export interface UnmapOptions {
  readonly profile: Profile;
  /** @defaultValue 1 */
  readonly seed?: number;
}

/** @throws UsageError when the system has no driver that could map and unmap. */
export function checkDriver(description: Description): void {
  const known = withNic(description, 'intel-82574');
  if (!known.ok) throw new UsageError(known.error);
}

/** The description has passed `checkDriver`. */
export function explainUnmap(description: Description, options: UnmapOptions): UnmapExplanation {
  const strict = exposureOf(description, 'strict', options);
  const deferred = exposureOf(description, 'deferred', options);
  return {
    operation: 'unmap',
    system: description.name,
    summary: description.summary,
    iommu: description.iommu,
    profile: options.profile.name,
    strict,
    deferred,
    savedCyclesAnUnmap: strict.cyclesAnUnmap - deferred.cyclesAnUnmap,
  };
}
