/** Clients that ask a system until as many requests as were wanted have ended. */
import type { System } from '@bulkhead/assembler';
import type { NetStackConfig } from '@bulkhead/net-stack';
import type { Requests } from './requests.ts';
import type { WorkloadOptions } from './workload.ts';

export interface Load {
  readonly requests: Requests;
  start(): void;
  /** @returns 16 hexadecimal digits: what every client received, in the order of clients. */
  digest(): string;
}

export interface LoadOptions extends Pick<WorkloadOptions, 'clients' | 'requests' | 'loop'> {
  /** Whose time it is, and at the end of whose wire the clients stand. */
  readonly system: Pick<System, 'clock' | 'wire'>;
  /** The machine's IPv4 address and port. */
  readonly address: number;
  readonly port: number;
  /** The clients' own stack. */
  readonly config: NetStackConfig;
  /** Told of every request that ended. */
  readonly onEnded: (ended: number) => void;
}
