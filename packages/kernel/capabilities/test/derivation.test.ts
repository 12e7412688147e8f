import { beforeEach, describe, expect, it } from 'vitest';
import { errors, objects } from '../src/index.ts';
import { type Fixture, fixture, make } from './fixture.ts';

const { ENDPOINT, UNTYPED, FRAME, CNODE, TCB, IRQ_HANDLER, NULL, ALL_RIGHTS, READ, WRITE, GRANT } = objects;
let f: Fixture;
beforeEach(() => {
  f = fixture(0x80000);
});
/** Which of these root slots still hold something. */
const alive = (...indices: number[]): number[] => indices.filter((i) => f.capabilities.typeOf(f.at(i)) !== NULL);
const copy = (to: number, from: number, rights = ALL_RIGHTS): number =>
  f.capabilities.copy(f.at(to), f.at(from), rights);
const mint = (to: number, from: number, data: number): number =>
  f.capabilities.mint(f.at(to), f.at(from), ALL_RIGHTS, data);
const revoke = (index: number): number => f.capabilities.revoke(f.at(index));
const del = (index: number): number => f.capabilities.delete(f.at(index));

describe('a slot names one that is up to 24 ahead of it in the list', () => {
  const named = (index: number): number[] => [6, 7].map((word) => f.words[f.at(index) + word]!);
  beforeEach(() => {
    make(f, f.untyped, FRAME, 12, 10);
    for (let to = 11; to <= 40; to++) copy(to, 10);
  });

  it('as the list stood when it joined: the newest copy stands first', () => {
    expect(named(11)).toEqual([0, 0]);
    expect(named(12)).toEqual([1, f.at(11)]);
    expect(named(35)).toEqual([24, f.at(11)]);
    expect(named(36)).toEqual([24, f.at(12)]);
    expect(named(40)).toEqual([24, f.at(16)]);
  });

  it('and a name that has become stale misleads neither revocation nor exchange', () => {
    del(16);
    f.capabilities.move(f.at(50), f.at(15));
    expect(f.capabilities.rotate(f.at(51), f.at(40), f.at(39), 0, 0)).toBe(0);
    expect(named(40)).toEqual([24, f.at(15)]);
    copy(16, 10);
    expect(alive(15, 16, 39, 40, 50, 51)).toEqual([16, 40, 50, 51]);
    revoke(10);
    expect(alive(...Array.from({ length: 54 }, (_, i) => 10 + i))).toEqual([10]);
  });

  it('nor do names that are none', () => {
    for (const [distance, ahead] of [
      [-1, -8],
      [3, 1 << 30],
      [2 ** 31 - 1, 3],
      [24, -(2 ** 31)],
    ]) {
      for (let index = 30; index <= 40; index++) f.words.set([distance!, ahead!], f.at(index) + 6);
      copy(41, 10);
      revoke(10);
      expect(alive(...Array.from({ length: 54 }, (_, i) => 10 + i))).toEqual([10]);
      for (let to = 11; to <= 40; to++) copy(to, 10);
    }
  });
});

