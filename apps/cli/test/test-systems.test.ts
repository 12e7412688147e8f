import type { Description } from '@bulkhead/assembler';
import * as shapes from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import { loadSystem } from '../src/systems.ts';

/** As data: every description makes functions of its own. */
const dataOf = ({ name, summary, ...description }: Description): unknown => JSON.parse(JSON.stringify(description));

describe('the systems on which packages are tested', () => {
  it.each([
    ['monolithic', shapes.monolithic],
    ['hybrid', shapes.hybrid],
    ['multiserver', shapes.multiserver],
    ['multiserver-async', shapes.multiserverRings],
    ['exokernel', shapes.exokernel],
    ['monolithic-iommu', shapes.monolithicIommu],
    ['exokernel-two', shapes.exokernelTwo],
  ])('have the walls of %s, and differ from it in their words only', async (name, shape) => {
    expect(dataOf(shape)).toEqual(dataOf(await loadSystem(name)));
  });
});
