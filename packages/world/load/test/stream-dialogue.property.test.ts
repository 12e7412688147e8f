import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWERED, MORE, WRONG } from '../src/dialogue.ts';
import { StreamDialogue } from '../src/stream-dialogue.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const pattern = Uint8Array.from({ length: 23 }, (_, at) => at * 11);
const streamOf = (lenBytes: number): Uint8Array => Uint8Array.from({ length: lenBytes }, (_, at) => pattern[at % 23]!);

describe('a stream taken in blocks', () => {
  it('is the pattern over and over, in whatever pieces it comes', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 40 });
    const property = fc.property(fc.integer({ min: 1, max: 60 }), pieces, (blockBytes, cuts) => {
      const dialogue = new StreamDialogue({ clients: 2, blockBytes, pattern });
      const stream = streamOf(5 * blockBytes);
      dialogue.connected(1);
      dialogue.ask(1);
      let blocks = 0;
      for (let at = 0, cut = 0; blocks < 5; cut++) {
        const end = Math.min(stream.length, at + (cuts[cut] ?? stream.length));
        while (at < end) {
          at += dialogue.feed(1, stream, at, end);
          expect(dialogue.outcome).toBe(at % blockBytes === 0 ? ANSWERED : MORE);
          if (dialogue.outcome === ANSWERED) blocks++;
          if (dialogue.outcome === ANSWERED) dialogue.ask(1);
        }
      }
    });
    fc.assert(property, { numRuns: 100 * EFFORT });
  });
  it('is wrong with any other byte, or with one missing', () => {
    const property = fc.property(fc.nat(199), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const dialogue = new StreamDialogue({ clients: 1, blockBytes: 200, pattern });
      const stream = streamOf(201);
      for (const wrong of [stream.with(at, stream[at]! ^ flip), stream.filter((_, i) => i !== at)]) {
        dialogue.connected(0);
        dialogue.ask(0);
        dialogue.feed(0, wrong, 0, 200);
        expect(dialogue.outcome).toBe(WRONG);
      }
    });
    fc.assert(property, { numRuns: 100 * EFFORT });
  });
  it('begins anew with a new connection', () => {
    const dialogue = new StreamDialogue({ clients: 1, blockBytes: 10, pattern });
    for (let connection = 0; connection < 3; connection++) {
      dialogue.connected(0);
      dialogue.ask(0);
      dialogue.feed(0, streamOf(10), 0, 7);
      expect(dialogue.outcome).toBe(MORE);
    }
  });
});
