import type { KernelCore } from '../kernel-core.ts';
import { DebugInvocations } from './debug-invocations.ts';
import { NotificationInvocations } from './notification-invocations.ts';
import { PriorityInvocations } from './priority-invocations.ts';
import { RegisterInvocations } from './register-invocations.ts';
import { SpaceInvocations } from './space-invocations.ts';
import { TcbInvocations } from './tcb-invocations.ts';

/** The invocations of threads, over the parts of a kernel. */
export function makeTcbInvocations(kernel: KernelCore, isAddressSpace: (slot: number) => boolean): TcbInvocations {
  const { capabilities, calls, tcbs, control, scheduler, schedulingInvocations } = kernel;
  const spaces = new SpaceInvocations(capabilities, scheduler, tcbs, isAddressSpace);
  return new TcbInvocations({
    capabilities,
    tcbs,
    control,
    spaces,
    registers: new RegisterInvocations(capabilities, tcbs, control),
    priorities: new PriorityInvocations(capabilities, schedulingInvocations, tcbs, spaces),
    notifications: new NotificationInvocations(capabilities, calls),
    debug: new DebugInvocations(capabilities, tcbs),
  });
}
