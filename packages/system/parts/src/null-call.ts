/** One call that does nothing, between two components: what a wall costs, and nothing else. */
import { type CallSpec, type Contract, call, contract } from '@bulkhead/abi';
import type { Description } from '@bulkhead/assembler';
import { type ComponentDefinition, component, LEVELS } from '@bulkhead/runtime';

type Calls = { nothing: CallSpec<() => number> };
const nullService: Contract<{ calls: Calls }> = contract('null', { calls: { nothing: call([]) } });

/** Where the two stand: in one domain, the server in the kernel's, or each in its own. */
export type NullPlacement = 'direct' | 'system-call' | 'ipc';
export const NULL_PLACEMENTS: readonly NullPlacement[] = ['direct', 'system-call', 'ipc'];

export interface NullCallOptions {
  readonly placement: NullPlacement;
  /** The caller's script: it is handed the call. */
  readonly run: (nothing: () => number) => void;
}

/** Two components of one page of code and one of data each. CHOICE: the smallest footprint a handler can have. */
export function nullCall({ placement, run }: NullCallOptions): Description {
  const footprint = { codePages: 1, dataPages: 1 };
  const caller = component<{ readonly server: typeof nullService }, Record<never, never>, object>({
    name: 'caller',
    level: LEVELS.application,
    uses: { server: nullService },
    provides: {},
    footprint,
    heapPages: 1,
    work: [],
    config: {},
    create: (_context, ports) => ({ handlers: { server: {} }, start: () => run(() => ports.server.nothing()) }),
  });
  const callee = component<Record<never, never>, { readonly calls: typeof nullService }, object>({
    name: 'callee',
    level: LEVELS.netStack,
    uses: {},
    provides: { calls: nullService },
    footprint,
    heapPages: 1,
    work: [],
    config: {},
    create: () => ({ handlers: { calls: { nothing: () => 0 } } }),
  });
  const domains: Readonly<Record<NullPlacement, Description['domains']>> = {
    direct: { kernel: ['callee', 'caller'] },
    'system-call': { kernel: ['callee'], caller: ['caller'] },
    ipc: { kernel: [], callee: ['callee'], caller: ['caller'] },
  };
  return {
    name: `null call, ${placement}`,
    summary: 'two components and one call that does nothing',
    components: [caller, callee] as unknown as ComponentDefinition[],
    domains: domains[placement],
    connections: ['caller.server -> callee.calls'],
    authority: {},
    config: () => ({}),
    iommu: 'bare',
    supervised: [],
  };
}
