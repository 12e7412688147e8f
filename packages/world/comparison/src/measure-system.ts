/** One system under one workload: assembled, loaded, measured, and told as plain data. */
import {
  type AssembleOptions,
  assemble,
  type Description,
  KERNEL_DOMAIN,
  type Metrics,
  type System,
} from '@bulkhead/assembler';
import type { Profile } from '@bulkhead/costs';
import { type Measurement, measure, type WorkloadName, type WorkloadOptions } from '@bulkhead/load';
import type { NetStackConfig } from '@bulkhead/net-stack';
import { type Application, nullCallOf, withApplication } from '@bulkhead/parts';
import { err, ok, type Result } from '@bulkhead/result';
import { kindOf } from '@bulkhead/runtime';
import type { ConnectionShape, DomainShape, PerRequest, SystemResult } from './result.ts';

export interface MeasureSystemOptions {
  readonly workload: WorkloadOptions;
  readonly profile: Profile;
  readonly seed: number;
  /** The machine's IPv4 address. */
  readonly address: number;
  /** The stack at the other end of the wire. */
  readonly farEnd: NetStackConfig;
  /** TypeScript lines that run with the kernel's privilege. */
  readonly privilegedLines: number;
  /** Looks on, and changes nothing. Of `null-call`, whose two components are a system of their own, it sees nothing. */
  readonly watcher?: Watcher;
}
export interface Watcher extends Pick<AssembleOptions, 'observer' | 'trace' | 'tap'> {
  /** The system is there. */
  attach(system: System): void;
}

/** Which application answers a workload. `null-call` needs none. */
export const APPLICATION_OF: Readonly<Record<Exclude<WorkloadName, 'null-call'>, Application>> = {
  'udp-echo': 'echo-server',
  'tcp-stream': 'stream-server',
  http: 'web-server',
  kv: 'kv-server',
};

/**
 * Each `next()` runs a piece of simulated time and yields what share of the requests is done.
 * @returns the result, or one line that says why there is none.
 */
export function* measureSystem(
  description: Description,
  options: MeasureSystemOptions,
): Generator<number, Result<SystemResult, string>> {
  const { workload, profile, seed, address, farEnd, watcher } = options;
  const shaped = shapedFor(description, workload.workload);
  if (!shaped.ok) return shaped;
  const system = assemble(shaped.value, { profile, seed, ...watching(watcher) });
  watcher?.attach(system);
  const measured = yield* measure(system, { ...workload, address, config: farEnd });
  if ('unfinished' in measured) return err(`'${description.name}' ${measured.reason}${firstFault(system)}`);
  return ok(resultOf(shaped.value, system, options, measured));
}

/** A component that ended may be why. */
function firstFault({ faults, panic }: System): string {
  const [first] = faults;
  return panic !== null || first === undefined ? '' : `; ${first.component} had ended before: ${first.message}`;
}

const watching = (watcher: Watcher | undefined): Pick<AssembleOptions, 'observer' | 'trace' | 'tap'> => {
  const { observer, trace, tap } = watcher ?? {};
  return {
    ...(observer === undefined ? {} : { observer }),
    ...(trace === undefined ? {} : { trace }),
    ...(tap === undefined ? {} : { tap }),
  };
};

/** The description with the application that answers the workload. */
export function shapedFor(description: Description, workload: WorkloadName): Result<Description, string> {
  if (workload !== 'null-call') return withApplication(description, APPLICATION_OF[workload]);
  const placement = nullCallOf(description);
  return placement.ok ? ok(description) : placement;
}

function resultOf(
  description: Description,
  system: System,
  { profile, privilegedLines }: MeasureSystemOptions,
  measured: Measurement,
): SystemResult {
  const { metrics, requests } = measured;
  const cycles = metrics.busyCycles / requests;
  return {
    system: description.name,
    summary: description.summary,
    iommu: description.iommu,
    domains: domainsOf(description),
    connections: connectionsOf(system),
    requests,
    failed: measured.failed,
    requestsPerSecond: measured.requestsPerSecond,
    requestsPerSecondOfProcessor: profile.cyclesPerSecond / cycles,
    bytesPerSecond: measured.bytesPerSecond,
    latency: measured.latency,
    perRequest: { cycles, ...perRequest(metrics, requests) },
    privilegedLines,
    digest: measured.digest,
    applicationDigest: measured.applicationDigest,
    ...(measured.saturated === undefined ? {} : { saturated: measured.saturated }),
  };
}

/** @returns the domains of a description, the kernel's first. */
export function domainsOf({ domains, components, levels }: Description): DomainShape[] {
  const names = [KERNEL_DOMAIN, ...Object.keys(domains).filter((name) => name !== KERNEL_DOMAIN)];
  return names.map((name) => ({
    name,
    isKernel: name === KERNEL_DOMAIN,
    components: (domains[name] ?? []).map((member) => {
      const definition = components.find((component) => component.name === member)!;
      return { name: member, kind: kindOf(definition), level: levels?.[name] ?? definition.level };
    }),
  }));
}

/** Nothing ever comes back of itself. */
const NO_GATE = 'none';

const connectionsOf = ({ connections }: System): ConnectionShape[] =>
  connections.map(({ client, server, contract, up, down, events }) => ({
    client: client.seat.name,
    server: server.seat.name,
    contract: contract.name,
    up,
    down: events.length === 0 ? NO_GATE : down,
  }));

function perRequest(metrics: Metrics, requests: number): Omit<PerRequest, 'cycles'> {
  const busy = (causes: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(
      Object.entries(causes)
        .filter(([cause]) => cause !== 'idle')
        .map(([cause, cycles]) => [cause, cycles / requests]),
    );
  const byComponentAndCause = Object.fromEntries(
    Object.entries(metrics.byComponent).map(([component, causes]) => [component, busy(causes)]),
  );
  return {
    byCause: busy(metrics.byCause),
    byComponent: Object.fromEntries(
      Object.entries(byComponentAndCause).map(([component, causes]) => [
        component,
        Object.values(causes).reduce((sum, cycles) => sum + cycles, 0),
      ]),
    ),
    byComponentAndCause,
    counts: Object.fromEntries(
      Object.entries(metrics.counts)
        .filter(([name, count]) => count > 0 && name !== 'idle')
        .map(([name, count]) => [name, count / requests]),
    ),
    modeSwitches: metrics.traps / requests,
    addressSpaceSwitches: metrics.addressSpaceSwitches / requests,
    ipcs: metrics.ipcs / requests,
    interrupts: metrics.interrupts / requests,
    tlbRefills: metrics.tlbRefills / requests,
    deviceAccesses: metrics.deviceAccesses / requests,
    copies: metrics.copies / requests,
    bytesCopied: metrics.bytesCopied / requests,
  };
}
