/** `bulkhead serve SYSTEM`: real clients on the host's loopback, served by a simulated machine. */
import { resolve } from 'node:path';
import type { Description, System } from '@bulkhead/assembler';
import type { ProfileName } from '@bulkhead/costs';
import { JournalWriter } from '@bulkhead/gateway';
import { APPLICATIONS, type Application, type Nic, withApplication } from '@bulkhead/parts';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { Failure, UsageError } from '../errors.ts';
import { boot, withGateways } from '../live-system.ts';
import { Onlookers } from '../onlookers.ts';
import { OutputFile } from '../output/files.ts';
import { profileOf } from '../profiles.ts';
import { readJournal, replayJournal } from '../replaying.ts';
import { loadSystem, loadSystemWith } from '../systems.ts';
import { fileName, nicFlag, oneOf, profileFlag, seedFlag, systemArgument, wholeNumber } from './flags.ts';

interface Flags {
  readonly port: number;
  readonly net: 'gateway';
  readonly app: Application;
  readonly nic?: Nic;
  readonly profile: ProfileName;
  readonly seed: number;
  readonly capture?: string;
  readonly trace?: string;
  readonly record?: string;
  readonly replay?: string;
}
type Write = (text: string) => void;

/** Those of the other backends carry addresses. */
const backend = (text: string): 'gateway' => oneOf(['gateway'], /^(stream|dgram|sim)\b/.test(text) ? [text] : [])(text);

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns a promise of the first of these: a signal, or a call of `stop`. A second signal ends the process. */
function stopping(): { readonly stopped: Promise<void>; readonly stop: () => void } {
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = () => {
      for (const signal of STOP_SIGNALS) process.off(signal, stop);
      resolve();
    };
  });
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  return { stopped, stop };
}

const fileOf = (path: string | undefined): OutputFile | null => (path === undefined ? null : new OutputFile(path));

async function serveUntilStopped(name: string, flags: Flags, write: Write): Promise<void> {
  const { profile, seed, port } = flags;
  const description = await servedBy(name, flags);
  mayRecord(name, description, flags);
  const record = fileOf(flags.record);
  const onlookers = new Onlookers(flags, profileOf(profile).cyclesPerSecond, description.nics ?? 1);
  const system = boot(description, { profile, seed, ...onlookers.options }, (made) => onlookers.attach(made));
  const header = { bulkheadJournal: 1, system: description.name, profile, seed } as const;
  const journal = record === null ? null : new JournalWriter({ system, header, write: (text) => record.write(text) });
  const { stopped, stop } = stopping();
  const wire = journal === null ? {} : { wire: journal.wire };
  try {
    const { port: guestPort } = APPLICATIONS[flags.app];
    await withGateways({ system, seed, port, guestPort, onPanic: stop, ...wire }, async (opened) => {
      onlookers.open();
      record?.open();
      const urls = opened.map((each) => urlOf(flags.app, each)).join(' and ');
      write(`${description.name} serves ${urls} (stop with Ctrl-C)\n`);
      await stopped;
    });
  } finally {
    stop();
    await onlookers.close();
  }
  if (journal !== null && record !== null) await endJournal(journal, record, write);
  tellFaults(system, write);
}

/** A journal says which system, and on one wire. @throws UsageError when that is not enough. */
function mayRecord(name: string, { nics = 1 }: Description, { record, app, nic }: Flags): void {
  if (record === undefined) return;
  if (nics > 1) throw new UsageError(`'${name}' has several wires, and a journal holds one: leave --record out`);
  if (app !== DEFAULT_APPLICATION) throw new UsageError(`a journal is of the ${DEFAULT_APPLICATION}: leave --app out`);
  if (nic !== undefined) throw new UsageError('a journal is of the card that the system has: leave --nic out');
}

/** @throws UsageError when the application cannot be put into the system, or not be reached over a gateway. */
async function servedBy(name: string, { app, nic }: Flags): Promise<Description> {
  if (APPLICATIONS[app].transport !== 'tcp')
    throw new UsageError(`'${app}' speaks UDP, and the gateway forwards TCP: use ${TCP_APPLICATIONS.join(' or ')}`);
  const changed = withApplication(await loadSystemWith(name, nic), app);
  if (!changed.ok && app === DEFAULT_APPLICATION) return loadSystemWith(name, nic);
  if (!changed.ok) throw new UsageError(changed.error);
  return changed.value;
}
const DEFAULT_APPLICATION: Application = 'web-server';
const APPLICATION_NAMES = Object.keys(APPLICATIONS) as Application[];
const TCP_APPLICATIONS = APPLICATION_NAMES.filter((app) => APPLICATIONS[app].transport === 'tcp');

