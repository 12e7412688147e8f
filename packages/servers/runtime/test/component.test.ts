import { type CallSpec, type Contract, call, contract } from '@bulkhead/abi';
import { describe, expect, it } from 'vitest';
import { type ComponentDefinition, component, LEVELS } from '../src/index.ts';

const adder: Contract<{ calls: { add: CallSpec<(a: number, b: number) => number> } }> = contract('adder', {
  calls: { add: call(['word', 'word']) },
});
type Provides = { readonly sum: typeof adder };
const definition: ComponentDefinition<Record<never, never>, Provides, { offset: number }> = {
  name: 'adder',
  level: LEVELS.application,
  uses: {},
  provides: { sum: adder },
  footprint: { codePages: 1, dataPages: 1 },
  heapPages: 1,
  work: [],
  config: { offset: 0 },
  create: (context) => ({ handlers: { sum: { add: (_from, a, b) => a + b + context.config.offset } } }),
};

describe('component', () => {
  it('is the definition itself', () => {
    expect(component(definition)).toBe(definition);
  });
});

describe('LEVELS', () => {
  it('rise from applications to the kernel, so that calls go upward', () => {
    const order = [
      LEVELS.application,
      LEVELS.netStack,
      LEVELS.nicDriver,
      LEVELS.supervisor,
      LEVELS.iommuDriver,
      LEVELS.pciBusDriver,
      LEVELS.kernel,
    ];
    expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
    expect(Object.keys(LEVELS)).toHaveLength(order.length);
  });
});
