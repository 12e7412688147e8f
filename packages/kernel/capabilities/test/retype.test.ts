import { beforeEach, describe, expect, it } from 'vitest';
import { errors, objects } from '../src/index.ts';
import { DEVICE_PAGE, type Fixture, firstDifference, fixture, make, ROOT } from './fixture.ts';

const { ENDPOINT, UNTYPED, FRAME, CNODE, TCB, NOTIFICATION } = objects;
const BASE_PAGE = 0x80000;
let f: Fixture;
beforeEach(() => {
  f = fixture(BASE_PAGE);
});

interface Arguments {
  untyped: number;
  type: number;
  sizeBits: number;
  root: number;
  nodeIndex: number;
  nodeDepth: number;
  nodeOffset: number;
  count: number;
}
const good = (): Arguments => ({
  untyped: f.untyped,
  type: ENDPOINT,
  sizeBits: 0,
  root: ROOT,
  nodeIndex: 0,
  nodeDepth: 0,
  nodeOffset: 10,
  count: 1,
});
const retype = (a: Arguments): number =>
  f.capabilities.retype(a.untyped, a.type, a.sizeBits, a.root, a.nodeIndex, a.nodeDepth, a.nodeOffset, a.count);

/** Each mistake alone gives its error; where several are made, the first of this list wins. */
const MISTAKES: readonly (readonly [string, number, (a: Arguments) => void])[] = [
  ['no untyped', errors.INVALID_CAPABILITY, (a) => Object.assign(a, { untyped: f.irqControl })],
  ['unknown type', errors.INVALID_ARGUMENT, (a) => Object.assign(a, { type: objects.LAST_RETYPE + 1 })],
  ['too large', errors.RANGE_ERROR, (a) => Object.assign(a, { sizeBits: 64 })],
  ['a size that the type has not', errors.INVALID_ARGUMENT, (a) => Object.assign(a, { type: FRAME, sizeBits: 13 })],
  ['a path that leads nowhere', errors.FAILED_LOOKUP, (a) => Object.assign(a, { nodeIndex: 1, nodeDepth: 7 })],
  ['no CNode', errors.FAILED_LOOKUP, (a) => Object.assign(a, { root: f.untyped })],
  ['offset beyond the node', errors.RANGE_ERROR, (a) => Object.assign(a, { nodeOffset: 64 })],
  ['no object', errors.RANGE_ERROR, (a) => Object.assign(a, { count: 0 })],
  ['too many objects', errors.RANGE_ERROR, (a) => Object.assign(a, { count: objects.FAN_OUT_LIMIT + 1 })],
  ['more than slots behind the offset', errors.RANGE_ERROR, (a) => Object.assign(a, { count: 62 })],
  ['a full slot', errors.DELETE_FIRST, (a) => Object.assign(a, { nodeOffset: 3 })],
  ['too little memory', errors.NOT_ENOUGH_MEMORY, (a) => Object.assign(a, { type: UNTYPED, sizeBits: 23 })],
  ['an object in device memory', errors.INVALID_ARGUMENT, (a) => Object.assign(a, { untyped: f.device })],
];

describe('retype: which error wins (seL4 reference manual §10.3 "Architecture-Independent Object Methods", Untyped)', () => {
  it.each(MISTAKES)('%s', (_name, error, spoil) => {
    const wrong = good();
    spoil(wrong);
    const before = f.words.slice();
    expect(retype(wrong)).toBe(error);
    expect(firstDifference(f.words, before)).toBe(-1);
  });

  it('of two mistakes the earlier check wins', () => {
    for (const [i, [first, error, spoil]] of MISTAKES.entries()) {
      for (const [second, , spoilToo] of MISTAKES.slice(i + 1)) {
        const wrong = good();
        spoilToo(wrong);
        spoil(wrong);
        // A later mistake can undo an earlier one by overwriting the same argument; the earlier is written last.
        const answer = retype(wrong);
        const both = `${first}, ${second}`;
        expect(answer, both).toBe(error);
      }
    }
  });

  it('says the range, the position, the memory left', () => {
    const { details } = f.capabilities;
    retype({ ...good(), sizeBits: 64 });
    expect([details.rangeMin, details.rangeMax]).toEqual([0, objects.UNTYPED_MAX_BITS]);
    retype({ ...good(), nodeOffset: 64 });
    expect([details.rangeMin, details.rangeMax]).toEqual([0, 63]);
    retype({ ...good(), count: 257 });
    expect([details.rangeMin, details.rangeMax]).toEqual([1, 256]);
    retype({ ...good(), nodeOffset: 60, count: 5 });
    expect([details.rangeMin, details.rangeMax]).toEqual([1, 4]);
    retype({ ...good(), type: CNODE, sizeBits: 0 });
    expect(details.argument).toBe(1);
    retype({ ...good(), type: 0 });
    expect(details.argument).toBe(0);
    make(f, f.untyped, UNTYPED, 15, 10);
    expect(make(f, f.untyped, UNTYPED, 16, 11)).toBe(errors.NOT_ENOUGH_MEMORY);
    expect(details.bytesLeft).toBe(32768);
  });

  it('finds the node by a path', () => {
    make(f, f.untyped, CNODE, 2, 10);
    expect(retype({ ...good(), nodeIndex: 10, nodeDepth: 32, nodeOffset: 3 })).toBe(0);
    expect(f.capabilities.typeOf(f.capabilities.wordOf(f.at(10)) + 24)).toBe(ENDPOINT);
    expect(retype({ ...good(), nodeIndex: 1, nodeDepth: 32 })).toBe(errors.FAILED_LOOKUP);
    expect(f.capabilities.details.lookupFailure).toBe(errors.MISSING_CAPABILITY);
  });
});

