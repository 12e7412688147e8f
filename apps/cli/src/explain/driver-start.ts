/** How an isolated driver comes to its device: the messages and the rights between its start and its first frame. */
import { assemble, type Description, parseConnection } from '@bulkhead/assembler';
import type { Profile } from '@bulkhead/costs';
import { UsageError } from '../errors.ts';
import { type Exchange, ExchangeRecorder, folded, KERNEL } from './exchanges.ts';

export interface DriverStart {
  readonly operation: 'driver-start';
  readonly system: string;
  readonly summary: string;
  readonly profile: string;
  readonly driver: string;
  /** Who takes part, the driver first; `kernel` last. */
  readonly participants: readonly string[];
  /** In the order in which they were sent. */
  readonly exchanges: readonly Exchange[];
  /** Simulated time until the network stack took the driver into service. */
  readonly elapsedUs: number;
}
export interface DriverStartOptions {
  readonly profile: Profile;
  /** @defaultValue 1 */
  readonly seed?: number;
}

const NET_DEVICE = 'net-device';
/** By then every component has started, and the link is up. */
const BOOT_NS = 50_000_000;
const STEP_NS = 10_000;

/** @throws UsageError when the system has no network card's driver. */
export function explainDriverStart(description: Description, { profile, seed = 1 }: DriverStartOptions): DriverStart {
  const driver = driverOf(description);
  const told = new Set([driver, ...authoritiesOf(description, driver)]);
  const recorder = new ExchangeRecorder(
    ({ to, contract, method }) => to === driver && contract === NET_DEVICE && method === 'open',
  );
  const system = assemble(description, { profile, seed, messages: recorder });
  recorder.watch(system);
  const end = system.clock.cyclesOf(BOOT_NS);
  const step = system.clock.cyclesOf(STEP_NS);
  for (let until = step; until <= end && !recorder.isOver; until += step) system.runUntil(until);
  const exchanges = recorder.roots.filter(({ from, to }) => told.has(from) || to === driver);
  return {
    operation: 'driver-start',
    system: description.name,
    summary: description.summary,
    profile: profile.name,
    driver,
    participants: participantsIn(exchanges, driver),
    exchanges: folded(exchanges),
    elapsedUs: Math.round((system.clock.now * 1e6) / profile.cyclesPerSecond),
  };
}

function driverOf({ name, components }: Description): string {
  const driver = components.find(({ provides }) => Object.values(provides).some((one) => one.name === NET_DEVICE));
  if (driver === undefined) throw new UsageError(`'${name}' drives no network card: choose another --system`);
  return driver.name;
}

/** @returns those whom the driver can ask, and whom these can ask. */
function authoritiesOf({ connections }: Description, driver: string): string[] {
  const found = [driver];
  for (const name of found)
    for (const text of connections) {
      const { client, server } = parseConnection(text)!;
      if (client === name && !found.includes(server)) found.push(server);
    }
  return found.slice(1);
}

function participantsIn(exchanges: readonly Exchange[], driver: string): string[] {
  const names = new Set([driver]);
  const visit = ({ from, to, inside }: Exchange): void => {
    for (const name of [from, to]) if (name !== KERNEL) names.add(name);
    inside.forEach(visit);
  };
  exchanges.forEach(visit);
  return [...names, KERNEL];
}
