/** What a processor does that our one hart does not charge: other address spaces' tricks, floating point, caches, other cores. */
import { assumed, calibrated, derived } from '../constant.ts';
import { andNs, DITTO, type ReferenceRow, upTo } from './row.ts';

const OFF = derived(0, 'by definition: off in this profile', 'none');
const NOT_NEEDED = derived(0, 'by definition: this processor needs none', 'none');
const SKYBRIDGE = 'SkyBridge, EuroSys 2019';
const SEL4BENCH = 'sel4bench';
const WESTMERE = 'Westmere X5650 stands for it: 7-cpu.com';
const INTEL = 'Intel optimization manual, table of cache latencies';
const BARRELFISH = 'Barrelfish';
const CORE_TO_CORE = 'compare-and-swap between two cores, core-to-core-latency';

/** What a flush costs when every entry is needed again: no run comes near, for working sets are smaller. */
const refill = (entries: string, count: number, miss: number): string =>
  `${entries} = ${count} entries, ${miss} cycles each`;

const KVM_IPI = 'Linux commit 4180bf1b, Skylake at 2.5 GHz; how often it was repeated is from memory';
const GENERIC_L3 = 'a list of latencies of no one machine (a gist of eshelman)';

export const PROCESSOR: readonly ReferenceRow[] = [
  {
    label: 'page-table isolation, beside one entry and exit',
    lecture: NOT_NEEDED,
    haswell: OFF,
    skylake: derived(250, `${SKYBRIDGE}: empty system call 431 with and 181 without; see skylake-kpti`, 'second-hand'),
    icelake: NOT_NEEDED,
    'neoverse-n1': NOT_NEEDED,
    u54: NOT_NEEDED,
  },
  {
    label: 'entry and exit, as FlexOS measured them',
    skylake: calibrated(146, 'FlexOS on a Xeon 4114', 'second-hand'),
  },
  {
    label: 'page-table switch without a tag, refills not included',
    haswell: assumed(130, 'as with a tag, and the flush'),
    skylake: derived(186, `${SKYBRIDGE}: as with a tag, and the flush`, 'second-hand'),
    icelake: DITTO,
  },
  {
    label: 'page-table switch with the refills that follow',
    icelake: upTo(
      508,
      derived(479, 'L4Re: IPC between address spaces 1128 less IPC inside one 649; 508 on a Xeon 6248R', 'second-hand'),
    ),
  },
  {
    label: 'refill of the whole TLB',
    lecture: assumed(864, 'Pentium: Liedtke', 'second-hand'),
    haswell: derived(25_024, refill('64 + 1024', 1088, 23), 'second-hand'),
    skylake: assumed(36_800, refill('64 + 1536', 1600, 23)),
    icelake: assumed(52_800, refill('64 + 2048', 2112, 25)),
    'neoverse-n1': assumed(26_560, refill('48 + 1280', 1328, 20)),
    u54: assumed(6400, refill('32 + 128', 160, 40)),
  },
  {
    label: 'local flush, madvise(DONTNEED) of 1 page',
    skylake: calibrated(2119, 'N. Amit', 'second-hand'),
  },
  {
    label: 'local flush, madvise(DONTNEED) of 10 pages',
    skylake: calibrated(6791, 'N. Amit', 'second-hand'),
  },
  {
    label: 'floating-point state saved and restored',
    lecture: assumed(150, 'fewer and shorter registers than any machine beside it'),
    haswell: upTo(242, calibrated(216, "PLOS '21; 137 when hot, ATC '24", 'second-hand')),
    skylake: upTo(235, calibrated(60, `${SEL4BENCH}, with and without: 60 for a call, 235 for its reply`, 'read')),
    icelake: derived(137, 'as on a Core i7-1165G7', 'second-hand'),
    'neoverse-n1': upTo(
      181,
      derived(14, `14 on a Cortex-X3, ATC '24; 176 to 181 on a Cortex-A57, ${SEL4BENCH}`, 'second-hand'),
    ),
    u54: upTo(112, calibrated(75, `${SEL4BENCH}, with and without`, 'read')),
  },
  {
    label: 'VMFUNC',
    haswell: calibrated(169, 'no paper is named with it', 'from-memory'),
    skylake: calibrated(134, SKYBRIDGE, 'second-hand'),
    icelake: DITTO,
  },
  {
    label: 'write of the protection-key register',
    skylake: upTo(26, calibrated(20, 'no paper is named with it; 49 on Tiger Lake', 'second-hand')),
    icelake: derived(49, 'as on Tiger Lake', 'second-hand'),
  },
  {
    label: 'pointer authentication',
    'neoverse-n1': assumed(5, 'of later Arm cores: this one has none', 'second-hand'),
  },
  {
    label: 'load to use, first-level cache',
    lecture: assumed(4, 'no machine is named'),
    haswell: derived(4, WESTMERE, 'second-hand'),
    skylake: calibrated(4, INTEL, 'second-hand'),
    icelake: assumed(5, 'about skylake'),
    'neoverse-n1': assumed(4, 'about skylake'),
    u54: assumed(2, 'a short pipeline'),
  },
  {
    label: 'load to use, second-level cache',
    lecture: assumed(20, 'no machine is named'),
    haswell: derived(10, WESTMERE, 'second-hand'),
    skylake: calibrated(12, INTEL, 'second-hand'),
    icelake: assumed(14, 'about skylake'),
    'neoverse-n1': assumed(11, 'about skylake'),
    u54: assumed(12, 'about skylake'),
  },
  {
    label: 'load to use, third-level cache',
    haswell: derived(40, WESTMERE, 'second-hand'),
    skylake: calibrated(44, INTEL, 'second-hand'),
    icelake: assumed(70, 'a mesh, longer than the ring of skylake'),
    'neoverse-n1': assumed(60, 'a mesh, longer than the ring of skylake'),
  },
  {
    label: 'load to use, memory',
    lecture: assumed(240, '100 ns at its clock'),
    haswell: andNs(67, derived(40, WESTMERE, 'second-hand')),
    skylake: andNs(51, calibrated(44, 'third level and memory behind it', 'from-memory')),
    icelake: andNs(90, assumed(0, 'a server, slower than a client')),
    'neoverse-n1': andNs(95, assumed(0, 'a server, slower than a client')),
    u54: andNs(100, assumed(0, 'a small board')),
  },
  {
    label: 'copy of a line, hot in the first two caches',
    lecture: assumed(16, 'a load and a store of 4 bytes at a time'),
    haswell: assumed(4, 'Westmere reads a line from its third level in 5.2, in parallel'),
    skylake: assumed(3, '29 bytes a cycle sustained from the second level, reading only', 'second-hand'),
    icelake: assumed(3, 'as on skylake'),
    'neoverse-n1': assumed(4, 'as on haswell'),
    u54: assumed(40, 'in order: no faster than from afar'),
  },
  {
    label: 'cache line moved between cores, one socket',
    lecture: assumed(150, 'about the figures of haswell'),
    haswell: upTo(133, calibrated(112, 'Sandy Bridge servers r320 and d820: LVDs, VEE 2020, section 2', 'read')),
    skylake: andNs(20, derived(0, `${CORE_TO_CORE}: i7-6700K`, 'read')),
    icelake: andNs(51, derived(0, `${CORE_TO_CORE}: Xeon 8375C`, 'read')),
    'neoverse-n1': andNs(47, derived(0, `${CORE_TO_CORE}: Graviton2`, 'read')),
    u54: assumed(60, 'a small chip: near'),
  },
  {
    label: 'cache line moved between cores, two sockets',
    lecture: assumed(400, 'about the figures of haswell'),
    haswell: derived(497, 'LXD: call and reply, of four lines, by 4', 'read'),
    icelake: assumed(350, 'less than haswell'),
  },
  {
    label: 'lock or compare-and-swap without contention',
    lecture: assumed(100, 'of the class of the Pentium 4'),
    haswell: upTo(59, calibrated(28, "PLOS '21", 'second-hand')),
    skylake: assumed(20, 'less than haswell'),
    icelake: assumed(20, 'less than haswell'),
    'neoverse-n1': assumed(20, 'as on skylake'),
    u54: assumed(30, 'in order, to the cache and back'),
  },
  {
    label: 'interrupt to another core, sender',
    lecture: assumed(300, 'as on haswell'),
    haswell: calibrated(300, BARRELFISH, 'second-hand'),
    skylake: DITTO,
    icelake: DITTO,
    'neoverse-n1': DITTO,
    u54: DITTO,
  },
  {
    label: 'interrupt to another core, receiver',
    lecture: assumed(1000, 'as on haswell, the upper end'),
    haswell: upTo(1000, calibrated(500, BARRELFISH, 'read')),
    skylake: DITTO,
    icelake: DITTO,
    'neoverse-n1': DITTO,
    u54: DITTO,
  },
  {
    label: 'interrupt to another core, end to end',
    icelake: upTo(2500, assumed(1500, 'native: 0.5 to 1 µs are told', 'from-memory')),
    'neoverse-n1': DITTO,
    u54: DITTO,
  },
  {
    label: 'interrupt to its handler in user mode',
    skylake: calibrated(1638, SEL4BENCH, 'read'),
    'neoverse-n1': derived(890, `as on a Cortex-A57: ${SEL4BENCH}`, 'read'),
    u54: calibrated(798, SEL4BENCH, 'read'),
  },
  {
    label: 'exit of a virtual machine',
    haswell: upTo(1240, calibrated(1171, 'no paper is named with it', 'second-hand')),
    skylake: derived(1200, 'as on haswell, rounded', 'second-hand'),
    icelake: derived(1200, 'as on haswell, rounded', 'second-hand'),
  },
  {
    label: 'interrupt to itself, in a guest of KVM',
    skylake: andNs(150, calibrated(0, `${KVM_IPI}: to itself`, 'second-hand')),
  },
  {
    label: 'interrupt to another core, in a guest of KVM',
    skylake: andNs(2510, calibrated(0, `${KVM_IPI}: 2510 to 2560 ns`, 'second-hand')),
  },
  {
    label: 'interrupt to all of 80 cores, in a guest of KVM',
    skylake: andNs(75_000, calibrated(0, `${KVM_IPI}: 75 to 198 µs`, 'second-hand')),
  },
  {
    label: 'third-level line, shared and clean',
    haswell: derived(65, GENERIC_L3, 'second-hand'),
    skylake: DITTO,
    icelake: DITTO,
  },
  {
    label: 'third-level line, changed by another core',
    haswell: derived(75, GENERIC_L3, 'second-hand'),
    skylake: DITTO,
    icelake: DITTO,
  },
];
