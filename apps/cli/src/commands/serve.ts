/** `bulkhead serve SYSTEM`: real clients on the host's loopback, served by a simulated machine. */
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import { assemble, type Description, type System } from '@bulkhead/assembler';
import { enhancedPacket, interfaceDescription, sectionHeader } from '@bulkhead/capture';
import type { Profile } from '@bulkhead/costs';
import { Gateway, JournalWriter, parseJournal, replay } from '@bulkhead/gateway';
import { HTTP_PORT } from '@bulkhead/parts';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { Failure, UsageError } from '../errors.ts';
import { farEndConfig, GUEST } from '../network.ts';
import { profileOf } from '../profiles.ts';
import { loadSystem } from '../systems.ts';
import { profileFlag, seedFlag, wholeNumber } from './flags.ts';

interface Flags {
  readonly port: number;
  readonly net: string;
  readonly profile: string;
  readonly seed: number;
  readonly capture?: string;
  readonly record?: string;
  readonly replay?: string;
}

/** Opens a pcapng file and gives what writes frames into it. */
function openCapture(
  path: string,
  cyclesPerSecond: number,
): { file: WriteStream; tap: (atCycles: number, frame: Uint8Array, lenBytes: number) => void } {
  const file = createWriteStream(path);
  file.write(sectionHeader());
  file.write(interfaceDescription());
  return {
    file,
    tap: (atCycles, frame, lenBytes) =>
      file.write(enhancedPacket({ timeNs: Math.floor((atCycles / cyclesPerSecond) * 1e9), frame, lenBytes })),
  };
}

async function serveUntilStopped(system: System, flags: Flags, write: (text: string) => void): Promise<void> {
  const { description } = system;
  const header = { bulkheadJournal: 1, system: description.name, profile: flags.profile, seed: flags.seed } as const;
  const journal = flags.record === undefined ? null : new JournalWriter(flags.record, header, system);
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const gateway = new Gateway({
    system,
    config: farEndConfig(flags.seed),
    address: GUEST,
    port: HTTP_PORT,
    ...(journal === null ? {} : { wire: journal.wire }),
    onPanic: () => stop(),
  });
  const port = await gateway.listen(flags.port).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE'
      ? new UsageError(`port ${flags.port} is in use: choose another with --port, or 0 for any`)
      : new UsageError(`port ${flags.port} cannot be opened: ${error.message}`);
  });
  write(`${description.name} serves http://127.0.0.1:${port}/ (stop with Ctrl-C)\n`);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await stopped;
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  await gateway.close();
  if (journal !== null) write(`recorded ${flags.record}, digest ${await journal.end()}\n`);
  for (const fault of system.faults) write(`${fault.component} ended: ${fault.message}\n`);
  if (system.panic !== null) throw new Failure(`'${description.name}' panicked: ${system.panic.message}`);
}

function replayJournal(description: Description, profile: Profile, path: string, write: (text: string) => void): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`journal '${path}' cannot be read: record one with --record`);
  }
  const journal = parseJournal(text);
  if (typeof journal === 'string') throw new UsageError(`'${path}' is no journal: ${journal}`);
  const { header } = journal;
  if (header.system !== description.name || header.profile !== profile.name)
    throw new UsageError(`'${path}' was recorded on ${header.system} with profile ${header.profile}: replay it there`);
  const digest = replay(assemble(description, { profile: profile.name, seed: header.seed }), journal);
  write(`replayed ${journal.frames.length} frames, digest ${digest}\n`);
  if (digest !== journal.digest) throw new Failure(`the replay differs: ${journal.digest} was recorded`);
}

export const serve: Command<CommandContext> = buildCommand<Flags, [string], CommandContext>({
  docs: { brief: 'Serve real clients on a loopback port from a simulated machine' },
  parameters: {
    flags: {
      port: { kind: 'parsed', parse: wholeNumber(0, 65535), brief: 'Port on 127.0.0.1; 0 for any', default: '8080' },
      net: { kind: 'parsed', parse: String, brief: 'gateway', default: 'gateway' },
      profile: profileFlag,
      seed: seedFlag,
      capture: { kind: 'parsed', parse: String, brief: 'Write every frame to this pcapng file', optional: true },
      record: { kind: 'parsed', parse: String, brief: 'Write down all input, to replay it', optional: true },
      replay: { kind: 'parsed', parse: String, brief: 'Run a recorded run again and compare digests', optional: true },
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          brief: 'A system from apps/, or the path of a module that exports one',
          placeholder: 'system',
          parse: String,
        },
      ],
    },
  },
  async func(this: CommandContext, flags: Flags, name: string): Promise<void> {
    if (flags.net !== 'gateway') throw new UsageError(`no network backend '${flags.net}': use gateway`);
    if (flags.record !== undefined && flags.replay !== undefined)
      throw new UsageError('--record and --replay exclude each other');
    const description = await loadSystem(name);
    const profile = profileOf(flags.profile);
    const write = (text: string): void => this.process.stdout.write(text);
    if (flags.replay !== undefined) {
      replayJournal(description, profile, flags.replay, write);
      return;
    }
    const capture = flags.capture === undefined ? null : openCapture(flags.capture, profile.cyclesPerSecond);
    const system = assemble(description, {
      profile: profile.name,
      seed: flags.seed,
      ...(capture === null ? {} : { tap: (_d, at, frame, len) => capture.tap(at, frame, len) }),
    });
    await serveUntilStopped(system, flags, write).finally(() => capture?.file.end());
  },
});
