/** Who has what: capabilities with a parent and ordered children, how they are found, and how one is made of another. */
import { errors, objects } from '@bulkhead/capabilities';
import { type Cap, CSPACE, isBadged, type Place, type Thing, type Thread, thing, thread } from './things.ts';

const { FAILED_LOOKUP, ILLEGAL_OPERATION, RANGE_ERROR, REVOKE_FIRST } = errors;
const GUARD_SIZE_MASK = 31;

const binary = (value: number, bits: number): string =>
  bits === 0 ? '' : (value >>> 0).toString(2).padStart(32, '0').slice(-bits);
export const isNode = (cap: Cap | null): cap is Cap => cap?.thing.type === objects.CNODE && !cap.dying;

export class Book {
  readonly things = new Set<Thing>();

  *places(): Generator<Place> {
    for (const each of this.things) yield* each.places;
  }
  *caps(): Generator<Cap> {
    for (const { cap } of this.places()) if (cap !== null) yield cap;
  }
  threads(): Thread[] {
    return [...this.things].flatMap((each) => (each.type === objects.TCB && each.thread !== null ? [each.thread] : []));
  }
  isLast(cap: Cap): boolean {
    for (const other of this.caps()) if (other !== cap && other.thing === cap.thing) return false;
    return true;
  }

  // ---------------------------------------------------------------- look-up

  cspaceOf(t: Thread): Cap | null {
    return t.tcb.places[CSPACE]!.cap;
  }
  /** Bits are followed from a root, and stop at what is no CNode. */
  resolve(root: Cap | null, pointer: number, depth: number): { place: Place; left: number } | null {
    if (!isNode(root)) return null;
    let bits = binary(pointer, depth);
    for (let cap = root; ; ) {
      const guard = binary(cap.guard, cap.guardSize);
      const radix = cap.thing.size;
      if (!bits.startsWith(guard) || bits.length < guard.length + radix) return null;
      const place = cap.thing.places[Number.parseInt(bits.slice(guard.length, guard.length + radix), 2)]!;
      bits = bits.slice(guard.length + radix);
      if (bits === '' || !isNode(place.cap)) return { place, left: bits.length };
      cap = place.cap;
    }
  }
  find(t: Thread, pointer: number): Place | null {
    return this.resolve(this.cspaceOf(t), pointer, 32)?.place ?? null;
  }
  /** @returns a place, or the error for which there is none. */
  slot(root: Cap | null, index: number, depth: number): Place | number {
    if (!isNode(root)) return FAILED_LOOKUP;
    if (depth < 1 || depth > 32) return RANGE_ERROR;
    const found = this.resolve(root, index, depth);
    return found === null || found.left !== 0 ? FAILED_LOOKUP : found.place;
  }

  // ---------------------------------------------------------------- making

  /** The first capability to something new, which is the first child of another. */
  make(parent: Cap, place: Place, type: number, object: number, size: number, slots: readonly number[] = []): Cap {
    const made = thing(type, object, size, slots);
    if (type === objects.TCB) made.thread = thread(made);
    this.things.add(made);
    return this.put(made, place, parent, objects.carriedRights(type), true);
  }
  put(made: Thing, place: Place, parent: Cap | null, rights: number, original: boolean): Cap {
    const cap: Cap = {
      thing: made,
      rights,
      badge: 0,
      guard: 0,
      guardSize: 0,
      mapping: null,
      original,
      parent,
      children: [],
      place,
      used: 0,
      dying: false,
    };
    parent?.children.unshift(cap);
    place.cap = cap;
    return cap;
  }
  /** Copy, or with data mint. @returns an error */
  derive(to: Place, from: Cap, rights: number, data?: number): number {
    const { type } = from.thing;
    if (data !== undefined && !this.mayUpdate(from, data, false)) return ILLEGAL_OPERATION;
    if (from.dying) return ILLEGAL_OPERATION;
    if (type === objects.UNTYPED && from.children.length > 0) return REVOKE_FIRST;
    if (type === objects.IRQ_CONTROL || type === objects.IO_SPACE_CONTROL) return ILLEGAL_OPERATION;
    if ((type === objects.PAGE_TABLE || type === objects.IO_PAGE_TABLE) && from.mapping === null)
      return ILLEGAL_OPERATION;
    const badge = data !== undefined && isBadged(from.thing) ? data : from.badge;
    const original = type === objects.UNTYPED || badge !== from.badge;
    const parent = from.original ? from : from.parent;
    const cap = this.put(from.thing, to, null, from.rights & rights, original);
    Object.assign(cap, { parent, badge: from.badge, guard: from.guard, guardSize: from.guardSize });
    cap.mapping = type === objects.FRAME ? null : from.mapping;
    if (from.original) from.children.unshift(cap);
    else parent?.children.splice(parent.children.indexOf(from) + 1, 0, cap);
    if (data !== undefined) this.update(cap, data);
    if (type === objects.UNTYPED) from.used = 2 ** from.thing.size;
    return 0;
  }
  mayUpdate(cap: Cap, data: number, preserve: boolean): boolean {
    if (isBadged(cap.thing)) return !preserve && cap.badge === 0;
    return cap.thing.type !== objects.CNODE || (data & GUARD_SIZE_MASK) + cap.thing.size <= 32;
  }
  update(cap: Cap, data: number): void {
    if (isBadged(cap.thing)) cap.badge = data;
    if (cap.thing.type !== objects.CNODE) return;
    cap.guardSize = data & GUARD_SIZE_MASK;
    cap.guard = Number.parseInt(binary(data >>> 5, cap.guardSize) || '0', 2);
  }
  /** Its children are its parent's then. */
  remove(cap: Cap): void {
    const { parent, children } = cap;
    for (const child of children) child.parent = parent;
    parent?.children.splice(parent.children.indexOf(cap), 1, ...children);
    cap.place.cap = null;
  }
}
