/** Machines that differ from another profile in one thing, and show what that thing costs. */
import { assumed, derived } from '../constant.ts';
import type { StatedProfile } from '../profile.ts';
import { LECTURE } from './lecture.ts';
import { SKYLAKE } from './skylake.ts';

/**
 * Page-table isolation: two writes of CR3 in each system call. CHOICE: `interrupt-entry` stays, although an interrupt
 * that arrives in user mode pays them too: no figure for it was published, and the sweep covers it.
 */
export const SKYLAKE_KPTI: StatedProfile = {
  ...SKYLAKE,
  title: 'Intel Skylake, i7-6700K, 4.0 GHz, PCID, page-table isolation on',
  labels: { ...SKYLAKE.labels, 'kernel-entry-exit': 'syscall/sysret with page-table isolation' },
  constants: {
    ...SKYLAKE.constants,
    'kernel-entry-exit': derived(
      459,
      'SkyBridge, EuroSys 2019: syscall 82, swapgs 26 twice, sysret 75, and the 250 by which an empty system call grows from 181 to 431',
      'second-hand',
    ),
  },
};

const P4 = 'figures of the Pentium 4';

/** The lecture's machine under stress: the long pipeline of the Pentium 4 drains at each entry. */
export const LECTURE_P4: StatedProfile = {
  ...LECTURE,
  title: 'the lecture under stress: Pentium 4, 2.4 GHz, untagged TLB',
  constants: {
    ...LECTURE.constants,
    'kernel-entry-exit': derived(400, `${P4}: a system call of 432 less the 32 of its procedure`, 'from-memory'),
    'ipc-path': derived(
      1390,
      `${P4}: about 2000 for an IPC one way, less entry and exit 400, reload of CR3 170, registers 40`,
      'from-memory',
    ),
    'ipc-slow-path': assumed(1781, 'the fast path and the 391 by which the general one is longer on x86'),
    'notification-signal': assumed(200, 'as under lecture, and one uncontended lock of 100'),
    'notification-wait': assumed(200, 'as under lecture, and one uncontended lock of 100'),
    'cap-lookup': assumed(130, 'one uncontended lock of 100 and two levels', 'from-memory'),
  },
};
