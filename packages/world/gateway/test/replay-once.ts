/** `node replay-once.ts JOURNAL`: prints the digest of a replay in a process of its own. */
import { readFileSync } from 'node:fs';
import { assemble } from '@bulkhead/assembler';
import { parseJournal } from '../src/index.ts';
import { replayed } from './replaying.ts';
import { byName } from './systems.ts';

const journal = parseJournal(readFileSync(process.argv[2]!, 'utf8'));
if (!journal.ok) throw new Error(journal.error);
const { header } = journal.value;
const system = assemble(byName(header.system), { profile: header.profile, seed: header.seed });
process.stdout.write(replayed(system, journal.value));