describe('untyped memory (seL4 reference manual §2.4 "Kernel Memory Allocation")', () => {
  const offsetOf = (index: number): number => f.capabilities.objectOf(f.at(index)) * 16 - (BASE_PAGE + 16) * 4096;

  it('aligns up and loses the hole until everything is gone', () => {
    make(f, f.untyped, ENDPOINT, 0, 10);
    make(f, f.untyped, TCB, 0, 11);
    make(f, f.untyped, ENDPOINT, 0, 12);
    expect([10, 11, 12].map(offsetOf)).toEqual([0, 2048, 4096]);
    f.capabilities.delete(f.at(11));
    make(f, f.untyped, ENDPOINT, 0, 11);
    expect(offsetOf(11)).toBe(4112);
    f.capabilities.revoke(f.untyped);
    make(f, f.untyped, ENDPOINT, 0, 10);
    expect(offsetOf(10)).toBe(0);
  });
  it('gives exactly what it has: 65536 / 64 notifications and not one more', () => {
    let made = 0;
    make(f, f.untyped, UNTYPED, 12, 10);
    while (make(f, f.at(10), NOTIFICATION, 0, 11) === 0) {
      made++;
      f.capabilities.move(f.at(12 + (made % 40)), f.at(11));
      if (made >= 40) break;
    }
    expect(made).toBe(40);
    expect(f.capabilities.freeBytesOf(f.at(10))).toBe(4096 - 40 * 64);
    expect(make(f, f.at(10), NOTIFICATION, 0, 53, 8)).toBe(0);
  });
  it('zeroes the memory of objects', () => {
    make(f, f.untyped, FRAME, 12, 10);
    const word = f.capabilities.wordOf(f.at(10));
    f.words.fill(0x5a5a5a5a, word, word + 1024);
    f.capabilities.delete(f.at(10));
    make(f, f.untyped, CNODE, 7, 10);
    expect(f.capabilities.wordOf(f.at(10))).toBe(word);
    expect(f.capabilities.zeroedWords).toBe(1024);
    expect(f.words.subarray(word, word + 1024).some((value) => value !== 0)).toBe(false);
  });
  it('divides device memory into frames and untypeds that stay device memory', () => {
    expect(make(f, f.device, UNTYPED, 21, 10)).toBe(0);
    expect(make(f, f.device, FRAME, 21, 11)).toBe(0);
    expect(make(f, f.at(10), FRAME, 12, 12, 2)).toBe(0);
    expect([10, 11, 12].map((i) => f.capabilities.isDevice(f.at(i)))).toEqual([true, true, true]);
    expect([11, 12, 13].map((i) => f.capabilities.pageOf(f.at(i)) - DEVICE_PAGE)).toEqual([512, 0, 1]);
    expect(f.capabilities.zeroedWords).toBe(0);
  });
  it('the largest untyped, given out whole, has nothing left', () => {
    const largest = f.at(20);
    f.capabilities.install(largest, UNTYPED, 0, objects.UNTYPED_MAX_BITS, true);
    expect(make(f, largest, UNTYPED, objects.UNTYPED_MAX_BITS, 10)).toBe(0);
    expect(f.capabilities.freeBytesOf(largest)).toBe(0);
    expect(make(f, largest, UNTYPED, 12, 11)).toBe(errors.NOT_ENOUGH_MEMORY);
  });
});
