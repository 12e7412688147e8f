/**
 * A web service without its walls: the components, who is connected with whom, who is given what of the machine, and
 * the parameters. A system adds where the walls stand, and nothing else.
 */
import type { ConnectionText, Description, Facts } from '@bulkhead/assembler';
import { iommuDriver } from '@bulkhead/iommu-driver';
import { netStack } from '@bulkhead/net-stack';
import { pciBusDriver } from '@bulkhead/pci-bus-driver';
import { type ComponentDefinition, named } from '@bulkhead/runtime';
import { supervisor } from '@bulkhead/supervisor';
import { webServer } from '@bulkhead/web-server';
import { driverOf, modelsOf, NICS, type Nic } from './nic.ts';

/** Interrupt identities: the IOMMU's own, and those that the PCI-bus driver gives away. */
const IOMMU_IDENTITY = 8;
const FIRST_PCI_IDENTITY = 16;
const LAST_PCI_IDENTITY = 127;

export const GUEST_ADDRESS = '10.0.2.15';
export const GATEWAY_ADDRESS = '10.0.2.2';
export const PREFIX_BITS = 24;
export const HTTP_PORT = 80;

/** The second application's, on a wire of its own. */
export const SECOND_GUEST_ADDRESS = '10.0.2.16';

type Parts = Pick<Description, 'components' | 'connections' | 'authority' | 'config' | 'nicModels'>;

export interface WebServiceOptions {
  /** Shown on the pages. @defaultValue 'Bulkhead' */
  readonly title?: string;
  /**
   * How many web servers, each with a network stack and a driver of its own; the names of the second's end in `-b`.
   * @defaultValue 1
   */
  readonly applications?: 1 | 2;
  /** The card in every slot, and so the driver. @defaultValue 'intel-82574' */
  readonly nic?: Nic;
}

/** Where an application answers, and what its components' names end in. */
interface Stack {
  readonly suffix: '' | '-b';
  readonly address: string;
}
const STACKS: readonly Stack[] = [
  { suffix: '', address: GUEST_ADDRESS },
  { suffix: '-b', address: SECOND_GUEST_ADDRESS },
];

/** The parts, to be spread into a description. */
export function webService(options: WebServiceOptions = {}): Parts {
  const { title = 'Bulkhead', applications = 1, nic = 'intel-82574' } = checked(options);
  const stacks = STACKS.slice(0, applications);
  return {
    components: [
      ...stacks.flatMap((stack) => componentsOf(stack, nic)),
      supervisor,
      iommuDriver,
      pciBusDriver,
    ] as unknown as ComponentDefinition[],
    connections: [
      ...stacks.flatMap(connectionsOf),
      'supervisor.pci -> pci-bus-driver.pci',
      'supervisor.iommu -> iommu-driver.iommu',
      'iommu-driver.pci -> pci-bus-driver.pci',
    ],
    authority: {
      'pci-bus-driver': {
        config: 'ecam',
        'memory-window': 'pci-window',
        'io-window': 'pci-io',
        'irq-control': 'irq-control',
      },
      'iommu-driver': { registers: 'iommu-registers', 'irq-control': 'irq-control' },
    },
    config: (facts) => configOf(facts, title, stacks, NICS[nic].vendorDevice),
    ...modelsOf(nic, applications),
  };
}

const OPTIONS: readonly string[] = ['title', 'applications', 'nic'] satisfies (keyof WebServiceOptions)[];

/** Who writes a description may have no compiler at hand. @throws RangeError with a line that names the mend. */
function checked(options: WebServiceOptions): WebServiceOptions {
  const { applications = 1, nic = 'intel-82574' } = options;
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) throw new RangeError(`webService has no '${unknown}': use one of ${OPTIONS.join(', ')}`);
  if (!Object.hasOwn(NICS, nic))
    throw new RangeError(`there is no network card '${nic}': use one of ${Object.keys(NICS).join(', ')}`);
  if (STACKS[applications - 1] === undefined)
    throw new RangeError(`webService makes no ${applications} applications: use a number from 1 to ${STACKS.length}`);
  return options;
}

function componentsOf({ suffix }: Stack, nic: Nic): unknown[] {
  const driver = driverOf(nic, `nic-driver${suffix}`);
  if (suffix === '') return [webServer, netStack, driver];
  return [named(`web-server${suffix}`, webServer), named(`net-stack${suffix}`, netStack), driver];
}

const connectionsOf = ({ suffix }: Stack): ConnectionText[] => [
  `web-server${suffix}.net -> net-stack${suffix}.sockets`,
  `net-stack${suffix}.device -> nic-driver${suffix}.device`,
  `nic-driver${suffix}.pci -> pci-bus-driver.pci`,
  `nic-driver${suffix}.iommu -> iommu-driver.iommu`,
  `nic-driver${suffix}.supervision -> supervisor.supervision`,
];

function configOf(facts: Facts, title: string, stacks: readonly Stack[], vendorDevice: number): Record<string, object> {
  const { identity, supervised, iommu, ownership, messages, invalidation = 'strict', machine } = facts;
  const drivers = stacks.map(({ suffix }) => `nic-driver${suffix}`);
  const claim = (driver: string): { component: number; vendorDevice: number } => ({
    component: identity(driver),
    vendorDevice,
  });
  const children = drivers.filter(supervised);
  return {
    'pci-bus-driver': {
      supervisor: identity('supervisor'),
      iommuDriver: identity('iommu-driver'),
      busCount: machine.pciBusCount,
      needsIoSpace: iommu === 'translating',
      windowPage: machine.pciWindowPage,
      windowPages: machine.pciWindowPages,
      ioPage: machine.pciIoPage,
      ioPages: machine.pciIoPages,
      msiPage: machine.msiPage,
      firstIdentity: FIRST_PCI_IDENTITY,
      lastIdentity: LAST_PCI_IDENTITY,
      // A supervisor says who may have what; where there is nothing to supervise, the system does.
      allowed: drivers.filter((driver) => !supervised(driver)).map(claim),
    },
    'iommu-driver': {
      mode: iommu === 'translating' ? iommu : 'bare',
      supervisor: identity('supervisor'),
      faultIdentity: IOMMU_IDENTITY,
      msiPage: machine.msiPage,
      checkOwner: ownership !== 'off',
      msiTranslation: messages !== 'off',
      invalidation,
    },
    supervisor: {
      children: children.map((driver, nth) => ({ domainRight: `child-${nth}`, ...claim(driver) })),
    },
    ...Object.assign({}, ...stacks.map((stack) => configOfStack(facts, title, stack, vendorDevice))),
  };
}

const configOfStack = (
  { identity, seed }: Facts,
  title: string,
  { suffix, address }: Stack,
  vendorDevice: number,
): object => ({
  [`nic-driver${suffix}`]: { vendorDevice, peer: identity(`net-stack${suffix}`) },
  [`net-stack${suffix}`]: { address, prefixBits: PREFIX_BITS, gateway: GATEWAY_ADDRESS, seed },
  [`web-server${suffix}`]: { port: HTTP_PORT, title },
});