describe('who is derived from whom (seL4 reference manual §3.1.5 "Capability Derivation Tree")', () => {
  it('1: an original revokes copies and copies of copies; a copy revokes nothing', () => {
    make(f, f.untyped, ENDPOINT, 0, 10);
    copy(11, 10);
    copy(12, 11);
    revoke(11);
    expect(alive(10, 11, 12)).toEqual([10, 11, 12]);
    revoke(10);
    expect(alive(10, 11, 12)).toEqual([10]);
  });

  it('2: a badged mint revokes its own copies, but no other mint, even of an equal badge', () => {
    make(f, f.untyped, ENDPOINT, 0, 10);
    mint(11, 10, 5);
    copy(12, 11);
    mint(13, 10, 5);
    copy(14, 13);
    revoke(13);
    expect(alive(11, 12, 13, 14)).toEqual([11, 12, 13]);
    revoke(11);
    expect(alive(11, 12, 13)).toEqual([11, 13]);
  });

  it('2: nor copies whose own original is gone', () => {
    make(f, f.untyped, ENDPOINT, 0, 10);
    mint(11, 10, 5);
    copy(12, 11);
    copy(13, 12);
    del(11);
    mint(14, 10, 5);
    revoke(14);
    expect(alive(12, 13, 14)).toEqual([12, 13, 14]);
    del(12);
    revoke(14);
    expect(alive(13, 14)).toEqual([13, 14]);
    revoke(10);
    expect(alive(13, 14)).toEqual([]);
  });

  it('3: untyped memory nests as deep as it is divided', () => {
    let from = f.untyped;
    for (let bits = 15; bits >= 5; bits--) {
      expect(make(f, from, UNTYPED, bits, 30 - bits)).toBe(0);
      from = f.at(30 - bits);
    }
    expect(f.capabilities.revoke(f.at(17))).toBe(0);
    expect(alive(15, 16, 17, 18, 25)).toEqual([15, 16, 17]);
  });

  it('4: revoking an untyped takes everything in its range, wherever it is kept', () => {
    make(f, f.untyped, UNTYPED, 12, 10);
    make(f, f.untyped, CNODE, 2, 11);
    const inner = f.capabilities.wordOf(f.at(11));
    make(f, f.at(10), ENDPOINT, 0, 12);
    f.capabilities.move(inner, f.at(12));
    mint(13, 12, 1);
    f.capabilities.mint(f.at(13), inner, ALL_RIGHTS, 1);
    revoke(10);
    expect(alive(10, 11, 13)).toEqual([10, 11]);
    expect(f.capabilities.typeOf(inner)).toBe(NULL);
  });

  it('5: only the last capability to an object destroys it', () => {
    make(f, f.untyped, ENDPOINT, 0, 10);
    copy(11, 10);
    del(10);
    del(11);
    expect(f.finalised.map(({ type, final }) => [type, final])).toEqual([
      [ENDPOINT, false],
      [ENDPOINT, true],
    ]);
  });

  it('interrupt handlers come from the control, which is not copied', () => {
    expect(copy(10, 3)).toBe(errors.ILLEGAL_OPERATION);
    expect(f.capabilities.issueIrqHandler(f.irqControl, 33, f.at(10))).toBe(0);
    expect(f.capabilities.issueIrqHandler(f.irqControl, 34, f.at(10))).toBe(errors.DELETE_FIRST);
    expect(f.capabilities.issueIrqHandler(f.untyped, 34, f.at(11))).toBe(errors.INVALID_CAPABILITY);
    copy(11, 10);
    expect(f.capabilities.objectOf(f.at(11))).toBe(33);
    revoke(3);
    expect(f.finalised.map(({ type, object, final }) => [type, object, final])).toEqual([
      [IRQ_HANDLER, 33, false],
      [IRQ_HANDLER, 33, true],
    ]);
  });
});

describe('rights, badges, guards and mappings of what is derived', () => {
  it('masks rights and never refuses: asking for more gives what there is', () => {
    make(f, f.untyped, ENDPOINT, 0, 10);
    copy(11, 10, WRITE | GRANT);
    copy(12, 11, ALL_RIGHTS);
    copy(13, 11, READ);
    expect([10, 11, 12, 13].map((i) => f.capabilities.rightsOf(f.at(i)))).toEqual([15, 5, 5, 0]);
  });
  it('sets a badge once', () => {
    make(f, f.untyped, ENDPOINT, 0, 10);
    expect(mint(11, 10, -7)).toBe(0);
    expect(f.capabilities.badgeOf(f.at(11))).toBe(-7);
    expect(mint(12, 11, 9)).toBe(errors.ILLEGAL_OPERATION);
    expect(mint(12, 11, 0)).toBe(errors.ILLEGAL_OPERATION);
  });
  it('mutates no endpoint, but moves it', () => {
    make(f, f.untyped, ENDPOINT, 0, 10);
    expect(f.capabilities.mutate(f.at(11), f.at(10), 3)).toBe(errors.ILLEGAL_OPERATION);
    expect(alive(10, 11)).toEqual([10]);
    expect(f.capabilities.move(f.at(11), f.at(10))).toBe(0);
    expect(alive(10, 11)).toEqual([11]);
  });
  it('copies of frames come out unmapped; the original stays mapped', () => {
    make(f, f.untyped, FRAME, 12, 10);
    f.capabilities.setMapping(f.at(10), 4, 0x777);
    copy(11, 10);
    expect([10, 11].map((i) => f.capabilities.isMapped(f.at(i)))).toEqual([true, false]);
    expect([f.capabilities.mappedAsidOf(f.at(10)), f.capabilities.mappedVpnOf(f.at(10))]).toEqual([4, 0x777]);
  });
  it('page tables are copied only while they are mapped', () => {
    make(f, f.untyped, objects.PAGE_TABLE, 0, 10);
    expect(copy(11, 10)).toBe(errors.ILLEGAL_OPERATION);
    f.capabilities.setMapping(f.at(10), 4, 0);
    expect(copy(11, 10)).toBe(0);
  });
  it('copies an untyped only while nothing stands under it, and leaves it full', () => {
    make(f, f.untyped, UNTYPED, 12, 10);
    expect(copy(11, 1)).toBe(errors.REVOKE_FIRST);
    expect(copy(11, 10)).toBe(0);
    expect(make(f, f.at(10), ENDPOINT, 0, 12)).toBe(errors.NOT_ENOUGH_MEMORY);
    expect(f.capabilities.details.bytesLeft).toBe(0);
    expect(make(f, f.at(11), ENDPOINT, 0, 12)).toBe(0);
  });
});

