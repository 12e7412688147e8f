/**
 * The lecture's machine: an abstract x86 of 2.4 GHz without address-space tags.
 *
 * The lecture prices one IPC as kernel entry and exit plus page-table switch, once there and once back:
 * 2 × (106 + 170) = 552 cycles. Those two figures are its own. It leaves everything else out: what stands below with
 * 0 is left out on purpose, and what stands with a figure is what `explain` lists as left out.
 */
import { assumed, calibrated, derived } from '../constant.ts';
import type { StatedProfile } from '../profile.ts';

const LECTURE_SLIDE = 'lecture on microkernels, slide on the price of an IPC';

export const LECTURE: StatedProfile = {
  title: 'the lecture: abstract x86, 2.4 GHz, untagged TLB',
  cyclesPerSecond: 2.4e9,
  taggedTlb: false,
  tlbEntries: 64,
  tlbWays: 4,
  superpageEntries: 8,
  machineSource:
    'clock and flush on reload of CR3: the lecture; 64 entries in 4 ways and 8 for superpages: the data TLB of the Pentium (assumed)',
  labels: {
    'kernel-entry-exit': 'sysenter/sysexit',
    'address-space-switch': 'reload CR3',
    'tlb-refill': 'TLB miss after reload of CR3',
    'register-save': 'save and restore of the general registers',
    'tlb-invalidate-page': 'invlpg',
  },
  constants: {
    'kernel-entry-exit': calibrated(106, `${LECTURE_SLIDE}: sysenter/sysexit`, 'read'),
    'register-save': assumed(40, "a lean microkernel's; PLOS '21 has 63 to 130 on newer x86"),
    'address-space-switch': calibrated(170, `${LECTURE_SLIDE}: reload of CR3`, 'read'),
    'ipc-path': calibrated(0, `${LECTURE_SLIDE}: the lecture ignores it`, 'read'),
    'ipc-slow-path': assumed(489, 'as under haswell: the instructions are the same'),
    'message-word': assumed(4, 'a load and a store that hit the first-level cache'),
    'cap-transfer': assumed(150, 'two look-ups, an insertion into the derivation tree'),
    'notification-signal': assumed(100, 'about one fast path'),
    'notification-wait': assumed(100, 'about one fast path'),
    'ring-entry': assumed(60, 'three lines (head, entry, tail) from the second-level cache at 20 cycles'),
    'direct-call': assumed(10, 'call, return and a mispredicted branch now and then'),
    'cast-queue': assumed(60, 'as one ring entry'),
    'cast-dispatch': assumed(100, 'one ring entry, a comparison of levels and an indirect call'),
    schedule: assumed(150, 'a look into a priority bitmap and a queue operation'),
    invocation: assumed(200, 'decode of label and arguments, one object changed'),
    'cap-lookup': assumed(30, 'one level 20, each further level 10; two levels'),
    'page-map': assumed(600, 'page-table part of an IOMMU map, rounded'),
    'page-unmap': assumed(450, 'page-table part of an IOMMU unmap, rounded'),
    'tlb-refill': assumed(30, 'a walk that hits the cache; 23 on Westmere'),
    'tlb-invalidate-page': assumed(100, 'one invlpg'),
    'copy-line': assumed(60, 'one line beyond the first two caches: packets come from a device'),
    'checksum-line': assumed(32, '16 additions of 32 bits with carry, two cycles each'),
    'interrupt-entry': assumed(1000, 'older than the 607 of haswell, and slower'),
    'interrupt-acknowledge': assumed(200, 'one uncached write to the controller'),
    'mmio-read': assumed(2000, 'a round trip over the bus'),
    'mmio-write': assumed(200, 'posted'),
    idle: derived(1, 'by definition: idle time is charged by the cycle', 'none'),
  },
  work: {
    'iommu-driver.map': assumed(600, 'page-table part, rounded from 588'),
    'iommu-driver.unmap': assumed(450, 'page-table part, rounded from 438'),
    'iommu-driver.invalidate': assumed(2130, 'the command and its wait, rounded from 2127 to 2135'),
  },
};
