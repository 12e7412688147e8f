import { afterEach, describe, expect, it } from 'vitest';
import { SYSTEM_NAMES } from '../src/systems.ts';
import { command } from './execute.ts';
import { bulkhead, serve, stop, stopAll } from './run.ts';

afterEach(stopAll);

const COMMANDS = ['demo', 'serve', 'compare', 'diff', 'explain', 'inspect', 'audit'];
const NAMES = SYSTEM_NAMES.join(', ');
const SYSTEMS = `use one of ${NAMES}, or the path of a module that exports one`;

describe('--help', () => {
  it('of the command names every command, and what the exit statuses mean', async () => {
    const { status, stdout, stderr } = await bulkhead('--help');
    expect([status, stderr]).toEqual([0, '']);
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\w`, 'm'));
    expect(stdout).toContain('Exit status: 0 done, 1 what was asked failed, 2 a mistake');
  });
  it.each(COMMANDS)('of %s says how to call it and explains every option', async (name) => {
    const { status, stdout, stderr } = await command(name, '--help');
    expect([status, stderr]).toEqual([0, '']);
    const [, usage = ''] = stdout.split('\n');
    expect(usage).toMatch(new RegExp(`^ {2}bulkhead ${name} `));
    for (const [, option] of usage.matchAll(/\[(--[\w-]+)/g))
      expect(stdout).toMatch(new RegExp(`^ +\\[?${option}\\]? +\\S`, 'm'));
  });
  it('is what the command alone prints', async () => {
    expect((await command()).stdout).toBe((await command('--help')).stdout);
  });
  it('has no colours where there is no terminal', async () => {
    expect((await bulkhead('serve', '--help')).stdout).not.toContain('\x1b');
  });
});

/** The arguments, and the line. */
const MISTAKES: readonly (readonly [string, string])[] = [
  ['bogus', "no command 'bogus': use one of demo, serve, compare, diff, explain, inspect, audit"],
  ['serve', '<system> is missing'],
  ['serve bogus', `no system 'bogus': ${SYSTEMS}`],
  ['serve toString', `no system 'toString': ${SYSTEMS}`],
  ['serve ./bogus.ts', "no file './bogus.ts': give the path of a module whose default export is a description"],
  ['compare --systems monolithic,bogus', `no system 'bogus': ${SYSTEMS}`],
  ['compare --systems ,', `no system named: use one of ${NAMES}`],
  ['compare --systems monolithic,monolithic', "system 'monolithic' is named twice: name each once"],
  ['inspect bogus domains', `no system 'bogus': ${SYSTEMS}`],
  ['compare --bogus', 'no option --bogus'],
  ['compare --system x', 'no option --system: did you mean --systems?'],
  ['compare --sistems x', 'no option --sistems: did you mean --systems?'],
  ['compare -x', 'no option -x'],
  ['compare --nic e1000', "nic: 'e1000' is unknown: use one of intel-82574, virtio-net"],
  ['serve monolithic --nic virtio-net --replay a', 'a journal is of the card that the system has: leave --nic out'],
  ['serve monolithic --nic virtio-net --record a', 'a journal is of the card that the system has: leave --nic out'],
  ['compare --requests', '--requests needs a value'],
  ['compare --seed 1 --seed 2', '--seed is given twice: give it once'],
  ['compare --requests many', "requests: 'many' is not a whole number from 1 to 10,000,000"],
  ['compare --requests 0', "requests: '0' is not a whole number from 1 to 10,000,000"],
  ['compare --requests 1e3', "requests: '1e3' is not a whole number from 1 to 10,000,000"],
  ['compare --clients 201', "--clients 201: 'http' takes 1 to 200"],
  ['compare --seed -1', "seed: '-1' is not a whole number from 0 to 2,147,483,647"],
  ['compare --path bytes', "path: 'bytes' is no path: begin it with '/', and escape blanks"],
  ['compare --profile pentium', "profile: 'pentium' is unknown: use one of lecture, haswell"],
  ['compare --workload ftp', "workload: 'ftp' is unknown: use one of null-call, udp-echo, tcp-stream, http, kv"],
  ['serve monolithic --port 65536', "port: '65536' is not a whole number from 0 to 65,535"],
  ['serve monolithic --net bogus', "net: 'bogus' is unknown: use gateway"],
  ['serve monolithic --replay a --record b', '--replay excludes --record, --capture and --trace: leave one out'],
  ['serve monolithic --trace a --record ./a', '--record and --trace name one file: name two'],
  ['serve monolithic --trace /nowhere/at/all', "'/nowhere/at/all' cannot be written: name another file"],
  ['serve monolithic --app echo-server', "'echo-server' speaks UDP, and the gateway forwards TCP: use web-server or"],
  ['serve exokernel-two --app kv-server', "'exokernel-two' has 2 components of kind 'web-server': leave one"],
  ['serve exokernel-two --record a', "'exokernel-two' has several wires, and a journal holds one: leave --record out"],
  ['compare --systems exokernel-two --workload kv', "'exokernel-two' has 2 components of kind 'web-server': leave one"],
  ['compare --report /nowhere/at/all', "'/nowhere/at/all' cannot be written: name another file"],
  ['compare --workload null-call --trace a', '--trace sees nothing of null-call: choose another --workload'],
  ['serve monolithic --capture a --record a', '--capture and --record name one file: name two'],
  ['serve monolithic --port 0 --record /nowhere/at/all', "'/nowhere/at/all' cannot be written: name another file"],
  ['serve monolithic --port 0 --capture /nowhere/at/all', "'/nowhere/at/all' cannot be written: name another file"],
  ['serve monolithic --replay /nowhere/at/all', "journal '/nowhere/at/all' cannot be read, record one with --record"],
  ['explain', '<operation> is missing'],
  ['explain bogus', "operation: 'bogus' is unknown: use one of ipc, packet, driver-start, unmap, constants"],
  ['explain ipc ipc', "'ipc' is one argument too many"],
  ['explain ipc --gate bogus', "--gate: 'bogus' is not one of direct, system-call, ipc, slow, async"],
  [
    'explain ipc --system monolithic',
    "--system goes with 'explain packet', 'explain driver-start' and 'explain unmap': leave it out",
  ],
  ['explain constants --path /', "--path goes with 'explain packet': leave it out"],
  ['explain packet --mermaid', "--mermaid goes with 'explain driver-start': leave it out"],
  ['explain packet --nic virtio-net', "--nic goes with 'explain driver-start' and 'explain unmap': leave it out"],
  ['explain driver-start --nic e1000', "nic: 'e1000' is unknown: use one of intel-82574, virtio-net"],
  ['inspect monolithic caps --nic e1000', "nic: 'e1000' is unknown: use one of intel-82574, virtio-net"],
  ['explain packet --gate ipc', "--gate goes with 'explain ipc': leave it out"],
  ['explain unmap --profile all', "'explain unmap' takes one profile: name one of lecture, haswell"],
  ['explain packet --profile all', "'explain packet' takes one profile: name one of lecture, haswell"],
  ['explain ipc --gate ipc --profile all', '--gate takes one profile: name one of lecture, haswell'],
  ['explain packet --system bogus', `no system 'bogus': ${SYSTEMS}`],
  ['inspect monolithic bogus', "topic: 'bogus' is unknown: use one of domains, caps, memory, machine"],
  ['inspect monolithic', '<topic> is missing'],
  ['inspect monolithic machine --dot', "'machine' has no drawing: leave --dot out, or use --json"],
  ['inspect monolithic caps --dot --json', '--json excludes --dot: leave one out'],
  ['inspect monolithic caps --requests 0', "requests: '0' is not a whole number from 1 to 1,000,000"],
  ['inspect monolithic caps --requests 5 --at 3', '--requests says the moment, and so does --at: leave one out'],
  ['inspect monolithic caps --at soon', "at: 'soon' is not a number from 0 to 60,000, with six decimals"],
  ['inspect monolithic caps --at 60000.5', "at: '60000.5' is not a number from 0 to 60,000"],
  ['inspect monolithic caps --at 0.1234567', "at: '0.1234567' is not a number from 0 to 60,000"],
];
/** What the design has and nobody has built. */
const NOT_BUILT: readonly string[] = [
  ...['inject monolithic', 'run a.elf', 'boot kernel'],
  ...['serve monolithic --net stream:/tmp/a', 'serve monolithic --net dgram:a,b'],
];

describe('A mistake in the command line', () => {
  it.each(MISTAKES)('%s: exit status 2, and one line that names the mend', async (args, line) => {
    const { status, stdout, stderr } = await command(...args.split(' '));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.startsWith(`bulkhead: ${line}`), stderr).toBe(true);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
  it.each(NOT_BUILT)('%s: is said not to be built yet', async (args) => {
    const { status, stdout, stderr } = await command(...args.split(' '));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^bulkhead: .* is not built yet.*\n$/);
  });
  it('ends a process with status 2 too', async () => {
    const { status, stdout, stderr } = await bulkhead('serve', 'bogus');
    expect([status, stdout, stderr]).toEqual([2, '', `bulkhead: no system 'bogus': ${SYSTEMS}\n`]);
  });
  it('a port in use is named, and whoever has it keeps it; no file is touched', async () => {
    const first = await serve('monolithic');
    const { status, stdout, stderr } = await bulkhead(
      'serve',
      'monolithic',
      '--port',
      `${first.port}`,
      '--record',
      '/nowhere/at/all',
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`bulkhead: port ${first.port} is in use: choose another with --port, or 0 for any\n`);
    expect((await fetch(first.url)).status).toBe(200);
    expect((await stop(first)).status).toBe(0);
  });
});
