/**
 * SiFive U54 at 1.5 GHz, a RISC-V core that issues one instruction at a time, in order: the machine of XPC.
 *
 * Nothing was published for most of our primitives on it. Where the work is instructions and nothing else, we assume
 * twice Haswell's cycles, for no two of them run at once.
 */
import { assumed, assumedNs, calibrated, derived, type StatedConstant } from '../constant.ts';
import type { StatedProfile } from '../profile.ts';
import { HASWELL } from './haswell.ts';

const XPC = "XPC, ISCA '19: seL4 on this core";
const haswell = HASWELL.constants;

const IN_ORDER = 2;
const twice = (constant: StatedConstant): StatedConstant =>
  'ns' in constant
    ? constant
    : assumed(IN_ORDER * constant.cycles, `twice Haswell's ${constant.cycles}, in order: ${constant.source}`);

export const U54: StatedProfile = {
  title: 'SiFive U54, RISC-V, 1.5 GHz, in order, ASIDs',
  cyclesPerSecond: 1.5e9,
  taggedTlb: true,
  tlbEntries: 128,
  tlbWays: 4,
  superpageEntries: 32,
  machineSource:
    'clock: SiFive U540; 32 first-level and 128 second-level entries, of which the larger level is modelled; 4 ways and 32 entries for superpages (assumed)',
  labels: {
    'kernel-entry-exit': 'ecall/sret',
    'address-space-switch': 'write of satp with ASID',
    'interrupt-acknowledge': 'PLIC complete',
    'tlb-invalidate-page': 'sfence.vma of one page',
  },
  constants: {
    'kernel-entry-exit': derived(306, `${XPC}: trap 107 and restore 199`, 'from-memory'),
    'register-save': assumed(60, '31 registers stored and loaded; part of it may be in the trap and restore of XPC'),
    'address-space-switch': calibrated(146, `${XPC}: process switch`, 'from-memory'),
    'ipc-path': calibrated(212, `${XPC}: IPC logic, one way`, 'from-memory'),
    'ipc-slow-path': assumed(1060, 'five fast paths, for on x86 the general path has 489 cycles and the fast one 98'),
    'message-word': twice(haswell['message-word']),
    'cap-transfer': twice(haswell['cap-transfer']),
    'notification-signal': assumed(212, 'about one fast path'),
    'notification-wait': assumed(212, 'about one fast path'),
    'ring-entry': assumed(36, 'three lines (head, entry, tail) from the second-level cache at 12 cycles (assumed)'),
    'direct-call': twice(haswell['direct-call']),
    'cast-queue': assumed(36, 'as one ring entry'),
    'cast-dispatch': twice(haswell['cast-dispatch']),
    schedule: twice(haswell.schedule),
    invocation: twice(haswell.invocation),
    'cap-lookup': assumed(68, 'two uncontended locks of 30 (assumed) and one level at 8, as libcap does it'),
    'page-map': assumed(588, 'as on x86: the stores and the barrier count, and not the core'),
    'page-unmap': assumed(438, 'as on x86: the stores and the barrier count, and not the core'),
    'tlb-refill': assumed(40, 'a walk of three levels that hits the cache'),
    'tlb-invalidate-page': assumed(50, 'one sfence.vma'),
    'copy-line': assumed(40, 'eight loads and eight stores in order, misses not hidden'),
    'checksum-line': assumed(32, '16 loads of 32 bits, each with an addition to a register of 64: no carry to keep'),
    'interrupt-entry': assumed(500, 'a trap, a claim at the PLIC and the return'),
    'interrupt-acknowledge': assumed(50, 'one write to the PLIC'),
    'mmio-read': assumedNs(300, 'a device on the chip, not behind PCIe'),
    'mmio-write': assumed(50, 'posted, on the chip'),
    idle: haswell.idle,
  },
  work: {
    'iommu-driver.map': assumed(588, 'as on x86: no figure was published for this core'),
    'iommu-driver.unmap': assumed(438, 'as on x86: no figure was published for this core'),
    'iommu-driver.invalidate': assumedNs(500, 'a command and its completion, as the 1500 cycles of neoverse-n1'),
  },
};
