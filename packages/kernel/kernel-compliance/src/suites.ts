/** All clauses, in the order of the manual. */
import type { Clause } from './run.ts';
import { bigPages, framesAndPages, pageTables } from './suites/address-spaces.ts';
import { lookupFailures, lookups } from './suites/addressing.ts';
import { addressSpaceIdentifiers } from './suites/asids.ts';
import { errorCodes, initialThread, objectMethods } from './suites/bootstrapping.ts';
import { callingAndReplying, endpointBadges } from './suites/calling.ts';
import { cnodeMethods } from './suites/cnode-methods.ts';
import { capabilityRights, deletionAndRevocation, derivationTree } from './suites/derivation.ts';
import { donations, timeoutFaults } from './suites/donation.ts';
import { faultAnswers, faultMessages, schedulingDomains } from './suites/faults.ts';
import { interrupts } from './suites/hardware.ts';
import { ioSpaces } from './suites/io-spaces.ts';
import { memory, objectSizes, order } from './suites/kernel-memory.ts';
import { endpointQueues, messageRegisters } from './suites/messages.ts';
import { boundNotifications, notifications } from './suites/notifications.ts';
import { paths } from './suites/paths.ts';
import { preemption } from './suites/preemption.ts';
import { bindings, budgets, contextCreation } from './suites/scheduling-contexts.ts';
import { systemCalls } from './suites/system-calls.ts';
import { registers, threadState } from './suites/thread-state.ts';
import { exceptionHandlers, priorities, threadCreation, threadDeactivation } from './suites/threads.ts';
import { capabilityTransfer, transferErrors } from './suites/transfer.ts';

const all: readonly Clause[] = [
  ...systemCalls,
  ...order,
  ...memory,
  ...objectSizes,
  ...cnodeMethods,
  ...capabilityRights,
  ...derivationTree,
  ...deletionAndRevocation,
  ...preemption,
  ...lookups,
  ...lookupFailures,
  ...messageRegisters,
  ...endpointQueues,
  ...endpointBadges,
  ...capabilityTransfer,
  ...transferErrors,
  ...callingAndReplying,
  ...paths,
  ...notifications,
  ...boundNotifications,
  ...threadCreation,
  ...threadState,
  ...threadDeactivation,
  ...priorities,
  ...contextCreation,
  ...bindings,
  ...budgets,
  ...donations,
  ...exceptionHandlers,
  ...timeoutFaults,
  ...registers,
  ...faultMessages,
  ...faultAnswers,
  ...schedulingDomains,
  ...pageTables,
  ...framesAndPages,
  ...bigPages,
  ...addressSpaceIdentifiers,
  ...interrupts,
  ...ioSpaces,
  ...initialThread,
  ...errorCodes,
  ...objectMethods,
];

/** Compares sections as the manual numbers them: 3.1.10 comes after 3.1.2. */
const bySection = (a: Clause, b: Clause): number => {
  const left = a.section.split(' ')[0]!.split('.').map(Number);
  const right = b.section.split(' ')[0]!.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** In the order of the manual's sections; within one, as they are written here. */
export const suites: readonly Clause[] = [...all].sort(bySection);
