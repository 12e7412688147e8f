/** One web service in two shapes, as the descriptions of the apps have it. */
import type { Description } from '@bulkhead/assembler';
import { monolithic, multiserver } from '@bulkhead/test-systems';

export const SYSTEMS: readonly Description[] = [monolithic, multiserver];
export const byName = (name: string): Description => SYSTEMS.find((description) => description.name === name)!;
