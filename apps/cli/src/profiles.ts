import { createProfile, type Profile, profileNames } from '@bulkhead/costs';
import { UsageError } from './errors.ts';

/** @throws UsageError when there is no such profile. */
export function profileOf(name: string): Profile {
  const profile = createProfile(name);
  if (!profile.ok) throw new UsageError(`no profile '${name}': use one of ${profileNames.join(', ')}`);
  return profile.value;
}
