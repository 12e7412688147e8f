/**
 * Intel Skylake, the i7-6700K at 4.0 GHz, page-table isolation off: the machine of SkyBridge. Several figures of
 * sel4bench and of the caches were taken on it too.
 */
import { asOn, assumed, assumedNs, calibrated, derived } from '../constant.ts';
import type { StatedProfile } from '../profile.ts';
import { HASWELL } from './haswell.ts';

const SKYBRIDGE = 'SkyBridge, EuroSys 2019';
const haswell = HASWELL.constants;

export const SKYLAKE: StatedProfile = {
  title: 'Intel Skylake, i7-6700K, 4.0 GHz, PCID, no page-table isolation',
  cyclesPerSecond: 4e9,
  taggedTlb: true,
  tlbEntries: 1536,
  tlbWays: 12,
  superpageEntries: 32,
  machineSource:
    'clock: i7-6700K; 64 first-level entries, and 1536 second-level entries in 12 ways, of which the larger level is modelled; 32 for superpages (assumed)',
  labels: HASWELL.labels,
  constants: {
    'kernel-entry-exit': derived(209, `${SKYBRIDGE}: syscall 82, swapgs 26 twice, sysret 75`, 'second-hand'),
    'register-save': assumed(80, "registers 40 and stack 40, between the bounds that PLOS '21 gives for Haswell"),
    'address-space-switch': calibrated(186, `${SKYBRIDGE}: write of CR3 with PCID, 186 ± 10`, 'second-hand'),
    'ipc-path': calibrated(98, `${SKYBRIDGE}: logic of the seL4 fast path, one way`, 'from-memory'),
    'ipc-slow-path': asOn('icelake', haswell['ipc-slow-path']),
    'message-word': asOn('haswell', haswell['message-word']),
    'cap-transfer': assumed(110, 'two look-ups of 48, an insertion into the derivation tree'),
    'notification-signal': asOn('haswell', haswell['notification-signal']),
    'notification-wait': asOn('haswell', haswell['notification-wait']),
    'ring-entry': derived(
      36,
      'three lines (head, entry, tail) from the second-level cache at 12 cycles: Intel optimization manual',
      'second-hand',
    ),
    'direct-call': asOn('haswell', haswell['direct-call']),
    'cast-queue': assumed(36, 'as one ring entry'),
    'cast-dispatch': asOn('haswell', haswell['cast-dispatch']),
    schedule: asOn('haswell', haswell.schedule),
    invocation: asOn('haswell', haswell.invocation),
    'cap-lookup': assumed(48, 'two uncontended locks of 20 (assumed) and one level at 8, as libcap does it'),
    'page-map': asOn('haswell', haswell['page-map']),
    'page-unmap': asOn('haswell', haswell['page-unmap']),
    'tlb-refill': assumed(23, 'a walk that hits the cache; Westmere X5650 has 23, 7-cpu.com', 'second-hand'),
    'tlb-invalidate-page': calibrated(350, 'INVPCID of one page, with tracing: D. Hansen, 2017', 'second-hand'),
    'copy-line': assumed(
      8,
      'one line from the third-level cache, where packets arrive; the Intel optimization manual has 18 bytes a cycle sustained from there, reading only',
      'second-hand',
    ),
    'checksum-line': asOn('haswell', haswell['checksum-line']),
    'interrupt-entry': assumed(600, 'about the 607 of Haswell'),
    'interrupt-acknowledge': asOn('haswell', haswell['interrupt-acknowledge']),
    'mmio-read': assumedNs(800, 'a PCIe round trip; 0.5 to 5 µs are published', 'second-hand'),
    'mmio-write': asOn('haswell', haswell['mmio-write']),
    idle: haswell.idle,
  },
  work: {},
};
