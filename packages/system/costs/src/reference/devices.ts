/** What devices and their translation cost beyond the prices that a profile charges. */
import { assumed, calibrated, derived } from '../constant.ts';
import { andNs, DITTO, type ReferenceRow, upTo } from './row.ts';

const RIOMMU = "rIOMMU, ASPLOS '15, Table 1";
const PCIE_BENCH = 'pcie-bench, SIGCOMM 2018, Xeon E5 v3';
const IXY = 'ixy, user-space drivers in C, Xeon E3 v3';

export const DEVICES: readonly ReferenceRow[] = [
  {
    label: 'port output',
    lecture: assumed(1500, 'a shorter bus than that of haswell'),
    haswell: calibrated(4213, 'LVDs, VEE 2020, Table 2', 'read'),
    skylake: assumed(4000, 'about haswell'),
  },
  {
    label: 'IO virtual address allocated, fast',
    lecture: derived(92, `as on haswell: ${RIOMMU}`, 'from-memory'),
    haswell: calibrated(92, `${RIOMMU}, mended allocator`, 'from-memory'),
    skylake: DITTO,
    icelake: assumed(100, 'about: the per-core cache of addresses that Linux has since'),
    'neoverse-n1': DITTO,
  },
  {
    label: 'IO virtual address allocated, worst',
    lecture: derived(3986, `as on haswell: ${RIOMMU}`, 'from-memory'),
    haswell: calibrated(3986, `${RIOMMU}, allocator as it was`, 'from-memory'),
    skylake: DITTO,
  },
  {
    label: 'IOTLB invalidation, deferred',
    haswell: calibrated(9, `${RIOMMU}: its share when 250 are done at once`, 'from-memory'),
  },
  {
    label: 'IOTLB and device-TLB invalidation in one batch: saved',
    skylake: calibrated(800, 'Intel to the linux-iommu list, August 2024, about', 'second-hand'),
    icelake: DITTO,
  },
  {
    label: 'IOTLB miss, seen by the device',
    haswell: andNs(330, calibrated(0, PCIE_BENCH, 'from-memory')),
    skylake: DITTO,
    icelake: DITTO,
    'neoverse-n1': DITTO,
  },
  {
    label: 'DMA read or write of 64 bytes, seen by the device',
    lecture: andNs(800, assumed(0, 'a slower bus than that of haswell')),
    haswell: andNs(540, calibrated(0, `${PCIE_BENCH}: 520 to 550 ns, median`, 'from-memory')),
    skylake: DITTO,
    icelake: DITTO,
    'neoverse-n1': DITTO,
  },
  {
    label: 'driver work a frame, alone',
    haswell: upTo(400, calibrated(388, IXY, 'read')),
    skylake: DITTO,
    icelake: DITTO,
    'neoverse-n1': DITTO,
  },
  {
    label: 'driver work a frame, in batches of 32',
    haswell: calibrated(94, `${IXY}; the price of nic-driver.rx-frame and .tx-frame is made of it`, 'read'),
    skylake: DITTO,
    icelake: DITTO,
    'neoverse-n1': DITTO,
  },
  {
    label: 'capability look-up, each further level',
    lecture: assumed(10, 'half of the first'),
    haswell: upTo(12, derived(4, 'libcap', 'from-memory')),
    skylake: derived(0, 'seL4: in its fast path', 'from-memory'),
    icelake: DITTO,
    'neoverse-n1': DITTO,
    u54: DITTO,
  },
  {
    label: 'posted write to a device: time to the next',
    haswell: andNs(50, calibrated(0, "Intel's forum: 50 to 300 ns between packets", 'second-hand')),
    skylake: DITTO,
    icelake: DITTO,
  },
];
