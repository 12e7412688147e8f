/** Several systems under the same load in simulated time, side by side. */
import { assemble, type Description, type Metrics, type System } from '@bulkhead/assembler';
import type { Profile } from '@bulkhead/costs';
import { type Measurement, measure, type Unfinished } from '@bulkhead/load';
import { HTTP_PORT } from '@bulkhead/parts';
import { Failure } from './errors.ts';
import { farEndConfig, GUEST } from './network.ts';
import { inSteps } from './output/progress.ts';
import { privilegedLines } from './privileged-lines.ts';

export interface CompareOptions {
  readonly profile: Profile;
  readonly seed: number;
  readonly requests: number;
  readonly clients: number;
  readonly path: string;
}

export interface SystemResult {
  readonly system: string;
  readonly summary: string;
  readonly iommu: string;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** What the processor alone would allow: cycles a second by busy cycles a request. */
  readonly requestsPerSecondOfProcessor: number;
  readonly latencyUs: { readonly p50: number; readonly p99: number };
  readonly perRequest: {
    readonly cycles: number;
    readonly byCause: Readonly<Record<string, number>>;
    readonly byComponent: Readonly<Record<string, number>>;
    readonly byComponentAndCause: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly modeSwitches: number;
    readonly addressSpaceSwitches: number;
    readonly ipcs: number;
    readonly interrupts: number;
    readonly tlbRefills: number;
    readonly deviceAccesses: number;
    readonly bytesCopied: number;
  };
  /** TypeScript lines that run with the kernel's privilege. */
  readonly privilegedLines: number;
  readonly digest: string;
}

const WARM_UP_REQUESTS = 200;

/** @throws Failure when the system panics or stalls under the load. */
export async function measureSystem(
  description: Description,
  { profile, seed, requests, clients, path }: CompareOptions,
  report: (share: number) => void,
): Promise<SystemResult> {
  const system = assemble(description, { profile: profile.name, seed });
  const run = measure(system, {
    clients,
    requests,
    warmUpRequests: WARM_UP_REQUESTS,
    path,
    address: GUEST,
    port: HTTP_PORT,
    config: farEndConfig(seed),
  });
  return resultOf(description, system, profile, await inSteps(run, report));
}

function resultOf(
  description: Description,
  system: System,
  profile: Profile,
  measured: Measurement | Unfinished,
): SystemResult {
  if ('unfinished' in measured) throw new Failure(whyUnfinished(description, system, measured));
  const { metrics, requests } = measured;
  const cycles = metrics.busyCycles / requests;
  return {
    system: description.name,
    summary: description.summary,
    iommu: description.iommu,
    requests,
    requestsPerSecond: measured.requestsPerSecond,
    requestsPerSecondOfProcessor: profile.cyclesPerSecond / cycles,
    latencyUs: { p50: measured.latencyNs.p50 / 1000, p99: measured.latencyNs.p99 / 1000 },
    perRequest: { cycles, ...perRequest(metrics, requests) },
    privilegedLines: privilegedLines(description),
    digest: measured.digest,
  };
}

function whyUnfinished({ name }: Description, { panic }: System, { unfinished, failed }: Unfinished): string {
  switch (unfinished) {
    case 'panicked':
      return `'${name}' panicked under the load: ${panic?.message}`;
    case 'stalled':
      return `'${name}' stopped answering under the load`;
    case 'refused':
      return `${failed} requests to '${name}' were not answered with 200: choose another --path`;
  }
}

function perRequest(metrics: Metrics, requests: number): Omit<SystemResult['perRequest'], 'cycles'> {
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
    modeSwitches: metrics.traps / requests,
    addressSpaceSwitches: metrics.addressSpaceSwitches / requests,
    ipcs: metrics.ipcs / requests,
    interrupts: metrics.interrupts / requests,
    tlbRefills: metrics.tlbRefills / requests,
    deviceAccesses: metrics.deviceAccesses / requests,
    bytesCopied: metrics.bytesCopied / requests,
  };
}
