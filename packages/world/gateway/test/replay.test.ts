import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { assemble, type Description, type System } from '@bulkhead/assembler';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Journal, JournalWriter, parseJournal } from '../src/index.ts';
import { replayed } from './replaying.ts';
import { fetchPage, RawClient, serving } from './serving.ts';
import { byName, SYSTEMS } from './systems.ts';

const SEED = 7;
const CHILD = fileURLToPath(new URL('replay-once.ts', import.meta.url));
const fresh = ({ name }: Description, seed: number = SEED): System =>
  assemble(byName(name), { profile: 'haswell', seed });

/** Serves real clients that come, wait, ask wrongly, reset and overlap. @returns what was written down. */
async function recorded(description: Description): Promise<string> {
  const system = fresh(description);
  let text = '';
  const header = { bulkheadJournal: 1, system: description.name, profile: 'haswell', seed: SEED } as const;
  const journal = new JournalWriter({ system, header, write: (line) => (text += line) });
  await serving(
    description,
    async ({ port }) => {
      await fetchPage(port, '/');
      await Promise.all(Array.from({ length: 16 }, (_, i) => fetchPage(port, `/bytes/${i * 5000}`)));
      await sleep(30);
      const client = await RawClient.connect(port);
      client.socket.end('nonsense\r\n\r\n');
      await client.closed;
      const rude = await RawClient.connect(port);
      rude.socket.write('GET /bytes/5000000 HTTP/1.1\r\nHost: a\r\n\r\n');
      await sleep(20);
      rude.socket.resetAndDestroy();
      await fetchPage(port, '/about');
    },
    { system, wire: journal.wire },
  );
  journal.end();
  return text;
}

function journalOf(text: string): Journal {
  const parsed = parseJournal(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe.each(SYSTEMS)('A recorded run of $name', (description) => {
  let text = '';
  let journal: Journal;
  beforeAll(async () => {
    text = await recorded(description);
    journal = journalOf(text);
  });

  it('has the same digest when it is replayed: here, here again, and in another process', () => {
    expect(journal.frames.length).toBeGreaterThan(50);
    expect(replayed(fresh(description), journal)).toBe(journal.digest);
    expect(replayed(fresh(description), journal)).toBe(journal.digest);
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-journal-'));
    try {
      const path = join(folder, 'journal');
      writeFileSync(path, text);
      expect(execFileSync(process.execPath, [CHILD, path], { encoding: 'utf8' })).toBe(journal.digest);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  it('has another digest when a frame is missing, comes later, or the seed is another', () => {
    const { frames } = journal;
    const [first] = frames;
    const digests = [
      replayed(fresh(description), { ...journal, frames: frames.slice(1) }),
      replayed(fresh(description), { ...journal, frames: [{ ...first!, at: first!.at + 1 }, ...frames.slice(1)] }),
      replayed(fresh(description, SEED + 1), journal),
    ];
    expect(digests).not.toContain(journal.digest);
  });
});
