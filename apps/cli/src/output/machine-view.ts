/** The machine as tables. */
import type { MachineSnapshot } from '@bulkhead/inspection';
import { bytes, hex, physical, physicalRange } from './addresses.ts';
import { table, whole } from './table.ts';

type Device = MachineSnapshot['functions'][number];

const PAGE_BYTES = 4096;
const KINDS = {
  'pci-io': 'PCI I/O space',
  'iommu-registers': 'registers of the IOMMU',
  'interrupt-file': 'interrupt file of hart 0 (IMSIC)',
  ecam: 'PCI configuration space (ECAM)',
  'pci-window': 'PCI memory window',
  ram: 'RAM',
} as const;

export function machineText(snapshot: MachineSnapshot): string {
  const { system, addressMap, functions, links, interrupts } = snapshot;
  const map = addressMap.map(({ kind, page, count }) => [
    physicalRange(page * PAGE_BYTES, count * PAGE_BYTES),
    bytes(count * PAGE_BYTES),
    KINDS[kind],
  ]);
  const wires = links.map((link) => [
    link.device,
    link.up ? 'up' : 'down',
    `${whole(link.megabitsPerSecond)} Mb/s ${link.fullDuplex ? 'full' : 'half'} duplex`,
    whole(link.framesReceived),
    whole(link.framesTransmitted),
    whole(link.dmaFaults),
  ]);
  const routes = interrupts.map(({ identity, sources, component, domain, token, enabled, pending }) => [
    String(identity),
    sources.join(', ') || '–',
    component === null ? '–' : `${component} in ${domain}, token ${token}`,
    enabled ? 'enabled' : 'masked',
    pending ? 'pending' : '',
  ]);
  return [
    `${system}: the machine`,
    '',
    table(['', ''], factsOf(snapshot), false).trimStart(),
    '',
    table(['physical', 'size', 'what answers'], map, false),
    '',
    ...functions.map(functionText),
    table(['link of', 'state', 'speed', 'frames in', 'frames out', 'DMA faults'], wires, false),
    '',
    table(['interrupt', 'raised by', 'told', 'state', ''], routes, false),
    '',
    'A function is named bus:device.function. A vector is an address and a number: a message that writes the number there',
    'raises the interrupt of that identity. Masked: taken, and not acknowledged yet, or not bound.',
    '',
  ].join('\n');
}

function factsOf({ harts, ramBytes, profile, tlb, iommu, atCycles }: MachineSnapshot): string[][] {
  const place = (page: number): string => (page === 0 ? 'none' : physical(page * PAGE_BYTES));
  const milliseconds = (atCycles / profile.cyclesPerSecond) * 1000;
  return [
    ['harts', String(harts)],
    ['RAM', bytes(ramBytes)],
    ['clock', `${whole(profile.cyclesPerSecond / 1e6)} MHz (profile ${profile.name}: ${profile.title})`],
    [
      'TLB',
      `${whole(tlb.entries)} pages in sets of ${whole(tlb.ways)}, ${whole(tlb.superpageEntries)} superpages, ${tlb.tagged ? 'tagged by ASID' : 'untagged'}`,
    ],
    ['IOMMU', iommu.mode],
    ['  device directory', place(iommu.directoryPage)],
    ['  command queue', place(iommu.commandPage)],
    ['  fault queue', place(iommu.faultPage)],
    ...driverRows(iommu),
    ['simulated time', `${whole(milliseconds)} ms, ${whole(atCycles)} cycles`],
  ];
}
function driverRows({ mode, invalidation, driver }: MachineSnapshot['iommu']): string[][] {
  if (driver === null) return [];
  const { faultsUntold, devicesHushed, faultOverflows } = driver;
  const faults = `${whole(faultsUntold)} not told, ${whole(devicesHushed)} devices hushed, ${whole(faultOverflows)} overflows`;
  return [
    ['  invalidation', mode === 'translating' ? invalidation : 'none'],
    ['  reached after unmap', exposure(mode, invalidation, driver)],
    ['  floods of faults', faults],
  ];
}
/** What devices reach that is mapped for them no more. */
function exposure(
  mode: MachineSnapshot['iommu']['mode'],
  invalidation: MachineSnapshot['iommu']['invalidation'],
  { exposedPages, exposedAtOnce, exposedLongestUs }: NonNullable<MachineSnapshot['iommu']['driver']>,
): string {
  if (mode === 'bare') return 'everything, mapped or not';
  if (mode === 'off') return 'none: no device reaches anything';
  if (invalidation === 'strict') return 'none: every unmap was invalidated before its answer';
  if (exposedPages === 0) return 'none yet: nothing was unmapped whose invalidation waited';
  return `${whole(exposedPages)} pages, at most ${whole(exposedAtOnce)} at once, the longest for ${whole(exposedLongestUs)} µs`;
}
function functionText(device: Device): string {
  const { name, vendorId, deviceId, classCode, memorySpace, busMaster, bars, msix, mappedBy, interruptsTo } = device;
  const rows = [
    ...bars.map(({ index, isIo, address, sizeBytes }) => [
      `  BAR ${index}`,
      address === 0 ? `no address, ${bytes(sizeBytes)}` : `${physical(address)}, ${bytes(sizeBytes)}`,
      isIo ? 'I/O space' : 'memory space',
    ]),
    ...(msix?.vectors ?? []).map(({ vector, masked, address, data }) => [
      `  vector ${vector}`,
      address === 0 ? 'not programmed' : `${physical(address)} ← ${data}`,
      masked ? 'masked' : '',
    ]),
  ];
  const uses = [
    memorySpace ? 'answers' : 'does not answer',
    busMaster ? 'may do DMA' : 'may do no DMA',
    msix?.enabled === true ? 'MSI-X on' : 'MSI-X off',
  ];
  return [
    `PCI ${name}: ${hex(vendorId, 4)}:${hex(deviceId, 4)}, class ${hex(classCode, 6)}; ${uses.join(', ')}`,
    `  registers mapped by ${mappedBy.join(', ') || "nobody outside the kernel's domain"}; interrupts to ${interruptsTo.join(', ') || 'nobody'}`,
    table(['  register', 'where', ''], rows, false),
    '',
  ].join('\n');
}
