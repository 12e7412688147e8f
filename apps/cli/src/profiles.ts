import { createProfile, type Profile } from '@bulkhead/costs';
import { invariant } from '@bulkhead/result';

/** @param name one that the command line's parser has let through. */
export function profileOf(name: string): Profile {
  const profile = createProfile(name);
  invariant(profile.ok, `no profile '${name}'`);
  return profile.value;
}
