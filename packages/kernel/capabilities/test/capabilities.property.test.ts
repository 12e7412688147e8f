import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errors, objects } from '../src/index.ts';
import { type Finalised, type Fixture, fixture, ROOT, ROOT_RADIX, UNTYPED_BITS } from './fixture.ts';
import { checkInvariants } from './invariants.ts';
import { Model, type Place } from './model.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const BASE_PAGE = 0x80000;
/** Where the fixture's untyped memory begins. */
const BOOT_END = 16 * 4096;

/** Type and size of what retype may be asked for here. */
const KINDS: readonly (readonly [number, number])[] = [
  [objects.UNTYPED, 12],
  [objects.UNTYPED, 7],
  [objects.TCB, 0],
  [objects.ENDPOINT, 0],
  [objects.ENDPOINT, 3],
  [objects.NOTIFICATION, 0],
  [objects.REPLY, 0],
  [objects.CNODE, 1],
  [objects.CNODE, 2],
  [objects.CNODE, 3],
  [objects.FRAME, 12],
  [objects.PAGE_TABLE, 0],
  [objects.IO_PAGE_TABLE, 0],
  [objects.SCHED_CONTEXT, 8],
];
const TOO_LONG_GUARD = 31;
const OPERATIONS = [
  'retype',
  'retype',
  'retype',
  'copy',
  'copy',
  'mint',
  'mint',
  'move',
  'rotate',
  'delete',
  'revoke',
] as const;
type Command = readonly [(typeof OPERATIONS)[number], number, number, number, number];

const any = fc.noBias(fc.nat(9999));
const commands = fc.array(fc.tuple(fc.constantFrom(...OPERATIONS), any, any, any, any) as fc.Arbitrary<Command>, {
  minLength: 1,
  maxLength: 160,
  size: 'max',
});

class Pair {
  readonly f: Fixture = fixture(BASE_PAGE);
  readonly model = new Model();
  readonly root: Place[];
  preemptions = 0;
  readonly #base = BASE_PAGE * 4096;

