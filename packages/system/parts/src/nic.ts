/** The network cards that a system may have, and a description with another of them: its driver, and the card itself. */
import type { Description } from '@bulkhead/assembler';
import { nicDriver } from '@bulkhead/nic-driver';
import { err, ok, type Result } from '@bulkhead/result';
import { type ComponentDefinition, kindOf, named } from '@bulkhead/runtime';
import { virtioNetDriver } from '@bulkhead/virtio-net-driver';

export type Nic = NonNullable<Description['nicModels']>[number];

interface Entry {
  readonly driver: ComponentDefinition;
  /** Vendor ID in 15:0, device ID in 31:16. */
  readonly vendorDevice: number;
}
const entry = (definition: { readonly config: { readonly vendorDevice: number } }): Entry => ({
  driver: definition as unknown as ComponentDefinition,
  vendorDevice: definition.config.vendorDevice,
});

export const NICS: Readonly<Record<Nic, Entry>> = {
  'intel-82574': entry(nicDriver),
  'virtio-net': entry(virtioNetDriver),
};
const DEFAULT_NIC: Nic = 'intel-82574';

/** The driver of a card, as the component of this name. */
export function driverOf(nic: Nic, name: string): ComponentDefinition {
  const { driver } = NICS[nic];
  return driver.name === name ? driver : named(name, driver);
}
/** What a description says of its cards: nothing, where they are what they are anyway. */
export const modelsOf = (nic: Nic, count: number): Pick<Description, 'nicModels'> =>
  nic === DEFAULT_NIC ? {} : { nicModels: Array.from({ length: count }, () => nic) };

/**
 * Puts another card in every slot, and its driver where a driver is. Names, walls, connections and authority stay; what
 * the description tells a driver beyond its device and its peer is told to that driver alone, and falls away.
 *
 * @returns the description, or a line that names the mend.
 */
export function withNic(description: Description, nic: Nic): Result<Description, string> {
  const { name: system, components, nics = 1 } = description;
  const kinds = new Map(Object.entries(NICS).map(([model, { driver }]) => [driver.name, model as Nic]));
  const drivers = components.filter((component) => kinds.has(kindOf(component)));
  if (drivers.length === 0)
    return err(`'${system}' has no driver of a network card: add one of ${[...kinds.keys()].join(', ')}`);
  if (drivers.every((driver) => kinds.get(kindOf(driver)) === nic)) return ok(description);
  const { nicModels: _, ...rest } = description;
  const names = new Set(drivers.map(({ name }) => name));
  return ok({
    ...rest,
    ...modelsOf(nic, nics),
    components: components.map((each) => (names.has(each.name) ? driverOf(nic, each.name) : each)),
    config: (facts) => configOf(description.config(facts), names, NICS[nic].vendorDevice),
  });
}

/** Every claim to a card is one to the new card. */
function configOf(
  configs: ReturnType<Description['config']>,
  drivers: ReadonlySet<string>,
  vendorDevice: number,
): Record<string, object> {
  const known: readonly unknown[] = Object.values(NICS).map((each) => each.vendorDevice);
  const renamed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renamed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        key === 'vendorDevice' && known.includes(each) ? vendorDevice : renamed(each),
      ]),
    );
  };
  return Object.fromEntries(
    Object.entries(configs).map(([component, config]) => {
      const { peer } = config as { readonly peer?: number };
      if (drivers.has(component)) return [component, peer === undefined ? { vendorDevice } : { vendorDevice, peer }];
      return [component, renamed(config) as object];
    }),
  );
}
