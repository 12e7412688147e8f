/** Who drives which network card: what drivers are told, what others are told of them, and what stands on the board. */
import { NIC_IDENTITIES, NIC_MODELS, type NicModel } from '@bulkhead/board';
import { driversIn } from './check-machine.ts';
import type { Description } from './description.ts';

/** Parameters by component, of any kind. */
type Configs = Readonly<Record<string, unknown>>;
/** Vendor ID in 15:0, device ID in 31:16, of what a component drives; undefined where its parameters say nothing. */
type Driven = number | undefined;

/** @returns a line a mistake. */
export function checkCards(description: Description, configs: Configs): string[] {
  return [...checkBoard(description, configs), ...checkClaims(description, configs)];
}

function drivenBy({ name, config: defaults }: Description['components'][number], configs: Configs): Driven {
  const { vendorDevice } = { ...(defaults as object), ...(configs[name] as object) } as { vendorDevice?: unknown };
  return typeof vendorDevice === 'number' ? vendorDevice : undefined;
}

/** Each driver needs a card of its own. */
function checkBoard({ components, nics = 1, nicModels = [] }: Description, configs: Configs): string[] {
  const models = Array.from({ length: nics }, (_, slot) => nicModels[slot] ?? NIC_MODELS[0]);
  const free = models.map((model) => NIC_IDENTITIES[model]);
  return driversIn(components).flatMap((driver) => {
    const driven = drivenBy(driver, configs);
    if (driven === undefined) return [];
    const at = free.indexOf(driven);
    if (at >= 0) {
      free.splice(at, 1);
      return [];
    }
    const model = NIC_MODELS.find((each) => NIC_IDENTITIES[each] === driven);
    const wanted = model === undefined ? identityText(driven) : `'${model}'`;
    return [`'${driver.name}' drives ${wanted}, of which there is none for it on the board: ${mendOf(model, models)}`];
  });
}
function mendOf(wanted: NicModel | undefined, models: readonly NicModel[]): string {
  const drivers = `put the driver of ${[...new Set(models)].map((model) => `'${model}'`).join(' or ')} in its place`;
  return wanted === undefined ? drivers : `name it in nicModels, or ${drivers}`;
}

/** Who gives devices away is told which component may have which: by `component` and `vendorDevice`, in a list. */
function checkClaims({ components }: Description, configs: Configs): string[] {
  return Object.entries(configs).flatMap(([name, config]) =>
    Object.values(config as object)
      .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []))
      .filter(isClaim)
      .flatMap(({ component, vendorDevice }) => {
        const driver = components[component];
        const driven = driver && drivenBy(driver, configs);
        if (driven === undefined || driven === vendorDevice) return [];
        const [told, itself] = [vendorDevice, driven].map(identityText);
        return [
          `config tells '${name}' that '${driver!.name}' drives ${told}, and itself that it drives ${itself}: tell both the same`,
        ];
      }),
  );
}
interface Claim {
  readonly component: number;
  readonly vendorDevice: number;
}
function isClaim(value: unknown): value is Claim {
  const { component, vendorDevice } = { ...(value as object) } as Partial<Claim>;
  return typeof component === 'number' && typeof vendorDevice === 'number';
}

/** As lspci writes it. */
const identityText = (vendorDevice: number): string =>
  [vendorDevice % 0x1_0000, Math.floor(vendorDevice / 0x1_0000)]
    .map((half) => half.toString(16).padStart(4, '0'))
    .join(':');