  constructor() {
    const { f, model } = this;
    this.root = Array.from({ length: 2 ** ROOT_RADIX }, (_, i) => ({ address: this.byte(f.at(i)), node: null }));
    model.places.push(...this.root.slice(0, 20));
    const byte = (slot: number): number => f.capabilities.objectOf(slot) * 16;
    const untyped = { type: objects.UNTYPED, address: byte(f.untyped), sizeBytes: 2 ** UNTYPED_BITS };
    model.boot(untyped, this.root[1]!);
    model.boot({ type: objects.IRQ_CONTROL, address: 0, sizeBytes: 0 }, this.root[3]!);
    f.capabilities.delete(f.device);
    f.finalised.length = 0;
  }
  byte(slot: number): number {
    return this.#base + slot * 4;
  }
  slot(place: Place): number {
    return (place.address - this.#base) / 4;
  }
  place(number: number): Place {
    // Half of the choices fall on occupied places, so that most operations find something.
    const occupied = this.model.places.filter((place) => place.node !== null);
    const from = number % 2 === 0 && occupied.length > 0 ? occupied : this.model.places;
    return from[Math.floor(number / 2) % from.length]!;
  }
  untyped(number: number): Place {
    const untypeds = this.model.places.filter((place) => place.node?.object.type === objects.UNTYPED);
    return number % 8 === 0 || untypeds.length === 0 ? this.place(number) : untypeds[number % untypeds.length]!;
  }
  /** A capability to an object that holds capabilities. */
  holder(number: number): Place {
    const holders = this.model.places.filter((place) => place.node?.object.places.some((inner) => inner.node !== null));
    return holders.length === 0 ? this.place(number) : holders[number % holders.length]!;
  }
  /** A capability from which others were derived. */
  parent(number: number): Place {
    const parents = this.model.places.filter((place) => (place.node?.children.length ?? 0) > 1);
    return parents.length === 0 ? this.place(number) : parents[number % parents.length]!;
  }
  empty(number: number): Place {
    const free = this.model.places.filter((place) => place.node === null);
    return number % 8 === 0 || free.length === 0 ? this.place(number) : free[number % free.length]!;
  }

  cnode(number: number): Place {
    const cnodes = this.model.places.filter((place) => place.node?.object.type === objects.CNODE);
    return cnodes.length === 0 ? this.place(number) : cnodes[number % cnodes.length]!;
  }
  /** Again and again while it is preempted; at once when it destroys the very slot by which it would be named again. */
  untilDone(place: Place, choice: number, run: (slot: number, units: number) => number): number {
    const units = this.model.places.includes(place) ? [-1, 1, 2, 7][choice % 4]! : -1;
    for (let calls = 0; calls < 10_000; calls++) {
      const answer = run(this.slot(place), units);
      if (answer !== errors.PREEMPTED) return answer;
      this.preemptions++;
      checkInvariants(this.f.words, BASE_PAGE, BOOT_END);
    }
    return errors.PREEMPTED;
  }

  run([operation, a, b, c, d]: Command): readonly [actual: number, expected: number] {
    const { capabilities } = this.f;
    const from = operation === 'retype' ? this.untyped(a) : this.place(a);
    switch (operation) {
      case 'retype': {
        const [type, sizeBits] = KINDS[b % KINDS.length]!;
        const count = c % 3 === 0 ? 3 : 1;
        const offset = 4 + (d % 14);
        const into = this.root.slice(offset, offset + count);
        const expected = this.model.retype(from, type, sizeBits, into);
        return [capabilities.retype(this.slot(from), type, sizeBits, ROOT, 0, 0, offset, count), expected];
      }
      case 'copy': {
        const to = this.empty(b);
        return [capabilities.copy(this.slot(to), this.slot(from), c % 16), this.model.copy(to, from, c % 16)];
      }
      case 'mint': {
        const to = this.empty(b);
        const badge = d % 3;
        return [
          capabilities.mint(this.slot(to), this.slot(from), c % 16, badge),
          this.model.copy(to, from, c % 16, badge),
        ];
      }
      case 'move': {
        const to = this.empty(b);
        return [capabilities.move(this.slot(to), this.slot(from)), this.model.move(to, from)];
      }
      case 'rotate': {
        const pivot = b % 2 === 0 ? this.cnode(c) : this.place(c);
        const to = d % 3 === 0 ? from : this.empty(b);
        const guard = d % 7 === 0 ? TOO_LONG_GUARD : 0;
        return [
          capabilities.rotate(this.slot(to), this.slot(pivot), this.slot(from), guard, guard),
          this.model.rotate(to, pivot, from, guard !== 0),
        ];
      }
      case 'delete': {
        const place = b % 3 === 0 ? this.holder(a) : from;
        const expected = this.model.delete(place);
        return [this.untilDone(place, c, (slot, units) => capabilities.delete(slot, units)), expected];
      }
      case 'revoke': {
        const place = b % 4 === 0 ? this.parent(a) : from;
        const expected = this.model.revoke(place);
        return [this.untilDone(place, c, (slot, units) => capabilities.revoke(slot, units)), expected];
      }
    }
  }

  /** The lists, read from memory: from each slot without a predecessor along the links. */
  order(): number[][] {
    const { words } = this.f;
    const starts = this.model.places
      .map((place) => this.slot(place))
      .filter((slot) => (words[slot]! & 0xff) !== 0 && words[slot + 4] === 0);
    return starts.map((start) => {
      const list: number[] = [];
      for (let slot = start; slot !== 0; slot = words[slot + 5]!) list.push(this.byte(slot));
      return list;
    });
  }
  check(): void {
    const sorted = (lists: number[][]): number[][] =>
      lists.filter((list) => list.length > 0).sort((x, y) => x[0]! - y[0]!);
    expect(sorted(this.order())).toEqual(sorted(this.model.order()));
    const { capabilities } = this.f;
    for (const node of this.model.nodes()) {
      const slot = this.slot(node.place!);
      const actual = [capabilities.typeOf(slot), capabilities.objectOf(slot), capabilities.rightsOf(slot)];
      expect(actual).toEqual([node.object.type, node.object.address / 16, node.rights]);
      if (node.badge !== 0) expect(capabilities.badgeOf(slot)).toBe(node.badge);
    }
    // In which order the contents of what is deleted go is left open.
    const inOrder = (all: readonly Finalised[]): string[] => all.map((each) => JSON.stringify(each)).sort();
    expect(inOrder(this.f.finalised)).toEqual(inOrder(this.model.finalised));
    checkInvariants(this.f.words, BASE_PAGE, BOOT_END);
  }
}

describe('a reference model with an explicit tree', () => {
  it('agrees on every answer, on the tree, and on what is finalised; invariants hold after each step', () => {
    const seen = new Set<number>();
    let revoked = 0;
    let zombies = 0;
    let preemptions = 0;
    fc.assert(
      fc.property(commands, (sequence) => {
        const pair = new Pair();
        for (const command of sequence) {
          const before = pair.model.finalised.length;
          const [actual, expected] = pair.run(command);
          expect(actual, command.join(' ')).toBe(expected);
          seen.add(actual);
          const gone = pair.model.finalised.slice(before);
          if (command[0] === 'revoke' && gone.length > 1) revoked++;
          if (command[0] === 'delete' && gone.length > 1) zombies++;
          pair.check();
        }
        preemptions += pair.preemptions;
      }),
      { numRuns: 60 * EFFORT, seed: 4242 },
    );
    const answers = [0, errors.INVALID_CAPABILITY, errors.DELETE_FIRST, errors.REVOKE_FIRST, errors.NOT_ENOUGH_MEMORY];
    expect([...seen].sort()).toEqual([...answers, errors.ILLEGAL_OPERATION, errors.FAILED_LOOKUP].sort());
    // Enough of what is rare: revocations and deletions that took others with them.
    expect(revoked).toBeGreaterThan(5);
    expect(zombies).toBeGreaterThan(5);
    expect(preemptions).toBeGreaterThan(50);
  });
});

describe('memory that somebody else wrote to', () => {
  it('never makes an operation throw or run for ever', () => {
    const hits = fc.array(fc.tuple(fc.nat(), fc.integer()), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(commands, hits, commands, (before, wild, after) => {
        const pair = new Pair();
        for (const command of before) pair.run(command);
        const slots = pair.model.places.map((place) => pair.slot(place));
        for (const [where, value] of wild) pair.f.words[slots[where % slots.length]! + (where % 8)] = value;
        for (const [operation, a, b, c, d] of after) {
          const { capabilities } = pair.f;
          const from = slots[a % slots.length]!;
          const to = slots[b % slots.length]!;
          const answers = {
            retype: () => capabilities.retype(from, c % 20, d % 40, to, a, c % 33, d % 9, 1 + (b % 4)),
            copy: () => capabilities.copy(to, from, c),
            mint: () => capabilities.mint(to, from, c, d),
            move: () => capabilities.move(to, from),
            rotate: () => capabilities.rotate(to, slots[c % slots.length]!, from, d, 0),
            delete: () => capabilities.delete(from, c % 2 === 0 ? -1 : 3),
            revoke: () => capabilities.revoke(from, c % 2 === 0 ? -1 : 3),
          };
          const answer = answers[operation]();
          expect(answer).toBeLessThanOrEqual(errors.PREEMPTED);
          expect(answer).toBeGreaterThanOrEqual(errors.CORRUPTED);
          expect(capabilities.lookup(from, c)).not.toBeNaN();
        }
      }),
      { numRuns: 100 * EFFORT, seed: 77 },
    );
  });
});
