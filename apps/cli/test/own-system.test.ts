/**
 * The newcomer: one file, copied from apps/multiserver to anywhere, edited, and compared. Node runs it without looking at
 * its types, so every slip that a compiler would find must be told here, in one line that names the mend.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { command } from './execute.ts';
import { bulkhead, fixture, inFolder, program } from './run.ts';
import { MULTISERVER, mine, SLIPS } from './slips.ts';

const SYSTEMS = new URL('../src/systems.ts', import.meta.url).href;

/** Loads each file in one process, outside the repository, as the command would: what is said of each. */
const LOAD = `
const { loadSystem } = await import('${SYSTEMS}');
for (const path of process.argv.slice(1)) {
  const said = await loadSystem(path).then(({ name }) => 'loaded ' + name, ({ name, message }) => name + ' ' + message);
  console.log(JSON.stringify(said));
}`;

describe('a newcomer’s file, anywhere', () => {
  let said: readonly string[] = [];
  beforeAll(() =>
    inFolder(async (folder) => {
      const paths = [...SLIPS.map(([, file]) => join(folder, file)), join(folder, 'mine.ts')];
      SLIPS.forEach(([, , text], i) => {
        writeFileSync(paths[i]!, text);
      });
      writeFileSync(join(folder, 'mine.ts'), mine());
      const { stdout, stderr } = await program(process.execPath, '--input-type=module', '-e', LOAD, ...paths);
      expect(stderr).toBe('');
      said = stdout
        .trimEnd()
        .split('\n')
        .map((line, i) => String(JSON.parse(line)).replaceAll(paths[i]!, 'FILE'));
    }),
  );
  it('is loaded when it is right', () => expect(said.at(-1)).toBe('loaded mine'));
  it.each(SLIPS)('%s: one line', (what, _file, _text, line) => {
    const told = said[SLIPS.findIndex(([other]) => other === what)]!.replace(/^UsageError /, '');
    expect(told.split('\n')).toHaveLength(1);
    if (typeof line === 'string') expect(told).toBe(line);
    else expect(told).toMatch(line);
  });
});

describe('the command', () => {
  it('compares a copied file with what it was copied from', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'mine.ts');
      writeFileSync(path, mine());
      const { status, stdout } = await bulkhead(
        ...['compare', '--systems', `${path},multiserver`, '--requests', '20', '--warm-up', '5', '--clients', '2'],
      );
      expect(status).toBe(0);
      const [, own, other] = /^digests: mine (\w+), multiserver (\w+)$/m.exec(stdout)!;
      expect(own).toBe(other);
    }));
  it('ends with status 2 and says what is wrong, and nothing else', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'mine.ts');
      writeFileSync(path, mine("'translating'", "'on'"));
      const { status, stdout, stderr } = await bulkhead('compare', '--systems', `${path},multiserver`);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toBe(`bulkhead: '${path}' is no description: iommu is 'on': use 'off', 'bare' or 'translating'\n`);
    }));
  it('asks for another name when the copy still has the old one', async () => {
    const path = `${fixture('sixth.ts')}`;
    const { status, stderr } = await command('compare', '--systems', `${MULTISERVER},multiserver,${path}`);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `bulkhead: '${MULTISERVER}' and 'multiserver' are both systems named 'multiserver': change the name in one of them\n`,
    );
  });
  it('asks for the module when it is given a folder', () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, 'mine'));
      const { status, stderr } = await command('inspect', join(folder, 'mine'), 'domains');
      expect(status).toBe(2);
      expect(stderr).toMatch(/^bulkhead: '.*mine' is a folder: give the module in it, such as index\.ts\n$/);
    }));
});

/** The fixture, and what is said of it. */
const DESCRIPTIONS: readonly (readonly [string, RegExp])[] = [
  [
    'calls-downward.ts',
    /'net-stack\.device -> nic-driver\.device' goes from level 70 to level 30: .*raise 'nic-driver'/,
  ],
  ['connection-missing.ts', /port 'net-stack\.device' is not connected: add 'net-stack\.device -> …'/],
  ['two-owners.ts', /'iommu-registers' has two owners, 'iommu-driver' and 'nic-driver'/],
  ['memory-overlaps.ts', /the memory of 'web-server' overlaps that of 'net-stack': move one of them/],
  [
    'no-description.ts',
    /is no description:\n {2}- summary, .* are missing: .*\n {2}- iommu is 'sideways': use 'off', 'bare' or 'translating'\n$/,
  ],
  ['nothing-exported.ts', /has no default export: /],
  ['throws.ts', /cannot be loaded, mend line \d+: there is no coffee/],
  ['config-throws.ts', /'config-throws' cannot be assembled: config fails, mend it: there is no coffee/],
  ['config-names-nobody.ts', /config names 'nobody', which is no component here: use one of/],
];

describe('A description that is wrong', () => {
  it.each(DESCRIPTIONS)('%s: exit status 2, and what is wrong, without a stack trace', async (name, message) => {
    const { status, stdout, stderr } = await command('inspect', fixture(name), 'domains');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });
  it('is said to have a syntax error (.mjs)', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'cut-off.mjs');
      writeFileSync(path, "export default { name: 'cut off',\n");
      const { status, stderr } = await bulkhead('inspect', path, 'domains');
      expect(status).toBe(2);
      expect(stderr).toMatch(/^bulkhead: '.*' cannot be loaded, mend the module: syntax error: .*\n$/);
    }));
  it('is refused by every command that takes one, in a process of its own', async () => {
    const path = fixture('two-owners.ts');
    const outcomes = await Promise.all([bulkhead('serve', path), bulkhead('compare', '--systems', path)]);
    for (const { status, stderr } of outcomes) {
      expect(status).toBe(2);
      expect(stderr).toMatch(/^bulkhead: system 'two-owners' cannot be assembled: .*\n$/);
    }
  });
});
