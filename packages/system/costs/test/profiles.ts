import { createProfile, type Profile } from '../src/index.ts';

/** The profile of that name, for tests that know that it is there. */
export function profileOf(name: string): Profile {
  const made = createProfile(name);
  if (!made.ok) throw new Error(`${made.error}: ${name}`);
  return made.value;
}