describe('delete of what holds capabilities', () => {
  it('takes the slots with it, last first, through any depth', () => {
    const depth = 40;
    make(f, f.untyped, CNODE, 1, 10);
    let holder = f.at(10);
    for (let i = 0; i < depth; i++) {
      make(f, f.untyped, CNODE, 1, 11);
      const inner = f.capabilities.wordOf(holder);
      f.capabilities.move(inner, f.at(11));
      holder = inner;
    }
    f.capabilities.deletedCount = 0;
    expect(del(10)).toBe(0);
    expect(f.capabilities.deletedCount).toBe(depth + 1);
    expect(f.capabilities.freeBytesOf(f.untyped)).toBe(65536);
  });
  it('ends for a CNode that holds its own only capability', () => {
    make(f, f.untyped, CNODE, 2, 10);
    const inner = f.capabilities.wordOf(f.at(10)) + 8;
    f.capabilities.move(inner, f.at(10));
    expect(f.capabilities.delete(inner)).toBe(0);
    expect(f.capabilities.freeBytesOf(f.untyped)).toBe(65536);
  });
  it('keeps the slots while another capability names the CNode', () => {
    make(f, f.untyped, CNODE, 2, 10);
    const inner = f.capabilities.wordOf(f.at(10));
    make(f, f.untyped, ENDPOINT, 0, 11);
    f.capabilities.move(inner, f.at(11));
    copy(12, 10);
    del(10);
    expect(f.capabilities.typeOf(inner)).toBe(ENDPOINT);
    del(12);
    expect(f.capabilities.typeOf(inner)).toBe(NULL);
  });
  it('empties the slots of a TCB', () => {
    make(f, f.untyped, TCB, 0, 10);
    make(f, f.untyped, ENDPOINT, 0, 11);
    const inner = f.capabilities.wordOf(f.at(10)) + 4 * 8;
    copy(12, 11);
    f.capabilities.move(inner, f.at(12));
    del(10);
    expect(f.capabilities.typeOf(inner)).toBe(NULL);
    expect(alive(11)).toEqual([11]);
  });
  it('does nothing on an empty slot, nor does revoke', () => {
    expect([del(20), revoke(20)]).toEqual([0, 0]);
    expect(f.finalised).toEqual([]);
  });
});

describe('the derivation list', () => {
  it('is walked from a capability that was never derived, each derived one behind what it was derived from', () => {
    make(f, f.untyped, ENDPOINT, 0, 10);
    mint(11, 10, 5);
    copy(12, 11);
    mint(13, 10, 6);
    const { capabilities } = f;
    const walked = [f.untyped];
    for (let slot = capabilities.nextOf(f.untyped); slot !== 0; slot = capabilities.nextOf(slot)) {
      expect(capabilities.previousOf(slot)).toBe(walked.at(-1));
      walked.push(slot);
    }
    expect(walked).toEqual([f.untyped, f.at(10), f.at(13), f.at(11), f.at(12)]);
    const derived = (from: number, to: number): boolean => capabilities.isDerived(f.at(from), f.at(to));
    expect([derived(10, 11), derived(11, 12), derived(10, 12)]).toEqual([true, true, true]);
    expect([derived(12, 11), derived(13, 11), derived(13, 12)]).toEqual([false, false, false]);
  });
});
