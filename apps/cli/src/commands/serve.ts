/** `bulkhead serve SYSTEM`: real clients on the host's loopback, served by a simulated machine. */
import { resolve } from 'node:path';
import type { System } from '@bulkhead/assembler';
import type { ProfileName } from '@bulkhead/costs';
import { JournalWriter } from '@bulkhead/gateway';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { captureTo } from '../capture.ts';
import { Failure, UsageError } from '../errors.ts';
import { boot, withGateway } from '../live-system.ts';
import { OutputFile } from '../output/files.ts';
import { profileOf } from '../profiles.ts';
import { readJournal, replayJournal } from '../replaying.ts';
import { loadSystem } from '../systems.ts';
import { fileName, oneOf, profileFlag, seedFlag, systemArgument, wholeNumber } from './flags.ts';

interface Flags {
  readonly port: number;
  readonly net: 'gateway';
  readonly profile: ProfileName;
  readonly seed: number;
  readonly capture?: string;
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
  const description = await loadSystem(name);
  const [capture, record] = [fileOf(flags.capture), fileOf(flags.record)];
  const tap = capture === null ? {} : { tap: captureTo(capture, profileOf(profile).cyclesPerSecond) };
  const system = boot(description, { profile, seed, ...tap });
  const header = { bulkheadJournal: 1, system: description.name, profile, seed } as const;
  const journal = record === null ? null : new JournalWriter({ system, header, write: (text) => record.write(text) });
  const { stopped, stop } = stopping();
  const wire = journal === null ? {} : { wire: journal.wire };
  try {
    await withGateway({ system, seed, port, onPanic: stop, ...wire }, async (opened) => {
      capture?.open();
      record?.open();
      write(`${description.name} serves http://127.0.0.1:${opened}/ (stop with Ctrl-C)\n`);
      await stopped;
    });
  } finally {
    stop();
    await capture?.close();
  }
  if (journal !== null && record !== null) await endJournal(journal, record, write);
  tellFaults(system, write);
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
      profile: profileFlag,
      seed: seedFlag,
      capture: { ...fileFlag, brief: 'Write every frame to this pcapng file' },
      record: { ...fileFlag, brief: 'Write everything that comes in to this journal' },
      replay: { ...fileFlag, brief: 'Run the run of this journal again; its profile and seed are used' },
    },
    positional: { kind: 'tuple', parameters: [systemArgument] },
  },
  async func(this: CommandContext, flags: Flags, name: string): Promise<void> {
    const { capture, record, replay } = flags;
    const write = (text: string): void => this.process.stdout.write(text);
    if (replay !== undefined && (record ?? capture) !== undefined)
      throw new UsageError('--replay excludes --record and --capture: leave one out');
    if (capture !== undefined && record !== undefined && resolve(capture) === resolve(record))
      throw new UsageError('--capture and --record name one file: name two');
    await (replay === undefined ? serveUntilStopped(name, flags, write) : replayRecorded(name, replay, write));
  },
});
