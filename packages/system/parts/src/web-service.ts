/**
 * A web service without its walls: the components, who is connected with whom, who is given what of the machine, and
 * the parameters. A system adds where the walls stand, and nothing else.
 */
import type { Description, Facts } from '@bulkhead/assembler';
import { iommuDriver } from '@bulkhead/iommu-driver';
import { netStack } from '@bulkhead/net-stack';
import { nicDriver } from '@bulkhead/nic-driver';
import { pciBusDriver } from '@bulkhead/pci-bus-driver';
import type { ComponentDefinition } from '@bulkhead/runtime';
import { supervisor } from '@bulkhead/supervisor';
import { webServer } from '@bulkhead/web-server';

/** Interrupt identities: the IOMMU's own, and those that the PCI-bus driver gives away. */
const IOMMU_IDENTITY = 8;
const FIRST_PCI_IDENTITY = 16;
const LAST_PCI_IDENTITY = 127;
/** The NIC: bus 0, device 1, function 0; Intel 82574L. */
const NIC_DEVICE = 0x08;
const NIC_VENDOR_DEVICE = 0x10d38086;

export const GUEST_ADDRESS = '10.0.2.15';
export const GATEWAY_ADDRESS = '10.0.2.2';
export const PREFIX_BITS = 24;
export const HTTP_PORT = 80;

type Parts = Pick<Description, 'components' | 'connections' | 'authority' | 'config'>;

export interface WebServiceOptions {
  /** Shown on the pages. @defaultValue 'Bulkhead' */
  readonly title?: string;
}

/** The parts, to be spread into a description. */
export function webService({ title = 'Bulkhead' }: WebServiceOptions = {}): Parts {
  return {
    components: [
      webServer,
      netStack,
      nicDriver,
      supervisor,
      iommuDriver,
      pciBusDriver,
    ] as unknown as ComponentDefinition[],
    connections: [
      'web-server.net -> net-stack.sockets',
      'net-stack.device -> nic-driver.device',
      'nic-driver.pci -> pci-bus-driver.pci',
      'nic-driver.iommu -> iommu-driver.iommu',
      'nic-driver.supervision -> supervisor.supervision',
      'supervisor.pci -> pci-bus-driver.pci',
      'supervisor.iommu -> iommu-driver.iommu',
      'iommu-driver.pci -> pci-bus-driver.pci',
    ],
    authority: {
      'pci-bus-driver': { config: 'ecam', 'memory-window': 'pci-window', 'irq-control': 'irq-control' },
      'iommu-driver': { registers: 'iommu-registers', 'irq-control': 'irq-control' },
    },
    config: (facts) => configOf(facts, title),
  };
}

function configOf({ identity, supervised, iommu, machine, seed }: Facts, title: string): Record<string, object> {
  const nic = { component: identity('nic-driver'), vendorDevice: NIC_VENDOR_DEVICE };
  const isSupervised = supervised('nic-driver');
  return {
    'pci-bus-driver': {
      supervisor: identity('supervisor'),
      windowPage: machine.pciWindowPage,
      windowPages: machine.pciWindowPages,
      msiPage: machine.msiPage,
      firstIdentity: FIRST_PCI_IDENTITY,
      lastIdentity: LAST_PCI_IDENTITY,
      // A supervisor says who may have what; where there is nothing to supervise, the system does.
      allowed: isSupervised ? [] : [nic],
    },
    'iommu-driver': {
      mode: iommu,
      supervisor: identity('supervisor'),
      faultIdentity: IOMMU_IDENTITY,
      msiPage: machine.msiPage,
      checkOwner: true,
    },
    supervisor: { children: isSupervised ? [{ domainRight: 'child-0', ...nic, device: NIC_DEVICE }] : [] },
    'nic-driver': { vendorDevice: NIC_VENDOR_DEVICE, peer: identity('net-stack') },
    'net-stack': { address: GUEST_ADDRESS, prefixBits: PREFIX_BITS, gateway: GATEWAY_ADDRESS, seed },
    'web-server': { port: HTTP_PORT, title },
  };
}
