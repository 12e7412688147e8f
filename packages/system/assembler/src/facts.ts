/** What a description's configuration may refer to: all of it is known before anything is assembled. */
import { IMSIC_PAGE, PCI_IO_PAGE, PCI_IO_PAGES, PCI_WINDOW_PAGE } from '@bulkhead/board';
import { byName, domainOf, known, namesOf } from './check-words.ts';
import type { Description, Facts, MachineFacts } from './description.ts';
import { DescriptionError } from './description-error.ts';

/** 16 MiB for BARs. */
export const PCI_WINDOW_BITS = 24;
const PAGE_BITS = 12;

/** Two buses where there are no bridges; elsewhere enough for a root port a card. */
const FLAT_BUSES = 2;
const BRIDGED_BUSES = 16;

export const machineFacts = ({ topology = 'flat' }: Pick<Description, 'topology'>): MachineFacts => ({
  msiPage: IMSIC_PAGE,
  pciWindowPage: PCI_WINDOW_PAGE,
  pciWindowPages: 1 << (PCI_WINDOW_BITS - PAGE_BITS),
  pciIoPage: PCI_IO_PAGE,
  pciIoPages: PCI_IO_PAGES,
  pciBusCount: topology === 'flat' ? FLAT_BUSES : BRIDGED_BUSES,
  hasBridges: topology !== 'flat',
});

/** @throws DescriptionError, later, when the configuration asks for a component that is not there. */
export function factsOf(description: Description, seed: number): Facts {
  const { name: system, components, supervised, iommu, ownership, messages, invalidation } = description;
  const present = (component: string): string => {
    if (byName(description, component) !== undefined) return component;
    throw new DescriptionError(system, [
      `config names '${component}', which is no component here: use one of ${known(namesOf(description))}`,
    ]);
  };
  return {
    identity: (component) => components.findIndex(({ name }) => name === present(component)),
    supervised: (component) => supervised.includes(domainOf(description, present(component)) ?? ''),
    iommu,
    ownership,
    messages,
    invalidation,
    machine: machineFacts(description),
    seed,
  };
}
