/**
 * The main job: five operating systems of the same components serve a real client, are compared under the same load, and
 * then meet the same fault.
 */
import type { Description } from '@bulkhead/assembler';
import type { SystemResult } from '@bulkhead/comparison';
import type { Profile, ProfileName } from '@bulkhead/costs';
import { injectBitFlip } from '@bulkhead/faults';
import type { WorkloadOptions } from '@bulkhead/load';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { type Download, download, expectedSha256 } from '../download.ts';
import { Failure } from '../errors.ts';
import { boot, withGateway } from '../live-system.ts';
import { PROCESSORS, withPool } from '../measuring/pool.ts';
import { comparisonTable } from '../output/comparison-table.ts';
import { jsonOf } from '../output/json.ts';
import { runSteps, type Step } from '../output/progress.ts';
import { whole } from '../output/table.ts';
import { profileOf } from '../profiles.ts';
import { DESIGN_NAMES, loadSystems } from '../systems.ts';
import { jsonFlag, profileFlag, seedFlag, wholeNumber } from './flags.ts';

const PAGES = ['/', '/about', '/style.css'];
const CLIENTS = 64;
/** Small enough that the link is not what limits. */
const SIZE_BYTES = 100;
const WARM_UP_REQUESTS = 200;
/** The application of an exokernel takes its connections with it, and nobody is left to end them. */
const PATIENCE_MS = 5000;
/** A pointer of the NIC driver loses itself by a gigabyte, when it has sent this many frames. */
const FAULT = { component: 'nic-driver', bit: 30, afterFrames: 400 } as const;

export interface Fetched {
  readonly system: string;
  readonly pages: readonly { readonly path: string; readonly status: number; readonly bytes: number }[];
}
export interface Struck {
  readonly system: string;
  readonly download: Download;
  readonly isIntact: boolean;
  readonly panic: string | null;
  readonly faults: readonly string[];
  readonly driverStarts: number;
  /** Whether it answers on a new connection afterwards. */
  readonly answersAfterwards: boolean;
}
export interface DemoReport {
  readonly fetched: readonly Fetched[];
  readonly compared: readonly SystemResult[];
  readonly fault: typeof FAULT;
  readonly struck: readonly Struck[];
}

async function fetchPages(description: Description, profile: Profile, seed: number): Promise<Fetched> {
  const system = boot(description, { profile: profile.name, seed });
  return withGateway({ system, seed, port: 0 }, async (port) => {
    const pages: Fetched['pages'][number][] = [];
    for (const path of PAGES) {
      const { status, receivedBytes, broken } = await download(port, path);
      if (broken !== null || status !== 200)
        throw new Failure(`'${description.name}' did not serve ${path}: ${broken ?? status}`);
      pages.push({ path, status, bytes: receivedBytes });
    }
    return { system: description.name, pages };
  });
}

async function strike(
  description: Description,
  profile: Profile,
  seed: number,
  lenBytes: number,
  report: (share: number) => void,
): Promise<Struck> {
  const system = boot(description, { profile: profile.name, seed });
  injectBitFlip(system, FAULT);
  return withGateway({ system, seed, port: 0 }, async (port) => {
    const onBytes = (received: number): void => report(received / lenBytes);
    const got = await download(port, `/bytes/${lenBytes}`, onBytes, PATIENCE_MS);
    const again = await download(port, '/about', undefined, PATIENCE_MS);
    return {
      system: description.name,
      download: got,
      isIntact: got.broken === null && got.sha256 === expectedSha256(lenBytes),
      panic: system.panic?.message ?? null,
      faults: system.faults.map(({ component, message }) => `${component}: ${message}`),
      answersAfterwards: again.broken === null && again.status === 200,
      driverStarts: system.places.find(({ seat }) => seat.name === FAULT.component)?.seat.domain.starts ?? 0,
    };
  });
}

