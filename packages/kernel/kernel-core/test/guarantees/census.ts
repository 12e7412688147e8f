/**
 * What the memory says: every capability that there is, and who was derived from whom. Read from the words alone, with
 * none of the kernel's functions; the layout is that of a slot, 32 bytes.
 */
import { objects } from '@bulkhead/capabilities';
import type { World } from '../support.ts';
import { handlerSlot } from './machine.ts';
import type { Mapping } from './model/things.ts';

export const TCB_SLOTS = 5;
const SLOT_WORDS = 8;
const [DEVICE, REVOCABLE, FIRST_BADGED, ZOMBIE] = [1 << 23, 1 << 24, 1 << 25, 1 << 26];
const [MAPPED, IO_MAPPED] = [1 << 27, 1 << 29];
const SIZES: ReadonlyMap<number, number> = new Map([
  [objects.TCB, 11],
  [objects.ENDPOINT, 4],
  [objects.NOTIFICATION, 6],
  [objects.REPLY, 5],
  [objects.PAGE_TABLE, 12],
  [objects.IO_PAGE_TABLE, 12],
  [objects.ASID_POOL, 12],
]);

export interface Held {
  readonly slot: number;
  readonly type: number;
  /** Address / 16. */
  readonly object: number;
  /** Size in bits, or a CNode's radix; 0 where the type says it. */
  readonly size: number;
  /** Of the object's memory; 0 without. */
  readonly bytes: number;
  readonly rights: number;
  /** A badge, a guard, or an IO domain. */
  readonly data: number;
  readonly guardSize: number;
  readonly revocable: boolean;
  readonly firstBadged: boolean;
  readonly zombie: boolean;
  readonly mapping: Mapping | null;
  readonly device: boolean;
  /** The slot of what it was derived from, or 0. */
  parent: number;
}

export function bytesOf(type: number, size: number): number {
  if (type > objects.ASID_POOL) return 0;
  const fixed = SIZES.get(type);
  return 2 ** (fixed ?? (type === objects.CNODE ? size + 5 : size));
}
const isBadged = (type: number): boolean => type === objects.ENDPOINT || type === objects.NOTIFICATION;

function mappingOf(words: Int32Array, slot: number): Mapping | null {
  if ((words[slot]! & MAPPED) === 0) return null;
  return { io: (words[slot]! & IO_MAPPED) !== 0, space: words[slot + 2]!, page: words[slot + 3]! };
}

function read(words: Int32Array, slot: number): Held {
  const header = words[slot]!;
  const type = header & 0xff;
  const size = (header >>> 8) & 63;
  return {
    slot,
    type,
    object: words[slot + 1]! >>> 0,
    size,
    bytes: bytesOf(type, size),
    rights: (header >>> 19) & 15,
    data: isBadged(type) || type === objects.CNODE || type === objects.IO_SPACE ? words[slot + 2]! : 0,
    guardSize: type === objects.CNODE ? (header >>> 14) & 31 : 0,
    revocable: (header & REVOCABLE) !== 0,
    firstBadged: (header & FIRST_BADGED) !== 0,
    zombie: (header & ZOMBIE) !== 0,
    mapping: mappingOf(words, slot),
    device: (header & DEVICE) !== 0,
    parent: 0,
  };
}

/** Whether `b` names what `a` names, or a part of it: the manual's rules by type. */
function isWithin(a: Held, b: Held): boolean {
  const isPart = b.bytes > 0 && a.object <= b.object && b.object * 16 + b.bytes <= a.object * 16 + a.bytes;
  if (a.type === objects.UNTYPED) return isPart;
  if (a.type === objects.FRAME) return b.type === objects.FRAME && isPart;
  if (a.type === objects.IRQ_CONTROL) return b.type === objects.IRQ_CONTROL || b.type === objects.IRQ_HANDLER;
  if (a.type === objects.IO_SPACE_CONTROL) return b.type === objects.IO_SPACE_CONTROL || b.type === objects.IO_SPACE;
  return a.type === b.type && a.object === b.object && a.size === b.size;
}
function isParent(a: Held, b: Held): boolean {
  if (!a.revocable || !isWithin(a, b)) return false;
  return !isBadged(a.type) || a.data === 0 || (a.data === b.data && !b.firstBadged);
}

export class Census {
  readonly held = new Map<number, Held>();
  readonly #words: Int32Array;
  readonly #base: number;
  readonly broken: string[] = [];

  constructor(w: World) {
    this.#words = w.words;
    this.#base = w.kernel.capabilities.wordOfGranule(0);
    this.#walk(w.info.firstSlot, 2 ** w.info.cnodeRadix);
    this.#derive();
  }
  wordOf(object: number): number {
    return object * 4 + this.#base;
  }
  ofType(type: number): Held[] {
    return [...new Map([...this.held.values()].filter((c) => c.type === type).map((c) => [c.object, c])).values()];
  }
  /** The slots inside an object. */
  slotsOf({ type, object, size }: Held): number[] {
    if (type === objects.IRQ_HANDLER) return [handlerSlot(object)];
    const count = type === objects.CNODE ? 2 ** size : type === objects.TCB ? TCB_SLOTS : 0;
    return Array.from({ length: count }, (_, i) => this.wordOf(object) + i * SLOT_WORDS);
  }

  /** From slots to what is in the slots of what they name, and along the lists: nothing can hide. */
  #walk(first: number, count: number): void {
    const open = Array.from({ length: count }, (_, i) => first + i * SLOT_WORDS);
    for (let slot = open.pop(); slot !== undefined; slot = open.pop()) {
      if (this.held.has(slot)) continue;
      const words = this.#words;
      if (!(slot > 0 && slot % SLOT_WORDS === 0 && slot + SLOT_WORDS <= words.length)) {
        this.broken.push(`a link leads to ${slot}, which is no slot`);
        continue;
      }
      if ((words[slot]! & 0xff) === 0) continue;
      const found = read(words, slot);
      this.held.set(slot, found);
      open.push(...this.slotsOf(found));
      for (const link of [words[slot + 4]!, words[slot + 5]!]) if (link !== 0) open.push(link);
    }
  }
  /** Each list is a tree in prefix order. */
  #derive(): void {
    const seen = new Set<number>();
    const words = this.#words;
    for (const first of this.held.values()) {
      if (words[first.slot + 4] !== 0) continue;
      const ancestors: Held[] = [];
      for (let slot = first.slot, before = 0; slot !== 0; before = slot, slot = words[slot + 5]!) {
        const held = this.held.get(slot);
        if (held === undefined || seen.has(slot) || words[slot + 4] !== before) {
          this.broken.push(`the list is broken at slot ${slot}`);
          break;
        }
        seen.add(slot);
        while (ancestors.length > 0 && !isParent(ancestors.at(-1)!, held)) ancestors.pop();
        held.parent = ancestors.at(-1)?.slot ?? 0;
        ancestors.push(held);
      }
    }
    if (seen.size !== this.held.size) this.broken.push(`${this.held.size - seen.size} slots stand in no list`);
  }
}
