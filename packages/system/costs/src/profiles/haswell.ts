/**
 * The reference machine: Intel Haswell (CloudLab c220g2) at 2.6 GHz, page-table isolation off, PCIDs on.
 *
 * Where no figure was published for Haswell the nearest machine's stands, and the source names it.
 */
import { assumed, assumedNs, calibrated, derived } from '../constant.ts';
import type { StatedProfile } from '../profile.ts';

const LVDS = 'LVDs, VEE 2020';

export const HASWELL: StatedProfile = {
  title: 'Intel Haswell, CloudLab c220g2, 2.6 GHz, PCID, no page-table isolation',
  cyclesPerSecond: 2.6e9,
  taggedTlb: true,
  tlbEntries: 1024,
  tlbWays: 8,
  superpageEntries: 32,
  machineSource:
    'clock: CloudLab c220g2; 64 first-level entries, and 1024 second-level entries in 8 ways, of which the larger level is modelled; 32 for superpages (assumed)',
  labels: {
    'kernel-entry-exit': 'syscall/sysret',
    'address-space-switch': 'write of CR3 with PCID',
    'interrupt-acknowledge': 'EOI by wrmsr',
    'tlb-invalidate-page': 'invlpg',
  },
  constants: {
    'kernel-entry-exit': calibrated(140, `${LVDS}, Table 1: system call, page-table isolation off`, 'read'),
    'register-save': derived(
      97,
      "PLOS '21: registers 35 to 71 and stack 28 to 59 cycles; the middles, 53 + 44",
      'second-hand',
    ),
    'address-space-switch': calibrated(130, `${LVDS}, Table 2: page-table switch with PCID`, 'read'),
    'ipc-path': calibrated(98, 'SkyBridge (Skylake): logic of the seL4 fast path, one way', 'from-memory'),
    'ipc-slow-path': derived(
      489,
      'L4Re on Ice Lake: IPC inside one address space 649 less system call 160 (395 instructions), a path without a short cut',
      'second-hand',
    ),
    'message-word': assumed(2, 'a load and a store that hit the first-level cache, pipelined'),
    'cap-transfer': assumed(150, 'two look-ups of 68, an insertion into the derivation tree'),
    'notification-signal': assumed(98, 'about one fast path'),
    'notification-wait': assumed(98, 'about one fast path'),
    'ring-entry': derived(
      30,
      'three lines (head, entry, tail) from the second-level cache at 10 cycles: Westmere X5650, 7-cpu.com',
      'second-hand',
    ),
    'direct-call': assumed(5, 'call, return, argument registers: no published figure is this small'),
    'cast-queue': assumed(30, 'as one ring entry'),
    'cast-dispatch': assumed(50, 'one ring entry, a comparison of levels and an indirect call'),
    schedule: assumed(100, 'a look into a priority bitmap and a queue operation'),
    invocation: assumed(200, 'decode of label and arguments, one object changed'),
    'cap-lookup': derived(
      68,
      'libcap: two uncontended locks of 30, and 4 to 12 a level; one level at 8',
      'from-memory',
    ),
    'page-map': derived(588, "rIOMMU, ASPLOS '15, Table 1: page-table part of a map", 'from-memory'),
    'page-unmap': derived(438, "rIOMMU, ASPLOS '15, Table 1: page-table part of an unmap", 'from-memory'),
    'tlb-refill': derived(23, 'Westmere X5650, 7-cpu.com: TLB miss whose walk hits the cache', 'second-hand'),
    'tlb-invalidate-page': assumed(120, 'one invlpg; INVPCID of one page is 350 on Skylake, with tracing'),
    'copy-line': assumed(
      12,
      'one line from the third-level cache, where packets arrive; 4 when hot; Westmere reads a line in 5.2 in parallel',
    ),
    'checksum-line': assumed(16, '16 additions of 32 bits with carry, one cycle each'),
    'interrupt-entry': calibrated(607, `${LVDS}, Table 3: entry, handler and iret`, 'read'),
    'interrupt-acknowledge': derived(127, 'one wrmsr on this machine: the EOI of an x2APIC', 'second-hand'),
    'mmio-read': assumedNs(1000, 'a PCIe round trip; 0.5 to 5 µs are published', 'second-hand'),
    'mmio-write': assumedNs(100, 'posted; 50 to 300 ns between packets (Intel forum)', 'second-hand'),
    idle: derived(1, 'by definition: idle time is charged by the cycle', 'none'),
  },
  work: {},
};