function render({ fetched, compared, struck }: DemoReport, requests: number, profile: Profile): string {
  const lines = ['A real client over loopback', ''];
  for (const { system, pages } of fetched)
    lines.push(
      `  ${system}: ${pages.map(({ path, status, bytes }) => `${path} ${status}, ${whole(bytes)} bytes`).join(' · ')}`,
    );
  lines.push(
    '',
    `The same load in simulated time: ${requests} requests for ${SIZE_BYTES} bytes, ${CLIENTS} clients, profile ${profile.name}`,
    '',
  );
  lines.push(comparisonTable(compared), '');
  lines.push(
    `The same fault in all: after ${FAULT.afterFrames} frames of a download, bit ${FAULT.bit} flips in every address to which the ${FAULT.component} stores`,
    '',
  );
  for (const result of struck) lines.push(...renderStruck(result), '');
  return lines.join('\n');
}

function renderStruck(struck: Struck): string[] {
  const { system, download: got, isIntact, panic, faults, driverStarts, answersAfterwards } = struck;
  const lines = panic === null ? faults.map((fault) => `  ${system}: ${fault}`) : [`  ${system}: PANIC: ${panic}`];
  if (driverStarts > 1) lines.push(`  ${system}: the supervisor started it again (start ${driverStarts})`);
  const received = `${whole(got.receivedBytes)} bytes`;
  lines.push(
    got.broken === null
      ? `  ${system}: the download ended after ${received}; SHA-256 ${isIntact ? 'is right' : 'is WRONG'}: ${got.sha256}`
      : `  ${system}: the download broke after ${received}: ${got.broken}`,
    `  ${system}: a new connection is ${answersAfterwards ? 'answered' : 'refused'}`,
  );
  return lines;
}

/** What supervision promises. @throws Failure when a supervised driver's death cost a connection. */
function expectSurvival(systems: readonly Description[], struck: readonly Struck[]): void {
  for (const [index, { name, supervised }] of systems.entries())
    if (supervised.includes(FAULT.component) && !struck[index]!.isIntact)
      throw new Failure(`'${name}' supervises its ${FAULT.component}, but the download did not survive its death`);
}

interface Flags {
  readonly profile: ProfileName;
  readonly seed: number;
  readonly requests: number;
  readonly bytes: number;
  readonly json: boolean;
}

export const demo: Command<CommandContext> = buildCommand<Flags, [], CommandContext>({
  docs: {
    brief: 'Five systems of the same parts: a real client, the same load, the same fault',
    fullDescription:
      'Boots the five designs, fetches pages from each over loopback, runs the same load on each in simulated time,\nand breaks the same pointer in the NIC driver of each during a download.',
  },
  parameters: {
    flags: {
      profile: profileFlag,
      seed: seedFlag,
      requests: {
        kind: 'parsed',
        parse: wholeNumber(1, 1_000_000),
        brief: 'How many are measured',
        placeholder: 'number',
        default: '3000',
      },
      bytes: {
        kind: 'parsed',
        parse: wholeNumber(1_000_000, 1_000_000_000),
        brief: 'Length of the download that the fault meets',
        placeholder: 'number',
        default: '4000000',
      },
      json: jsonFlag,
    },
  },
  async func(this: CommandContext, { profile: name, seed, requests, bytes, json }: Flags): Promise<void> {
    const profile = profileOf(name);
    const systems = await loadSystems(DESIGN_NAMES.join(','));
    const steps = <T>(title: string, run: (d: Description, report: (share: number) => void) => Promise<T>): Step<T>[] =>
      systems.map((description) => ({
        title: `${description.name}: ${title}`,
        run: (report) => run(description, report),
      }));
    const fetched = await runSteps(
      steps('boot, and pages for a real client', (d) => fetchPages(d, profile, seed)),
      json,
    );
    const workload: WorkloadOptions = {
      workload: 'http',
      requests,
      warmUpRequests: WARM_UP_REQUESTS,
      clients: CLIENTS,
      sizeBytes: SIZE_BYTES,
      loop: { kind: 'closed' },
    };
    const compared = await withPool((pool) =>
      runSteps(
        steps(`${requests} requests in simulated time`, (d, report) =>
          pool.measure({ system: d.name, workload, profile, seed }, report),
        ),
        json,
        PROCESSORS,
      ),
    );
    const struck = await runSteps(
      steps('a fault in the driver during a download', (d, report) => strike(d, profile, seed, bytes, report)),
      json,
    );
    const report: DemoReport = { fetched, compared, fault: FAULT, struck };
    this.process.stdout.write(json ? jsonOf(report) : `\n${render(report, requests, profile)}`);
    expectSurvival(systems, struck);
  },
});
