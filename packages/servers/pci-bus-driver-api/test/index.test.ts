import { PEER_DIED, refusalName } from '@bulkhead/abi';
import { describe, expect, it } from 'vitest';
import * as api from '../src/index.ts';

describe('pci-bus', () => {
  it.each([
    [api.NOT_SUPERVISOR, 'not-supervisor'],
    [api.NO_SUCH_DEVICE, 'no-such-device'],
    [api.NOT_ALLOWED, 'not-allowed'],
    [api.HELD_BY_ANOTHER, 'held-by-another'],
    [api.NOT_HOLDER, 'not-holder'],
    [api.NO_SUCH_BAR, 'no-such-bar'],
    [api.NO_SUCH_VECTOR, 'no-such-vector'],
    [api.EXHAUSTED, 'exhausted'],
    [api.NOT_IOMMU_DRIVER, 'not-iommu-driver'],
    [api.NO_IO_SPACE, 'no-io-space'],
    [api.NO_SUCH_REGISTER, 'no-such-register'],
    [PEER_DIED, 'peer-died'],
  ])('names its refusals as its constants do: %i is %s', (refusal, name) => {
    expect(refusalName(api.pciBus, refusal)).toBe(name);
  });
  it('gives a right where a BAR or an interrupt is asked for, and nowhere else', () => {
    const giving = Object.entries(api.pciBus.calls).filter(([, { answers }]) => answers.includes('right'));
    expect(giving.map(([name, { answers }]) => [name, answers])).toEqual([
      ['bar', ['right']],
      ['interrupt', ['right']],
    ]);
  });
  it('takes words only: nobody can hand configuration space anything', () => {
    const kinds = Object.values(api.pciBus.calls).flatMap(({ args }) => args);
    expect([...new Set(kinds)]).toEqual(['word']);
  });
  it('has a nobody that is no requester ID of bus 0 and no small identity', () => {
    expect(api.NOBODY).toBe(0xffff);
  });
});
