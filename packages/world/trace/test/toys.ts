/** Three components that call upward, and casts that come back down. */
import { type CallSpec, type CastSpec, type Contract, call, cast, contract } from '@bulkhead/abi';
import type { Description } from '@bulkhead/assembler';
import { component } from '@bulkhead/runtime';

type Calls = { ask: CallSpec<(value: number) => number> };
type Events = { told: CastSpec<(value: number) => void> };
const asking: Contract<{ calls: Calls; events: Events }> = contract('asking', {
  calls: { ask: call(['word']) },
  events: { told: cast(['word']) },
});
const plain = { provides: {}, uses: {}, footprint: { codePages: 1, dataPages: 1 }, heapPages: 1, work: [], config: {} };

/** What `low` was told. */
export const told: number[] = [];

const low = component({
  ...plain,
  name: 'low',
  level: 10,
  uses: { above: asking },
  create: (_context, ports) => ({
    handlers: { above: { told: (value: number) => void told.push(value) } },
    start: () => {
      ports.above.ask(1);
      ports.above.ask(2);
    },
  }),
});
const mid = component({
  ...plain,
  name: 'mid',
  level: 20,
  uses: { above: asking },
  provides: { asking },
  create: (_context, ports) => ({
    handlers: {
      above: { told: () => {} },
      asking: {
        ask: (from: number, value: number) => {
          ports.above.ask(value);
          ports.asking.told(from, value);
          return value;
        },
      },
    },
  }),
});
const high = component({
  ...plain,
  name: 'high',
  level: 30,
  provides: { asking },
  create: () => ({ handlers: { asking: { ask: (_from: number, value: number) => value } } }),
});

export const apart: Description = {
  name: 'toys',
  summary: 'three that call upward',
  components: [low, mid, high],
  domains: { kernel: [], low: ['low'], mid: ['mid'], high: ['high'] },
  connections: ['low.above -> mid.asking', 'mid.above -> high.asking'],
  authority: {},
  config: () => ({}),
  iommu: 'bare',
  supervised: [],
};
export const together: Description = { ...apart, domains: { kernel: ['low', 'mid', 'high'] } };
