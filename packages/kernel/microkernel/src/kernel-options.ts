import type { Clock } from '@bulkhead/clock';
import type { InterruptFile } from '@bulkhead/interrupts';
import type { IommuPort } from '@bulkhead/io-spaces';
import type { Charge } from '@bulkhead/ledger';
import type { HartPort, PhysicalMemoryPort } from '@bulkhead/ports';
import type { Patience } from './notices.ts';
import type { Observer } from './observer.ts';
import type { KernelPrimitives } from './primitives.ts';
import type { Domain, Seat } from './seat.ts';
import type { UserCode } from './user-code.ts';

export interface KernelOptions {
  readonly hart: HartPort;
  readonly memory: PhysicalMemoryPort;
  readonly clock: Clock;
  /** The kernel's row of the ledger; it attends to nothing. */
  readonly charge: Charge;
  readonly primitives: KernelPrimitives;
  readonly interruptFile: InterruptFile;
  readonly interruptIdentities: number;
  readonly domains: readonly Domain[];
  /** By index: the identity by which components see each other. */
  readonly seats: readonly Seat[];
  /** What threads that are no components run; without it there are none. */
  readonly userCode?: UserCode;
  /** With it the kernel maps for devices itself, for whoever holds the control of IO spaces (`kernelMemory.ioSpaceControl`). */
  readonly iommu?: IommuPort;
  /** Sees who runs when. */
  readonly observer?: Observer;
  /** How long something lasts before whoever is told of faults is told of it. @defaultValue DEFAULT_PATIENCE */
  readonly patience?: Patience;
  /** Fills a domain that was opened with its components. @returns false when its memory does not suffice. */
  readonly load: (domain: Domain) => boolean;
}
