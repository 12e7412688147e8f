/** Puts what `npm start` prints into README.md, between its two marks: `pnpm readme`. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const README = join(ROOT, 'README.md');
const BEGIN = '<!-- demo:begin -->';
const END = '<!-- demo:end -->';

const printed = execFileSync(process.execPath, ['apps/cli/src/main.ts', 'demo'], {
  cwd: ROOT,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
}).trim();
const text = readFileSync(README, 'utf8');
const [head, rest] = text.split(BEGIN);
const tail = rest?.split(END)[1];
if (tail === undefined) throw new Error(`README.md has lost its marks ${BEGIN} and ${END}`);
writeFileSync(README, `${head}${BEGIN}\n\n\`\`\`text\n${printed}\n\`\`\`\n\n${END}${tail}`);
