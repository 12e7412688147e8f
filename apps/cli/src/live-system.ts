/** A system behind a gateway on a port of the host's, for as long as something is done with it. */
import { type AssembleOptions, assemble, type Description, type System } from '@bulkhead/assembler';
import { Gateway } from '@bulkhead/gateway';
import type { LinkEnd } from '@bulkhead/link';
import { HTTP_PORT } from '@bulkhead/parts';
import { Failure, messageOf, UsageError } from './errors.ts';
import { farEndConfig, GUEST } from './network.ts';

/** Simulated time in which every component has started and the link has come up. */
const BOOT_NS = 50_000_000;

/**
 * @param assembled told of the system before anything of it runs.
 * @returns a system that answers.
 * @throws Failure when it does not live so long.
 */
export function boot(
  description: Description,
  options: AssembleOptions,
  assembled: (system: System) => void = () => {},
): System {
  const system = assemble(description, options);
  assembled(system);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  if (system.panic !== null)
    throw new Failure(`'${description.name}' panicked while it booted: ${system.panic.message}`);
  return system;
}

export interface LiveOptions {
  readonly system: System;
  readonly seed: number;
  /** 0 for any that is free. */
  readonly port: number;
  readonly wire?: LinkEnd;
  /** Whose wire it is: the machine's address on it follows that of the first. @defaultValue 0 */
  readonly nic?: number;
  /** Of the machine, to which connections go. @defaultValue 80 */
  readonly guestPort?: number;
  readonly onPanic?: () => void;
}

/** Always closes the gateway, whatever happens. @throws UsageError when the port cannot be had. */
export async function withGateway<T>(
  { seed, port, nic = 0, guestPort = HTTP_PORT, ...options }: LiveOptions,
  act: (port: number) => Promise<T>,
): Promise<T> {
  const gateway = new Gateway({
    wire: options.system.wires[nic]!,
    ...options,
    nowMs: () => performance.now(),
    config: farEndConfig(seed),
    address: GUEST + nic,
    port: guestPort,
  });
  try {
    return await act(await gateway.listen(port).catch((error: NodeJS.ErrnoException) => refuse(port, error)));
  } finally {
    await gateway.close();
  }
}

/** A gateway for every network card: the first at `port`, the next at the ports after it, or at any that are free. */
export async function withGateways<T>(options: LiveOptions, act: (ports: readonly number[]) => Promise<T>): Promise<T> {
  const { system, port } = options;
  const open = (ports: readonly number[]): Promise<T> => {
    const nic = ports.length;
    if (nic === system.wires.length) return act(ports);
    const next = port === 0 ? 0 : port + nic;
    return withGateway({ ...options, nic, port: next }, (opened) => open([...ports, opened]));
  };
  return open([]);
}

function refuse(port: number, error: NodeJS.ErrnoException): never {
  const mend = 'choose another with --port, or 0 for any';
  throw new UsageError(
    error.code === 'EADDRINUSE'
      ? `port ${port} is in use: ${mend}`
      : `port ${port} cannot be had (${messageOf(error)}): ${mend}`,
  );
}