const urlOf = (app: Application, port: number): string =>
  app === DEFAULT_APPLICATION ? `http://127.0.0.1:${port}/` : `${app} at 127.0.0.1:${port}`;

/** @throws UsageError when two options name one file. */
function mustDiffer(options: Readonly<Record<string, string | undefined>>): void {
  const named = Object.entries(options).filter(([, path]) => path !== undefined);
  named.forEach(([option, path], index) => {
    const other = named.slice(0, index).find(([, earlier]) => resolve(earlier!) === resolve(path!));
    if (other !== undefined) throw new UsageError(`${other[0]} and ${option} name one file: name two`);
  });
}

async function endJournal(journal: JournalWriter, file: OutputFile, write: Write): Promise<void> {
  const digest = journal.end();
  await file.close();
  write(`recorded ${file.path}, digest ${digest}\n`);
}

function tellFaults({ description, faults, panic }: System, write: Write): void {
  for (const fault of faults) write(`${fault.component} ended: ${fault.message}\n`);
  if (panic !== null) throw new Failure(`'${description.name}' panicked: ${panic.message}`);
}

async function replayRecorded(name: string, path: string, write: Write): Promise<void> {
  const description = await loadSystem(name);
  const journal = readJournal(path);
  const { frames, digest, seconds } = await replayJournal(description, journal, path);
  write(`replayed ${frames} frames in ${seconds.toFixed(3)} s of simulated time, digest ${digest}\n`);
  if (digest !== journal.digest) throw new Failure(`the replay differs: digest ${journal.digest} was recorded`);
}

const fileFlag = { kind: 'parsed', parse: fileName, placeholder: 'file', optional: true } as const;

export const serve: Command<CommandContext> = buildCommand<Flags, [string], CommandContext>({
  docs: {
    brief: 'Serve real clients on a loopback port from a simulated machine',
    fullDescription:
      'Serves until it is stopped with Ctrl-C or SIGTERM (exit status 0), or until the system panics (1).\nWith --replay it listens to nobody: it runs the recorded run again and compares the digests.',
  },
  parameters: {
    flags: {
      port: {
        kind: 'parsed',
        parse: wholeNumber(0, 65535),
        brief: 'Port on 127.0.0.1; 0 for any',
        placeholder: 'number',
        default: '8080',
      },
      net: {
        kind: 'parsed',
        parse: backend,
        brief: 'What is at the other end of the wire: gateway',
        placeholder: 'backend',
        default: 'gateway',
      },
      app: {
        kind: 'parsed',
        parse: oneOf(APPLICATION_NAMES),
        brief: `The application: ${TCP_APPLICATIONS.join(', ')}`,
        placeholder: 'name',
        default: DEFAULT_APPLICATION,
      },
      nic: nicFlag,
      profile: profileFlag,
      seed: seedFlag,
      capture: { ...fileFlag, brief: 'Write every frame to this pcapng file' },
      trace: {
        ...fileFlag,
        brief: 'Write what ran when, for Perfetto; .speedscope.json or .folded for a profile',
      },
      record: { ...fileFlag, brief: 'Write everything that comes in to this journal' },
      replay: { ...fileFlag, brief: 'Run the run of this journal again; its profile and seed are used' },
    },
    positional: { kind: 'tuple', parameters: [systemArgument] },
  },
  async func(this: CommandContext, flags: Flags, name: string): Promise<void> {
    const { capture, nic, record, replay, trace } = flags;
    const write = (text: string): void => this.process.stdout.write(text);
    if (replay !== undefined && (record ?? capture ?? trace) !== undefined)
      throw new UsageError('--replay excludes --record, --capture and --trace: leave one out');
    if (replay !== undefined && nic !== undefined)
      throw new UsageError('a journal is of the card that the system has: leave --nic out');
    mustDiffer({ '--capture': capture, '--record': record, '--trace': trace });
    await (replay === undefined ? serveUntilStopped(name, flags, write) : replayRecorded(name, replay, write));
  },
});
