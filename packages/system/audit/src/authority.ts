/**
 * Who will be handed what of the machine: the rights that the description gives at boot, and those that the PCI-bus
 * driver and the IOMMU driver give on, by their configuration.
 */
import { type Description, factsOf, type Resource } from '@bulkhead/assembler';
import { DEVICE_ID, VENDOR_ID } from '@bulkhead/intel-82574-datasheet';
import { iommu } from '@bulkhead/iommu-driver-api';
import { pciBus } from '@bulkhead/pci-bus-driver-api';
import * as virtio from '@bulkhead/virtio-datasheet';
import type { Link } from './layout.ts';

/** A device in somebody's hands. */
export interface Hand {
  readonly component: string;
  readonly device: string;
  readonly reason: string;
  /** It drives the device: interrupts come to it, and it has memory mapped for the device. */
  readonly drives: boolean;
}

export interface Hands {
  readonly devices: readonly string[];
  readonly hands: readonly Hand[];
  /** Who may keep a device from whoever drives it, and does not drive it. */
  readonly takers: readonly { readonly component: string; readonly device: string; readonly reason: string }[];
}

/** What the configuration of a bus driver and a supervisor say, as far as it matters here. */
interface Claim {
  readonly component: number;
  readonly vendorDevice: number;
}
interface BusConfig {
  readonly supervisor?: number;
  readonly allowed?: readonly Claim[];
}
interface SupervisorConfig {
  readonly children?: readonly Claim[];
}

/** Cards, by vendor and device ID. */
const NICS: readonly (number | undefined)[] = [
  DEVICE_ID * 0x1_0000 + VENDOR_ID,
  virtio.DEVICE_ID_NETWORK * 0x1_0000 + virtio.VENDOR_ID,
];
/** Who may have what does not depend on the seed. */
const ANY_SEED = 1;

/** Who holds a resource of the machine, or a right to a domain. */
export const holdersOf = ({ authority }: Description, resource: Resource): string[] =>
  Object.keys(authority).filter((component) => Object.values(authority[component]!).includes(resource));

export const clientsOf = (links: readonly Link[], contract: { readonly name: string }): string[] => [
  ...new Set(links.filter((link) => link.contract.name === contract.name).map(({ client }) => client)),
];
export const serversOf = (links: readonly Link[], contract: { readonly name: string }): string[] => [
  ...new Set(links.filter((link) => link.contract.name === contract.name).map(({ server }) => server)),
];

/** Network cards, and everybody who may come to program one. */
export function handsOf(description: Description, links: readonly Link[]): Hands {
  const configs = description.config(factsOf(description, ANY_SEED)) as Readonly<Record<string, object | undefined>>;
  const configOf = (component: string): object => ({
    ...(description.components.find(({ name }) => name === component)?.config as object),
    ...configs[component],
  });
  const nameOf = (identity: number | undefined): string | undefined => description.components[identity ?? -1]?.name;
  const clients = clientsOf(links, pciBus);
  const drivers = new Map<string, string>();
  const masters = new Set<string>();
  for (const bus of serversOf(links, pciBus)) {
    const { supervisor, allowed = [] } = configOf(bus) as BusConfig;
    const master = nameOf(supervisor);
    if (master !== undefined && clients.includes(master)) masters.add(master);
    const children = master === undefined ? [] : ((configOf(master) as SupervisorConfig).children ?? []);
    const claims = [
      ...allowed.map((claim) => ({ ...claim, by: `the configuration of ${bus}` })),
      ...children.map((claim) => ({ ...claim, by: `${master}, who asks ${bus} to` })),
    ];
    for (const { component, vendorDevice, by } of claims) {
      const name = nameOf(component);
      if (name !== undefined && clients.includes(name) && NICS.includes(vendorDevice))
        drivers.set(name, `${bus} hands it the registers (an untyped right to exactly the BAR), as allowed by ${by}`);
    }
  }
  const devices = nicsOf(description.nics ?? 1, [...drivers.keys()]);
  const ofDriver = [...drivers].flatMap(([component, reason]) =>
    devices
      .filter((device) => devices.length === 1 || device === ownNic(component))
      .map((device) => ({ component, device, reason, drives: clientsOf(links, iommu).includes(component) })),
  );
  const ofOthers = [...drivers.keys()].flatMap((component) =>
    devices
      .filter((device) => devices.length > 1 && device !== ownNic(component))
      .map((device) => ({ component, device, reason: 'it may claim any card of its kind that nobody holds yet' })),
  );
  const ofMasters = [...masters].flatMap((component) =>
    devices.map((device) => ({
      component,
      device,
      reason: 'it may take the device from its holder and let another claim it, but is handed none itself',
    })),
  );
  return { devices, hands: ofDriver, takers: [...ofOthers, ...ofMasters] };
}

const ownNic = (driver: string): string => `NIC of ${driver}`;

/** One card is the card; of several, each is named by the driver that will hold it. */
function nicsOf(count: number, drivers: readonly string[]): string[] {
  if (count === 1) return ['NIC'];
  const held = drivers.slice(0, count).map(ownNic);
  return [...held, ...Array.from({ length: count - held.length }, (_, i) => `free NIC ${i + 1}`)];
}
