import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWERED, MAX_REQUEST_BYTES, MORE, WRONG } from '../src/dialogue.ts';
import { KvDialogue } from '../src/kv-dialogue.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const into = new Uint8Array(MAX_REQUEST_BYTES);

/** A server of RESP2 in the simplest words: text, a Map, and one whole command at a time. */
class Reference {
  readonly values = new Map<string, string>();
  readonly commands: string[][] = [];

  answer(request: Uint8Array): Uint8Array {
    const text = Buffer.from(request).toString('latin1');
    const words: string[] = [];
    const count = Number(/^\*(\d+)\r\n/.exec(text)![1]);
    let at = text.indexOf('\n') + 1;
    for (let i = 0; i < count; i++) {
      const length = /^\$(\d+)\r\n/.exec(text.slice(at, at + 20))!;
      at += length[0].length;
      words.push(text.slice(at, at + Number(length[1])));
      at += Number(length[1]);
      expect(text.slice(at, at + 2)).toBe('\r\n');
      at += 2;
    }
    expect(at).toBe(text.length);
    this.commands.push(words);
    return Buffer.from(this.#reply(words), 'latin1');
  }
  #reply([command, key, value]: string[]): string {
    if (command === 'SET') {
      this.values.set(key!, value!);
      return '+OK\r\n';
    }
    const held = this.values.get(key!);
    return held === undefined ? '$-1\r\n' : `$${held.length}\r\n${held}\r\n`;
  }
}

const ask = (dialogue: KvDialogue, client: number): Uint8Array => into.slice(0, dialogue.ask(client, 0, into));
/** @returns how much was taken. */
function feedInPieces(dialogue: KvDialogue, client: number, bytes: Uint8Array, pieces: readonly number[]): number {
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const to = Math.min(bytes.length, at + (pieces[piece] ?? bytes.length));
    at += dialogue.feed(client, bytes, at, to);
    if (dialogue.outcome !== MORE) break;
  }
  return at;
}

const sizes = fc.integer({ min: 1, max: 300 });
const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 20 });

describe('clients of a key-value server', () => {
  it('are satisfied with what a server of RESP answers, in whatever pieces it comes', () => {
    const turns = fc.array(fc.tuple(fc.nat(3), pieces), { minLength: 1, maxLength: 60 });
    const property = fc.property(sizes, fc.integer(), turns, (valueBytes, seed, given) => {
      const dialogue = new KvDialogue({ clients: 4, valueBytes, seed });
      const server = new Reference();
      for (const [client, cuts] of given) {
        const answer = server.answer(ask(dialogue, client));
        expect(feedInPieces(dialogue, client, answer, cuts)).toBe(answer.length);
        expect(dialogue.outcome).toBe(ANSWERED);
      }
      for (const value of server.values.values()) expect(value.length).toBe(valueBytes);
    });
    fc.assert(property, { numRuns: 100 * EFFORT });
  });
  it('see every byte that is not the right one', () => {
    const property = fc.property(sizes, fc.nat(), fc.integer({ min: 1, max: 255 }), (valueBytes, where, flip) => {
      const dialogue = new KvDialogue({ clients: 1, valueBytes, seed: where });
      const server = new Reference();
      for (let i = 0; i < 12; i++) {
        const answer = server.answer(ask(dialogue, 0));
        const at = where % answer.length;
        const wrong = answer.slice();
        wrong[at] = answer[at]! ^ flip;
        feedInPieces(dialogue, 0, wrong, []);
        expect(dialogue.outcome).toBe(WRONG);
        dialogue.failed(0);
      }
    });
    fc.assert(property, { numRuns: 100 * EFFORT });
  });
  it('see a value that was theirs once, and one that is somebody else’s', () => {
    const dialogue = new KvDialogue({ clients: 2, valueBytes: 64, seed: 1 });
    const server = new Reference();
    let seen = 0;
    for (let i = 0; i < 300; i++) {
      const [command, key] = [i % 2, server.commands.length];
      const answer = server.answer(ask(dialogue, command));
      const last = server.commands[key]!;
      const others = [...server.values].filter(([name]) => name !== last[1]);
      if (last[0] === 'GET' && others.length > 0) {
        const text = `$64\r\n${others[i % others.length]![1]}\r\n`;
        feedInPieces(dialogue, command, Buffer.from(text, 'latin1'), []);
        expect(dialogue.outcome).toBe(WRONG);
        seen++;
      } else feedInPieces(dialogue, command, answer, []);
    }
    expect(seen).toBeGreaterThan(100);
  });
  it('ask one SET to about four GETs, and no key before it was set', () => {
    const dialogue = new KvDialogue({ clients: 3, valueBytes: 8, seed: 5 });
    const server = new Reference();
    for (let i = 0; i < 3000; i++) feedInPieces(dialogue, i % 3, server.answer(ask(dialogue, i % 3)), []);
    const isSet = server.commands.map(([command]) => command === 'SET');
    expect(isSet.filter(Boolean).length / 3000).toBeCloseTo(0.2, 1);
    const known = new Set<string>();
    for (const [command, key] of server.commands) {
      if (command === 'GET') expect(known).toContain(key);
      known.add(key!);
    }
    expect(known.size).toBe(12);
  });
  it('have keys of their own', () => {
    const keysOf = (client: number): Set<string> => {
      const dialogue = new KvDialogue({ clients: 200, valueBytes: 8, seed: 5 });
      const server = new Reference();
      for (let i = 0; i < 40; i++) feedInPieces(dialogue, client, server.answer(ask(dialogue, client)), []);
      return new Set(server.values.keys());
    };
    const all = [0, 1, 12, 21, 199].map(keysOf);
    expect(new Set(all.flatMap((keys) => [...keys])).size).toBe(all.reduce((sum, keys) => sum + keys.size, 0));
    expect([...all[4]!].sort()[0]).toBe('client:199:00');
  });
  it('set a key again whose SET failed, before anything else', () => {
    const dialogue = new KvDialogue({ clients: 1, valueBytes: 8, seed: 9 });
    const server = new Reference();
    for (let i = 0; i < 200; i++) {
      server.answer(ask(dialogue, 0));
      const [command, key] = server.commands.at(-1)!;
      dialogue.failed(0);
      dialogue.connected(0);
      const answer = server.answer(ask(dialogue, 0));
      if (command === 'SET') expect(server.commands.at(-1)!.slice(0, 2)).toEqual(['SET', key]);
      feedInPieces(dialogue, 0, answer, []);
      expect(dialogue.outcome).toBe(ANSWERED);
    }
  });
});
