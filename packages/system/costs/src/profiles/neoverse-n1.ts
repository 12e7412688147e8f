/**
 * Arm Neoverse-N1 at 3.0 GHz: the Ampere Altra on which L4Re was measured, in EL1. Where no figure was published for
 * it, the nearest machine's stands, and the source names it.
 */
import { asOn, assumed, assumedNs, calibrated, derived } from '../constant.ts';
import type { StatedProfile } from '../profile.ts';
import { HASWELL } from './haswell.ts';
import { SKYLAKE } from './skylake.ts';

const L4RE = 'L4Re on an Ampere Altra, EL1';
const haswell = HASWELL.constants;

export const NEOVERSE_N1: StatedProfile = {
  title: 'Arm Neoverse-N1, Ampere Altra, 3.0 GHz, ASIDs',
  cyclesPerSecond: 3e9,
  taggedTlb: true,
  tlbEntries: 1280,
  tlbWays: 5,
  superpageEntries: 32,
  machineSource:
    'clock: Ampere Altra; 48 first-level entries, and 1280 second-level entries in 5 ways, of which the larger level is modelled; 32 for superpages (assumed)',
  labels: {
    'kernel-entry-exit': 'svc/eret',
    'address-space-switch': 'write of TTBR0 with ASID',
    'interrupt-acknowledge': 'EOI by a write of ICC_EOIR1',
    'tlb-invalidate-page': 'tlbi vae1is',
  },
  constants: {
    'kernel-entry-exit': calibrated(142, `${L4RE}: system call`, 'second-hand'),
    'register-save': derived(14, "as on a Cortex-X3: ATC '24", 'second-hand'),
    'address-space-switch': derived(
      142,
      `${L4RE}: IPC between address spaces 399 less IPC inside one 257, refills that follow included`,
      'second-hand',
    ),
    'ipc-path': derived(115, `${L4RE}: IPC inside one address space 257 less system call 142`, 'second-hand'),
    'ipc-slow-path': assumed(575, 'five fast paths, for on x86 the general path has 489 cycles and the fast one 98'),
    'message-word': asOn('haswell', haswell['message-word']),
    'cap-transfer': asOn('skylake', SKYLAKE.constants['cap-transfer']),
    'notification-signal': assumed(115, 'about one fast path'),
    'notification-wait': assumed(115, 'about one fast path'),
    'ring-entry': assumed(33, 'three lines (head, entry, tail) from the second-level cache at 11 cycles (assumed)'),
    'direct-call': asOn('haswell', haswell['direct-call']),
    'cast-queue': assumed(33, 'as one ring entry'),
    'cast-dispatch': asOn('haswell', haswell['cast-dispatch']),
    schedule: asOn('haswell', haswell.schedule),
    invocation: asOn('haswell', haswell.invocation),
    'cap-lookup': asOn('skylake', SKYLAKE.constants['cap-lookup']),
    'page-map': asOn('haswell', haswell['page-map']),
    'page-unmap': asOn('haswell', haswell['page-unmap']),
    'tlb-refill': assumed(20, 'a walk that hits the cache; 23 on Westmere'),
    'tlb-invalidate-page': assumed(100, 'one tlbi; its broadcast to other cores is not in it'),
    'copy-line': assumed(10, 'one line from the last cache level, where packets arrive; 4 when hot'),
    'checksum-line': asOn('haswell', haswell['checksum-line']),
    'interrupt-entry': assumed(500, 'less than the 607 of Haswell: a vector instead of a descriptor table'),
    'interrupt-acknowledge': assumed(20, 'one write of a system register of the interrupt controller'),
    'mmio-read': assumedNs(800, 'a PCIe round trip; 0.5 to 5 µs are published', 'second-hand'),
    'mmio-write': asOn('haswell', haswell['mmio-write']),
    idle: haswell.idle,
  },
  work: {
    'iommu-driver.invalidate': assumed(1500, 'a command and its completion in an SMMU; 2127 on x86'),
  },
};
