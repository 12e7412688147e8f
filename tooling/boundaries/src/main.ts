/** `pnpm boundaries`: the table of who may import whom, on the whole tree. Every rule counts as one test. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, lastLine, type Results, tell } from '@bulkhead/all-tests';
import { findViolations, HOST_RULES } from './host-rules.ts';
import { findImportViolations, IMPORT_RULES } from './import-rules.ts';
import { judgePackages } from './package-rules.ts';

const ROOT: string = join(import.meta.dirname, '../../..');

interface Finding {
  readonly rule: string;
  readonly text: string;
}

async function packageFindings(): Promise<readonly Finding[]> {
  const { clean, output } = await judgePackages(ROOT);
  return clean ? [] : [{ rule: 'turbo boundaries', text: output }];
}

async function importFindings(): Promise<readonly Finding[]> {
  const folders = ['packages', 'apps', 'tooling'].filter((folder) => existsSync(join(ROOT, folder)));
  const violations = await findImportViolations(ROOT, folders);
  return violations.map(({ rule, from, to }) => ({ rule, text: `${from} imports ${to}` }));
}

function hostFindings(): readonly Finding[] {
  const files = globSync('packages/*/*/src/**/*.ts', { cwd: ROOT });
  const violations = files.flatMap((file) => findViolations(file, readFileSync(join(ROOT, file), 'utf8')));
  return violations.map(({ rule, file, line, what }) => ({ rule, text: `${file}:${line} ${what}` }));
}

const rules: readonly string[] = [
  'turbo boundaries',
  ...IMPORT_RULES.map(({ name }) => name ?? 'unnamed'),
  ...HOST_RULES.map(({ name }) => name),
];
const findings: readonly Finding[] = [...(await packageFindings()), ...(await importFindings()), ...hostFindings()];
for (const { rule, text } of findings) process.stdout.write(`${rule}: ${text}\n`);
const failed: Failure[] = rules
  .filter((name) => findings.some(({ rule }) => rule === name))
  .map((name) => ({ name, reason: `${findings.filter(({ rule }) => rule === name).length} violations` }));
const results: Results = { passed: rules.length - failed.length, failed, skipped: [] };
tell({ kind: 'results', results });
process.stdout.write(`${lastLine(results)}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
