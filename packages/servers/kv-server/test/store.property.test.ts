import { FlatMemory, Window } from '@bulkhead/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, NO_BLOCK } from '../src/arena.ts';
import { HEAP_PAGES, RECORDS, SLOT_COUNT } from '../src/layout.ts';
import { hashOf, NO_SLOT, Store } from '../src/store.ts';
import { ascii } from '../src/text.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

/** A store that is spoken to in text. */
class Subject {
  readonly heap: Window = new Window(new FlatMemory(HEAP_PAGES), 0, 0, HEAP_PAGES * 4096);
  readonly arena: Arena = new Arena(this.heap, RECORDS);
  readonly store: Store = new Store(this.heap, this.arena, 32_768);

  constructor() {
    this.arena.format();
  }
  set(key: string, value: string): boolean {
    const bytes = ascii(key + value);
    const record = this.store.prepare(bytes, 0, key.length, value.length);
    if (record === NO_BLOCK) return false;
    if (!this.store.overwrite(record, bytes, key.length, value.length)) throw new Error('it was made with room');
    this.store.commit(record, bytes, 0, key.length);
    return true;
  }
  get(key: string): string | undefined {
    const slot = this.store.find(ascii(key), 0, key.length);
    if (slot === NO_SLOT) return undefined;
    const record = this.store.recordAt(slot);
    const value = new Uint8Array(this.store.valueLen(record));
    this.heap.loadBytes(this.store.valueOffset(record), value, 0, value.length);
    return Buffer.from(value).toString('latin1');
  }
  remove(key: string): boolean {
    const slot = this.store.find(ascii(key), 0, key.length);
    if (slot !== NO_SLOT) this.store.remove(slot);
    return slot !== NO_SLOT;
  }
  /** Every key that stands in a slot. */
  keys(): string[] {
    const found: string[] = [];
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const record = this.store.recordAt(slot);
      if (record === 0) continue;
      const key = new Uint8Array(this.store.keyLen(record));
      this.heap.loadBytes(this.store.keyOffset(record), key, 0, key.length);
      found.push(Buffer.from(key).toString('latin1'));
    }
    return found;
  }
}

/** Keys whose homes are equal or side by side, at the end of the table too: they probe past each other, and wrap. */
const CROWDED: readonly string[] = (() => {
  const wanted = new Set([0, 1, 2, SLOT_COUNT - 2, SLOT_COUNT - 1]);
  const found: string[] = [];
  for (let i = 0; found.length < 24; i++) {
    const key = `k${i}`;
    if (wanted.has(hashOf(ascii(key), 0, key.length) & (SLOT_COUNT - 1))) found.push(key);
  }
  return found;
})();

const key: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...CROWDED), fc.constantFrom('', 'a', 'ab', 'b'));
const value: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 80 }),
  fc.integer({ min: 0, max: 3000 }).map((lenBytes) => 'v'.repeat(lenBytes)),
);
const step = fc.oneof(
  { weight: 30, arbitrary: fc.record({ set: key, value }) },
  { weight: 20, arbitrary: fc.record({ remove: key }) },
  { weight: 1, arbitrary: fc.constant({ removeAll: true }) },
);

describe('the store', () => {
  it('is a map from keys to values', () => {
    const property = fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const subject = new Subject();
      const model = new Map<string, string>();
      for (const wish of steps) {
        if ('set' in wish) {
          subject.set(wish.set, wish.value);
          model.set(wish.set, wish.value);
        } else if ('remove' in wish) expect(subject.remove(wish.remove)).toBe(model.delete(wish.remove));
        else {
          subject.store.removeAll();
          model.clear();
        }
        expect(subject.store.keyCount).toBe(model.size);
        for (const each of CROWDED) expect(subject.get(each)).toBe(model.get(each));
      }
      expect(subject.keys().sort()).toEqual([...model.keys()].sort());
      for (const [each, kept] of model) expect(subject.get(each)).toBe(kept);
      for (const each of model.keys()) subject.remove(each);
      expect([subject.store.keyCount, subject.arena.freeBytes]).toEqual([0, RECORDS.lenBytes]);
    });
    fc.assert(property, { numRuns: 25 * EFFORT });
  });
  it('keeps no slot empty between a home and its record', () => {
    const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const subject = new Subject();
      for (const wish of steps) {
        if ('set' in wish) subject.set(wish.set, wish.value);
        else if ('remove' in wish) subject.remove(wish.remove);
      }
      for (const each of subject.keys()) {
        const bytes = ascii(each);
        const slot = subject.store.find(bytes, 0, bytes.length);
        expect(slot).not.toBe(NO_SLOT);
        for (let at = hashOf(bytes, 0, bytes.length) & (SLOT_COUNT - 1); at !== slot; at = (at + 1) % SLOT_COUNT)
          expect(subject.store.recordAt(at)).not.toBe(0);
      }
    });
    fc.assert(property, { numRuns: 10 * EFFORT });
  });
  it('holds as many of the smallest records as the arena has units, refuses one more, and has lost none', () => {
    const subject = new Subject();
    let count = 0;
    while (subject.set(`k${count}`, String(count))) count++;
    expect(count).toBe(RECORDS.lenBytes / 64);
    for (let i = 0; i < count; i += 997) expect(subject.get(`k${i}`)).toBe(String(i));
    expect(subject.remove('k5')).toBe(true);
    expect([subject.set('another', 'x'), subject.get('another'), subject.set('one more', 'x')]).toEqual([
      true,
      'x',
      false,
    ]);
  });
});

describe('the hash', () => {
  it('is FNV-1a of 32 bits, folded: its published test values', () => {
    for (const [text, fnv] of [
      ['', 0x811c9dc5],
      ['a', 0xe40c292c],
      ['foobar', 0xbf9cf968],
    ] as const)
      expect(hashOf(ascii(text), 0, text.length)).toBe((fnv | 0) ^ (fnv >>> 15));
  });
});
