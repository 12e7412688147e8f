/**
 * A capability system with the tree drawn as a tree: nodes with a parent and ordered children. Nothing here knows
 * slots, links or flags; who is whose child follows from how a capability was made.
 */
import { errors, objects } from '../src/index.ts';

const SIZES: ReadonlyMap<number, number> = new Map([
  [objects.TCB, 2048],
  [objects.ENDPOINT, 16],
  [objects.NOTIFICATION, 64],
  [objects.REPLY, 32],
  [objects.PAGE_TABLE, 4096],
  [objects.IO_PAGE_TABLE, 4096],
]);
/** Unmapped tables, and controls. */
const UNCOPIED: readonly number[] = [objects.PAGE_TABLE, objects.IO_PAGE_TABLE, objects.IRQ_CONTROL];
const BADGED: readonly number[] = [objects.ENDPOINT, objects.NOTIFICATION];

/** Where a capability can be kept. */
export interface Place {
  /** The byte address of the slot. */
  readonly address: number;
  node: Node | null;
}
export interface ModelObject {
  readonly type: number;
  readonly address: number;
  readonly sizeBytes: number;
  readonly places: Place[];
}
export class Node {
  children: Node[] = [];
  usedBytes = 0;
  dying = false;
  readonly object: ModelObject;
  parent: Node | null;
  place: Place | null;
  readonly original: boolean;
  readonly badge: number;
  readonly rights: number;

  constructor(
    object: ModelObject,
    parent: Node | null,
    place: Place | null,
    original: boolean,
    badge: number,
    rights: number,
  ) {
    this.object = object;
    this.parent = parent;
    this.place = place;
    this.original = original;
    this.badge = badge;
    this.rights = rights;
  }
}

const places = (address: number, count: number): Place[] =>
  Array.from({ length: count }, (_, i) => ({ address: address + i * 32, node: null }));

export class Model {
  /** One invisible parent a list. */
  readonly lists: Node[] = [];
  readonly places: Place[] = [];
  readonly finalised: { type: number; object: number; final: boolean }[] = [];
  readonly #nodes = new Set<Node>();

  boot(object: Omit<ModelObject, 'places'>, place: Place, slots: Place[] = []): Node {
    const top = new Node({ type: -1, address: 0, sizeBytes: 0, places: [] }, null, null, true, 0, 0);
    this.lists.push(top);
    const node = new Node({ ...object, places: slots }, top, place, true, 0, objects.carriedRights(object.type));
    top.children.push(node);
    this.#put(node, place);
    return node;
  }
  #put(node: Node, place: Place): void {
    node.place = place;
    place.node = node;
    this.#nodes.add(node);
  }

  retype(from: Place, type: number, sizeBits: number, into: readonly Place[]): number {
    const untyped = from.node;
    if (untyped === null || untyped.object.type !== objects.UNTYPED) return errors.INVALID_CAPABILITY;
    const size = SIZES.get(type) ?? 2 ** (type === objects.CNODE ? sizeBits + 5 : sizeBits);
    if (into.some((place) => place.node !== null)) return errors.DELETE_FIRST;
    const used = untyped.children.length === 0 ? 0 : untyped.usedBytes;
    if (untyped.object.sizeBytes - used < size * into.length) return errors.NOT_ENOUGH_MEMORY;
    let offset = used;
    while (offset % size !== 0) offset += 16;
    for (const place of into) {
      const address = untyped.object.address + offset;
      const slots = type === objects.CNODE ? 2 ** sizeBits : type === objects.TCB ? 5 : 0;
      const object = { type, address, sizeBytes: size, places: places(address, slots) };
      this.places.push(...object.places);
      const node = new Node(object, untyped, place, true, 0, objects.carriedRights(type));
      untyped.children.unshift(node);
      this.#put(node, place);
      offset += size;
    }
    untyped.usedBytes = offset;
    return 0;
  }

  copy(to: Place, from: Place, rights: number, badge?: number): number {
    const refused = this.#refuse(to, from);
    if (refused < 0) return refused;
    const source = from.node!;
    const { type } = source.object;
    if (badge !== undefined && BADGED.includes(type) && source.badge !== 0) return errors.ILLEGAL_OPERATION;
    if (type === objects.UNTYPED && source.children.length > 0) return errors.REVOKE_FIRST;
    if (UNCOPIED.includes(type)) return errors.ILLEGAL_OPERATION;
    const newBadge = badge !== undefined && BADGED.includes(type) ? badge : source.badge;
    const original = type === objects.UNTYPED || newBadge !== source.badge;
    const node = new Node(source.object, null, to, original, newBadge, source.rights & rights);
    if (source.original) {
      node.parent = source;
      source.children.unshift(node);
    } else {
      const siblings = source.parent!.children;
      node.parent = source.parent;
      siblings.splice(siblings.indexOf(source) + 1, 0, node);
    }
    if (type === objects.UNTYPED) source.usedBytes = source.object.sizeBytes;
    this.#put(node, to);
    return 0;
  }

  /** Pivot to destination, source to where it was. Nothing here tells about guards. */
  rotate(to: Place, pivot: Place, from: Place, isTooLong: boolean): number {
    if (pivot === from || pivot === to) return errors.ILLEGAL_OPERATION;
    if (from !== to && to.node !== null) return errors.DELETE_FIRST;
    if (from.node === null || pivot.node === null) return errors.FAILED_LOOKUP;
    const [up, down] = [from.node, pivot.node];
    // A guard has at most 31 bits, so with a CNode of two slots none is too long.
    const refuses = ({ object }: Node): boolean =>
      BADGED.includes(object.type) || (isTooLong && object.type === objects.CNODE && object.places.length > 2);
    if (refuses(up) || refuses(down)) return errors.ILLEGAL_OPERATION;
    from.node = null;
    this.#put(up, pivot);
    this.#put(down, to);
    return 0;
  }

  move(to: Place, from: Place): number {
    const refused = this.#refuse(to, from);
    if (refused < 0) return refused;
    const node = from.node!;
    from.node = null;
    this.#put(node, to);
    return 0;
  }

  #refuse(to: Place, from: Place): number {
    if (to.node !== null) return errors.DELETE_FIRST;
    return from.node === null ? errors.FAILED_LOOKUP : 0;
  }

  delete(place: Place): number {
    if (place.node !== null) this.#destroy(place.node);
    return 0;
  }
  revoke(place: Place): number {
    const node = place.node;
    while (node !== null && this.#nodes.has(node) && node.children.length > 0) this.#destroy(node.children[0]!);
    return 0;
  }

  #destroy(node: Node): void {
    if (node.dying) return;
    const { object } = node;
    const others = [...this.#nodes].some((other) => other !== node && other.object === object);
    const final = !others || object.type === objects.UNTYPED;
    this.finalised.push({ type: object.type, object: object.address / 16, final });
    if (final && object.places.length > 0) {
      node.dying = true;
      for (const place of [...object.places].reverse()) this.delete(place);
      for (const place of object.places) this.places.splice(this.places.indexOf(place), 1);
    }
    const siblings = node.parent!.children;
    for (const child of node.children) child.parent = node.parent;
    siblings.splice(siblings.indexOf(node), 1, ...node.children);
    node.place!.node = null;
    this.#nodes.delete(node);
  }

  /** Byte addresses of the slots of every list, in prefix order. */
  order(): number[][] {
    const walk = (node: Node): number[] => [node.place?.address ?? -1, ...node.children.flatMap(walk)];
    return this.lists.map((top) => walk(top).slice(1));
  }
  nodes(): Iterable<Node> {
    return this.#nodes;
  }
}
