/** The definition: what a system is told about the network stack. */
import { kernel } from '@bulkhead/abi';
import { sockets } from '@bulkhead/net-stack-api';
import { netDevice } from '@bulkhead/nic-driver-api';
import { type ComponentDefinition, component, LEVELS } from '@bulkhead/runtime';
import { ACCEPTS, DEFAULT_CONFIG, type NetStackConfig } from './config.ts';
import { NetStack } from './net-stack.ts';

type Uses = { readonly device: typeof netDevice; readonly kernel: typeof kernel.contractOfKernel };
type Provides = { readonly sockets: typeof sockets };

/** Tables for MAX_CONNECTIONS and the descriptors of the pool. */
export const HEAP_PAGES = 80;

export const netStack: ComponentDefinition<Uses, Provides, NetStackConfig> = component({
  name: 'net-stack',
  level: LEVELS.netStack,
  uses: { device: netDevice, kernel: kernel.contractOfKernel },
  provides: { sockets },
  /** CHOICE: what one segment's way through the stack touches, by our own layout; code by the size of a small C stack. */
  footprint: { codePages: 8, dataPages: 4 },
  heapPages: HEAP_PAGES,
  // Ten times and more what the longest handler takes, in any system, workload and profile that `compare` has.
  limitUs: 20_000,
  shares: { device: { sizeBits: 21, count: 1 }, sockets: { sizeBits: 12, count: 16 } },
  work: ['ethernet', 'arp', 'ip', 'icmp', 'udp', 'tcp-in', 'tcp-out', 'socket-call', 'timer'],
  config: DEFAULT_CONFIG,
  accepts: ACCEPTS,
  create: (context, ports) => new NetStack(context, ports),
});
