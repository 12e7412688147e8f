import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message } from '../src/index.ts';

describe('message tag (seL4 reference manual §4.1 "Message Registers")', () => {
  it('keeps label, unwrapped capabilities, extra capabilities and length apart', () => {
    const fields = fc.tuple(fc.nat(message.MAX_LABEL), fc.nat(7), fc.nat(3), fc.nat(message.MAX_MESSAGE_WORDS));
    fc.assert(
      fc.property(fields, ([label, unwrapped, extra, length]) => {
        const tag = message.messageTag(label, unwrapped, extra, length);
        expect([
          message.labelOf(tag),
          message.capsUnwrappedOf(tag),
          message.extraCapsOf(tag),
          message.lengthOf(tag),
        ]).toEqual([label, unwrapped, extra, length]);
      }),
    );
  });
  it('says at most 120 words, whatever the sender wrote', () => {
    expect(message.lengthOf(message.messageTag(0, 0, 0, 127))).toBe(120);
  });
});
