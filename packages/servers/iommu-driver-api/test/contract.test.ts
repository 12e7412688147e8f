import { refusalName } from '@bulkhead/abi';
import { describe, expect, it } from 'vitest';
import { iommu, NO_SPACE, NOT_A_FRAME, NOT_MAPPED, NOT_OWNER, NOT_SUPERVISOR } from '../src/index.ts';

describe('The contract iommu', () => {
  it('names its refusals in the order of their checks', () => {
    const order = [NOT_SUPERVISOR, NOT_OWNER, NOT_A_FRAME, NO_SPACE, NOT_MAPPED];
    expect(order).toEqual([...order].sort((a, b) => b - a));
    const names = ['not-supervisor', 'not-owner', 'not-a-frame', 'no-space', 'not-mapped'];
    expect(order.map((refusal) => refusalName(iommu, refusal))).toEqual(names);
  });
  it('a frame crosses as a right, and nothing is said about it that the kernel knows', () => {
    expect(iommu.calls.map.args).toEqual(['word', 'right', 'word']);
  });
});
