import { describe, expect, it } from 'vitest';
import {
  contract,
  FIRST_OWN_REFUSAL,
  kernel,
  NO_SUCH_RIGHT,
  PEER_DIED,
  QUEUE_FULL,
  refusalName,
} from '../src/index.ts';

const sample = contract('sample', { refusals: ['first', 'second'] });

describe('refusals', () => {
  it('are negative, and those that every contract knows have one meaning', () => {
    expect([PEER_DIED, QUEUE_FULL, NO_SUCH_RIGHT].map((refusal) => refusalName(sample, refusal))).toEqual([
      'peer-died',
      'queue-full',
      'no-such-right',
    ]);
    expect(Math.max(PEER_DIED, QUEUE_FULL, NO_SUCH_RIGHT)).toBeLessThan(0);
  });
  it('are numbered by a contract in the order of its checks', () => {
    expect(refusalName(sample, FIRST_OWN_REFUSAL)).toBe('first');
    expect(refusalName(sample, FIRST_OWN_REFUSAL - 1)).toBe('second');
  });
  it.each([-4, FIRST_OWN_REFUSAL - 2, FIRST_OWN_REFUSAL + 1])('show their number when nobody named them: %i', (n) => {
    expect(refusalName(sample, n)).toBe(`refusal ${n}`);
  });
});

describe('the kernel’s contract', () => {
  it.each([
    [kernel.INVALID_CAPABILITY, 'invalid-capability'],
    [kernel.INVALID_ARGUMENT, 'invalid-argument'],
    [kernel.ILLEGAL_OPERATION, 'illegal-operation'],
    [kernel.RANGE_ERROR, 'range-error'],
    [kernel.REVOKE_FIRST, 'revoke-first'],
    [kernel.NOT_ENOUGH_MEMORY, 'not-enough-memory'],
    [kernel.NO_FREE_SLOT, 'no-free-slot'],
  ])('names its refusals as its constants do: %i is %s', (refusal, name) => {
    expect(refusalName(kernel.contractOfKernel, refusal)).toBe(name);
  });
  it('has calls, one event and no casts: what a user asks of a kernel is answered', () => {
    expect(Object.keys(kernel.contractOfKernel.casts)).toEqual([]);
    expect(Object.keys(kernel.contractOfKernel.events)).toEqual(['notified']);
  });
});
