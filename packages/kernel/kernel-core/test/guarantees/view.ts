/** What somebody sees of a capability space, and draws from numbers. */
import { objects } from '@bulkhead/capabilities';
import { systemCalls } from '../../src/index.ts';
import { FIRST_FREE } from './cast.ts';
import { isNode } from './model/book.ts';
import type { Model } from './model/model.ts';
import type { Cap, Place, SystemCall, Thing, Thread } from './model/things.ts';

/** Draws from a list of numbers, which need not be long enough. */
export class Draw {
  readonly #numbers: readonly number[];
  #next = 0;
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }
  below(limit: number): number {
    return (this.#numbers[this.#next++] ?? 0) % limit;
  }
  from<T>(list: readonly T[], otherwise: T): T {
    return list.length === 0 ? otherwise : list[this.below(list.length)]!;
  }
}

/** What somebody sees of a capability space: pointers to what is in its root, and capabilities to nodes. */
export class View {
  readonly #model: Model;
  readonly #thread: Thread;
  readonly #places: readonly Place[];
  readonly #draw: Draw;

  constructor(model: Model, t: Thread, draw: Draw) {
    this.#model = model;
    this.#thread = t;
    this.#places = model.cspaceOf(t)?.thing.places ?? [];
    this.#draw = draw;
  }
  /** What names a slot of the root, whatever its guard; bits behind are 0. */
  #pointerTo(index: number): number {
    const root = this.#model.cspaceOf(this.#thread);
    if (root === null) return index;
    const { size } = root.thing;
    return ((root.guard * 2 ** size + index) * 2 ** (32 - root.guardSize - size)) | 0;
  }
  /** A pointer to one of a type, if there is one and mostly. */
  pointer(...types: readonly number[]): number {
    const all = [...this.#places.keys()];
    const occupied = all.filter((i) => this.#places[i]!.cap !== null);
    const fitting = occupied.filter((i) => types.includes(this.#places[i]!.cap!.thing.type));
    const list = fitting.length === 0 || this.#draw.below(20) === 19 ? occupied : fitting;
    return this.#pointerTo(this.#draw.below(40) === 39 ? 31 : this.#draw.from(list, 1));
  }
  /** An endpoint at which somebody waits, if there is one and often. */
  meeting(): number {
    return this.one(({ queue }) => queue.length > 0, objects.ENDPOINT);
  }
  /** A pointer to one of a type that is as it should be, if there is one and often. */
  one(isAsItShould: (thing: Thing, cap: Cap) => boolean, type: number): number {
    const fitting = [...this.#places.keys()].filter((i) => {
      const cap = this.#places[i]!.cap;
      return cap?.thing.type === type && isAsItShould(cap.thing, cap);
    });
    return fitting.length > 0 && this.#draw.below(4) > 0
      ? this.#pointerTo(this.#draw.from(fitting, 1))
      : this.pointer(type);
  }
  any(): number {
    return this.pointer(...objects.NAMES.keys());
  }
  capAt(pointer: number): Cap | null {
    return this.#model.find(this.#thread, pointer)?.cap ?? null;
  }
  /** A node, and a slot in it; of what somebody needs to go on only if it may be lost. */
  slot(
    isFree: boolean,
    mayLose = true,
    isWanted: (cap: Cap) => boolean = () => false,
  ): { node: number; index: number; depth: number } {
    const node = this.pointer(objects.CNODE);
    const cap = this.capAt(node);
    if (cap === null || cap.thing.type !== objects.CNODE) return { node, index: 3, depth: 32 };
    const { places } = cap.thing;
    const fitting = [...places.keys()].filter(
      (i) =>
        (places[i]!.cap === null) === isFree && (isFree || mayLose || i >= FIRST_FREE || places.length < FIRST_FREE),
    );
    const wanted = [...places.keys()].filter((i) => places[i]!.cap !== null && isWanted(places[i]!.cap));
    if (wanted.length > 0 && this.#draw.below(3) > 0) fitting.splice(0, fitting.length, ...wanted);
    const index = this.#draw.from(this.#draw.below(10) === 9 ? [...places.keys()] : fitting, 0);
    const wrong = this.#draw.below(40) === 39 ? 1 : 0;
    return { node, index: cap.guard * 2 ** cap.thing.size + index, depth: cap.guardSize + cap.thing.size - wrong };
  }
  /** Whether it takes long to delete: nobody else has it, and something is inside. */
  isLong(cap: Cap): boolean {
    return cap.thing.places.some(({ cap: inner }) => inner !== null) && this.#model.isLast(cap);
  }
  /** Where somebody holds a notification that nobody else has. */
  bell(): Bell | null {
    for (const [i, { cap: node }] of this.#places.entries()) {
      if (!isNode(node)) continue;
      const { places, size } = node.thing;
      const index = places.findIndex(({ cap }) => cap?.thing.type === objects.NOTIFICATION && this.#model.isLast(cap));
      if (index < 0) continue;
      const pointer = node.thing === this.#model.cspaceOf(this.#thread)?.thing ? this.#pointerTo(index) : null;
      const at = [node.guard * 2 ** size + index, node.guardSize + size] as const;
      return { node: this.#pointerTo(i), at, pointer, isBound: places[index]!.cap!.thing.bound !== null };
    }
    return null;
  }
}
export interface Bell {
  readonly node: number;
  /** Index and depth. */
  readonly at: readonly [number, number];
  /** null where it cannot be named at once. */
  readonly pointer: number | null;
  readonly isBound: boolean;
}

export const invocation = (
  pointer: number,
  label: number,
  words: readonly number[],
  extras: readonly number[],
): SystemCall => ({
  number: systemCalls.CALL,
  pointer,
  label,
  words,
  extras,
});
