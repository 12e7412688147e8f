/**
 * A recent x86 server: Intel Ice Lake-SP, whose kernel entry needs no page-table isolation.
 *
 * The figures in cycles are those of L4Re on a Xeon 8352S; the clock is that of a Xeon 8375C, on which the figures in
 * nanoseconds were taken. CHOICE: the page-table switch is the bare write. L4Re's 479 (IPC between address spaces 1128
 * less IPC inside one 649) holds the refills that follow, and those are charged as they happen.
 */
import { asOn, assumed, assumedNs, calibrated, derived } from '../constant.ts';
import type { StatedProfile } from '../profile.ts';
import { HASWELL } from './haswell.ts';
import { SKYLAKE } from './skylake.ts';

const L4RE = 'L4Re on a Xeon 8352S';
const haswell = HASWELL.constants;
const skylake = SKYLAKE.constants;

export const ICELAKE: StatedProfile = {
  title: 'Intel Ice Lake-SP, 2.9 GHz, PCID, Meltdown mended in hardware',
  cyclesPerSecond: 2.9e9,
  taggedTlb: true,
  tlbEntries: 2048,
  tlbWays: 16,
  superpageEntries: 32,
  machineSource:
    'clock: Xeon 8375C; 64 first-level entries, and 2048 second-level entries in 16 ways, of which the larger level is modelled; 32 for superpages (assumed)',
  labels: HASWELL.labels,
  constants: {
    'kernel-entry-exit': calibrated(160, `${L4RE}: system call`, 'second-hand'),
    'register-save': assumed(40, 'registers 20 and stack 20'),
    'address-space-switch': assumed(160, 'the bare write of CR3 with PCID; 479 with the refills that follow (L4Re)'),
    'ipc-path': asOn('skylake', skylake['ipc-path']),
    'ipc-slow-path': derived(
      489,
      `${L4RE}: IPC inside one address space 649 less system call 160 (395 instructions), a path without a short cut`,
      'second-hand',
    ),
    'message-word': asOn('haswell', haswell['message-word']),
    'cap-transfer': asOn('skylake', skylake['cap-transfer']),
    'notification-signal': asOn('haswell', haswell['notification-signal']),
    'notification-wait': asOn('haswell', haswell['notification-wait']),
    'ring-entry': assumed(42, 'three lines (head, entry, tail) from the second-level cache at 14 cycles (assumed)'),
    'direct-call': asOn('haswell', haswell['direct-call']),
    'cast-queue': assumed(42, 'as one ring entry'),
    'cast-dispatch': asOn('haswell', haswell['cast-dispatch']),
    schedule: asOn('haswell', haswell.schedule),
    invocation: asOn('haswell', haswell.invocation),
    'cap-lookup': asOn('skylake', skylake['cap-lookup']),
    'page-map': asOn('haswell', haswell['page-map']),
    'page-unmap': asOn('haswell', haswell['page-unmap']),
    'tlb-refill': assumed(25, 'a walk that hits the cache; 23 on Westmere'),
    'tlb-invalidate-page': assumed(200, 'between the 120 of haswell and the 350 of skylake'),
    'copy-line': assumed(8, 'one line from the third-level cache, where packets arrive; as on skylake'),
    'checksum-line': asOn('haswell', haswell['checksum-line']),
    'interrupt-entry': asOn('skylake', skylake['interrupt-entry']),
    'interrupt-acknowledge': asOn('haswell', haswell['interrupt-acknowledge']),
    'mmio-read': assumedNs(800, 'a PCIe round trip; 0.5 to 5 µs are published', 'second-hand'),
    'mmio-write': asOn('haswell', haswell['mmio-write']),
    idle: haswell.idle,
  },
  work: {},
};
