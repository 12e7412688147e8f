/** The dump of configuration space, read by the program that everybody reads it with. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble } from '@bulkhead/assembler';
import { type Board, createBoard, ECAM_PAGE, type Topology } from '@bulkhead/board';
import { Clock } from '@bulkhead/clock';
import { type ConfigurationSnapshot, configurationOf, configurationsOf } from '@bulkhead/inspection';
import { describe, expect, it } from 'vitest';
import { lspciText } from '../src/output/lspci-view.ts';
import { loadSystemWith } from '../src/systems.ts';
import { bulkhead, findProgram, inFolder, program } from './run.ts';

const lspci = findProgram('lspci');
const BOOT_NS = 10_000_000;
const WHY_NOT = 'there are no pciutils';
/** What lspci says where it cannot make sense of what it reads. */
const GARBAGE = /!!!|chain broken|chain looped|unreadable|Unknown|unknown|access denied|\?\?/;
const NIC = 'Ethernet controller [0200]: Intel Corporation 82574L Gigabit Network Connection [8086:10d3]';

async function decoded(dump: string, ...args: string[]): Promise<string> {
  return inFolder(async (folder) => {
    const file = join(folder, 'dump');
    writeFileSync(file, dump);
    const { status, stdout } = await program(lspci!, '-F', file, ...args);
    expect(status).toBe(0);
    return stdout;
  });
}

describe.each(['multiserver', 'exokernel-two'])('bulkhead inspect %s lspci', (name) => {
  it('is read by lspci, which names every device and finds no error', async (context) => {
    if (lspci === null) return context.skip(WHY_NOT);
    const { status, stdout } = await bulkhead('inspect', name, 'lspci');
    expect(status).toBe(0);
    const cards = name === 'exokernel-two' ? ['00:01.0', '00:02.0'] : ['00:01.0'];
    const listed = (await decoded(stdout, '-nn')).trim().split('\n');
    expect(listed).toEqual(cards.map((card) => `${card} ${NIC}`));
    const verbose = await decoded(stdout, '-nn', '-vv');
    expect(verbose).not.toMatch(GARBAGE);
    expect(verbose.match(/Region 2: I\/O ports at 1000$|Region 2: I\/O ports at 2000$/gm)).toHaveLength(cards.length);
    expect(verbose.match(/BusMaster\+/g)).toHaveLength(cards.length);
    expect(verbose.match(/MSI-X: Enable\+ Count=5 Masked-/g)).toHaveLength(cards.length);
    expect(await decoded(stdout, '-xxxx')).toContain(stdout.split('\n').slice(1, 257).join('\n'));
  });
  it('prints the same bytes with --json', async () => {
    const [text, json] = await Promise.all([
      bulkhead('inspect', name, 'lspci'),
      bulkhead('inspect', name, 'lspci', '--json'),
    ]);
    const snapshot = JSON.parse(json.stdout) as ConfigurationSnapshot;
    expect(snapshot.system).toBe(name);
    expect(snapshot.functions.every(({ bytes }) => bytes.length === 2 * 4096)).toBe(true);
    expect(lspciText(snapshot)).toBe(text.stdout);
  });
});

it('lspci names the virtio card, and its structures but for the window, which it does not know', async (context) => {
  if (lspci === null) return context.skip(WHY_NOT);
  const system = assemble(await loadSystemWith('multiserver', 'virtio-net'));
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  const verbose = await decoded(lspciText(configurationOf(system)), '-nn', '-vv');
  expect(verbose.split('\n')[0]).toMatch(/^00:01\.0 Ethernet controller \[0200\]: Red Hat, Inc\. .+ \[1af4:1041\]/);
  for (const known of ['CommonCfg', 'ISR', 'DeviceCfg', 'Notify'])
    expect(verbose).toContain(`Vendor Specific Information: VirtIO: ${known}`);
  expect(verbose).toMatch(/BusMaster\+[\s\S]*MSI-X: Enable\+ Count=4 Masked-/);
  // Virtio 1.2 §4.1.4.9: pciutils 3.9 has no name for the fifth kind, of whatever device.
  expect(verbose.replace('VirtIO: <unknown>', '')).not.toMatch(GARBAGE);
});

const id = (bus: number, device: number): number => (bus << 8) | (device << 3);

/** Numbers buses depth first and opens a window, as firmware does. @returns the last bus number. */
function enumerate(board: Board, bus: number, last: number): number {
  const store = (at: number, register: number, value: number): number =>
    board.bus.store(ECAM_PAGE + at, register, 4, value);
  let next = last;
  for (let device = 0; device < 32; device++) {
    const one = id(bus, device);
    if (board.bus.load(ECAM_PAGE + one, 0, 2) === 0xffff) continue;
    store(one, 0x04, 0xffff_0007);
    if (board.bus.load(ECAM_PAGE + one, 0x0e, 1) !== 1) continue;
    const secondary = next + 1;
    store(one, 0x18, (0xff << 16) | (secondary << 8) | bus);
    store(one, 0x20, 0x4010_4000); // 1 MiB and another of memory
    next = enumerate(board, secondary, secondary);
    store(one, 0x18, (next << 16) | (secondary << 8) | bus);
  }
  return next;
}

describe('a machine with bridges', () => {
  it.each<[Topology, string[]]>([
    ['root-ports', ['00:01.0', '00:02.0', '01:00.0', '02:00.0']],
    ['bridge', ['00:01.0', '01:01.0', '01:02.0']],
    ['nested', ['00:01.0', '01:02.0', '02:01.0', '02:02.0']],
  ])('%s: every function is found behind its bridges, and looking leaves no trace', (topology, functions) => {
    const board = createBoard({ clock: new Clock(1e9), memoryMiB: 1, nics: 2, topology });
    enumerate(board, 0, 0);
    const found = configurationsOf(board.pci);
    expect(found.map(({ name }) => name)).toEqual(functions);
    expect(configurationsOf(board.pci)).toEqual(found);
  });
  const drawings: readonly [Topology, RegExp[]][] = [
    ['root-ports', [/-\[0000:00\]-\+-01\.0-\[01\]----00\.0/, /\\-02\.0-\[02\]----00\.0/]],
    ['bridge', [/-\[0000:00\]---01\.0-\[01\]--\+-01\.0/, /\\-02\.0/]],
    ['nested', [/01\.0-\[01-02\]----02\.0-\[02\]--\+-01\.0/]],
  ];
  for (const [topology, tree] of drawings) {
    it(`${topology}: lspci draws the tree and decodes bridges without an error`, async (context) => {
      if (lspci === null) return context.skip(WHY_NOT);
      const board = createBoard({ clock: new Clock(1e9), memoryMiB: 1, nics: 2, topology });
      enumerate(board, 0, 0);
      const dump = lspciText({ functions: configurationsOf(board.pci) });
      const drawn = await decoded(dump, '-t');
      for (const line of tree) expect(drawn).toMatch(line);
      const verbose = await decoded(dump, '-nn', '-vv');
      expect(verbose).not.toMatch(GARBAGE);
      expect(verbose.split(NIC)).toHaveLength(3);
      expect(verbose).toMatch(/Memory behind bridge: 40000000-401fffff/);
      const name =
        topology === 'root-ports' ? /QEMU PCIe Root port \[1b36:000c\]/ : /QEMU PCI-PCI bridge \[1b36:0001\]/;
      expect(verbose).toMatch(name);
    });
  }
});
