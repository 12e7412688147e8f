/**
 * What the book says, in plain objects: capabilities in numbered slots, tables as Maps, pools as Maps. It shares nothing
 * with the implementation, keeps no tree (an original knows its copies by the object) and knows no fences.
 */
export interface Untyped {
  readonly kind: 'untyped';
  readonly page: number;
  readonly pages: number;
  used: number;
}
export interface Frame {
  readonly kind: 'frame';
  readonly page: number;
  readonly level: number;
  readonly from: Untyped | null;
}
export interface Table {
  readonly kind: 'table';
  readonly page: number;
  readonly from: Untyped | null;
  place: Place | null;
  entries: Map<number, Entry>;
}
export interface Pool {
  readonly kind: 'pool';
  readonly from: Untyped | null;
  roots: Map<number, Table>;
}
interface Place {
  readonly asid: number;
  readonly vpn: number;
}
type Entry = Table | { readonly kind: 'leaf'; readonly frame: Frame; readonly flags: string };
export type Thing = Untyped | Frame | Table | Pool;
export interface Cap {
  readonly thing: Thing;
  readonly original: boolean;
  readonly read: boolean;
  readonly write: boolean;
  /** Of a frame's capability. */
  place: Place | null;
}

const USER_PAGES = 2 ** 26;
const indexOf = (vpn: number, level: number): number => Math.floor(vpn / 512 ** level) % 512;

export class SpaceModel {
  readonly slots = new Map<number, Cap>();
  readonly pools: (Pool | null)[] = new Array<null>(8).fill(null);

  install(slot: number, thing: Thing): void {
    this.slots.set(slot, { thing, original: true, read: true, write: true, place: null });
  }
  thingIn(slot: number): Thing | undefined {
    return this.slots.get(slot)?.thing;
  }
  #capsOf(thing: Thing): [number, Cap][] {
    return [...this.slots].filter(([, cap]) => cap.thing === thing);
  }
  #children(untyped: Untyped): [number, Cap][] {
    return [...this.slots].filter(([, { thing }]) => thing.kind !== 'untyped' && thing.from === untyped);
  }

  rootOf(asid: number): Table | null {
    return this.pools[Math.floor(asid / 512)]?.roots.get(asid) ?? null;
  }
  isLiveRoot(thing: Thing | undefined): boolean {
    return thing?.kind === 'table' && thing.place !== null && this.rootOf(thing.place.asid) === thing;
  }
  live(): [asid: number, root: Table][] {
    return this.pools.flatMap((pool) => [...(pool?.roots ?? [])]);
  }
  /** @returns where a page leads: physical page, level and flags. */
  translate(root: Table, vpn: number): { page: number; level: number; flags: string } | null {
    let table = root;
    for (let level = 2; level >= 0; level--) {
      const entry = table.entries.get(indexOf(vpn, level));
      if (entry === undefined) return null;
      if (entry.kind === 'leaf') return { page: entry.frame.page + (vpn % 512 ** level), level, flags: entry.flags };
      table = entry;
    }
    return null;
  }

  // ---------------------------------------------------------------- capabilities

  retype(untyped: Untyped, make: 'frame' | 'table', slot: number): string {
    const used = this.#children(untyped).length === 0 ? 0 : untyped.used;
    if (this.slots.has(slot)) return 'DeleteFirst';
    if (used === untyped.pages) return 'NotEnoughMemory';
    untyped.used = used + 1;
    const page = untyped.page + used;
    if (make === 'frame') this.install(slot, { kind: 'frame', page, level: 0, from: untyped });
    else this.install(slot, { kind: 'table', page, from: untyped, place: null, entries: new Map() });
    return 'NoError';
  }
  copy(to: number, from: number, read: boolean, write: boolean): string {
    const cap = this.slots.get(from);
    if (this.slots.has(to)) return 'DeleteFirst';
    if (cap === undefined) return 'FailedLookup';
    if (cap.thing.kind === 'table' && cap.thing.place === null) return 'IllegalOperation';
    const isFrame = cap.thing.kind === 'frame';
    const rights = { read: isFrame ? cap.read && read : true, write: isFrame ? cap.write && write : true };
    this.slots.set(to, { thing: cap.thing, original: false, ...rights, place: null });
    return 'NoError';
  }
  move(to: number, from: number): string {
    const cap = this.slots.get(from);
    if (this.slots.has(to)) return 'DeleteFirst';
    if (cap === undefined) return 'FailedLookup';
    this.slots.delete(from);
    this.slots.set(to, cap);
    return 'NoError';
  }
  delete(slot: number): string {
    const cap = this.slots.get(slot);
    if (cap === undefined) return 'NoError';
    const isLast = this.#capsOf(cap.thing).length === 1;
    this.slots.delete(slot);
    if (cap.thing.kind === 'frame') this.#removeLeaf(cap, cap.thing);
    else if (cap.thing.kind === 'table' && isLast) this.#endTable(cap.thing);
    else if (cap.thing.kind === 'pool' && isLast) this.pools[this.pools.indexOf(cap.thing)] = null;
    return 'NoError';
  }
  revoke(slot: number): string {
    const cap = this.slots.get(slot);
    if (cap === undefined || !cap.original) return 'NoError';
    const derived = cap.thing.kind === 'untyped' ? this.#children(cap.thing) : this.#capsOf(cap.thing);
    for (const [other] of derived) if (other !== slot) this.delete(other);
    return 'NoError';
  }
  #endTable(table: Table): void {
    if (table.place === null) return;
    const { asid } = table.place;
    if (this.isLiveRoot(table)) this.pools[Math.floor(asid / 512)]!.roots.delete(asid);
    else this.#takeOut(table, table.place);
  }

  // ---------------------------------------------------------------- tables and pages

  /** @param kind of what may be invoked so @returns the refusal that comes before all others, if any */
  #invoked(slot: number, kind: Thing['kind']): string | null {
    const thing = this.thingIn(slot);
    if (thing === undefined) return 'InvalidCapability';
    return thing.kind === kind ? null : 'IllegalOperation';
  }
  #space(slot: number): Table | string {
    const thing = this.thingIn(slot);
    if (thing?.kind !== 'table' || thing.place === null) return 'InvalidCapability';
    const root = this.rootOf(thing.place.asid);
    if (root === thing) return thing;
    return root === null ? 'FailedLookup' : 'InvalidCapability';
  }
  mapTable(slot: number, space: number, vpn: number): string {
    const refused = this.#invoked(slot, 'table');
    if (refused !== null) return refused;
    const table = this.thingIn(slot) as Table;
    if (table.place !== null) return 'InvalidCapability';
    const isAssigned = this.thingIn(space)?.kind === 'table' && (this.thingIn(space) as Table).place !== null;
    if (isAssigned && (vpn < 0 || vpn >= USER_PAGES)) return 'InvalidArgument';
    const root = this.#space(space);
    if (typeof root === 'string') return root;
    let at = root;
    for (let level = 2; level > 0; level--) {
      const entry = at.entries.get(indexOf(vpn, level));
      if (entry === undefined) {
        at.entries.set(indexOf(vpn, level), table);
        table.place = { asid: root.place!.asid, vpn: vpn - (vpn % 512 ** level) };
        return 'NoError';
      }
      if (entry.kind === 'leaf') return 'DeleteFirst';
      at = entry;
    }
    return 'DeleteFirst';
  }
  unmapTable(slot: number): string {
    const refused = this.#invoked(slot, 'table');
    if (refused !== null) return refused;
    const table = this.thingIn(slot) as Table;
    if (this.#capsOf(table).length > 1 || this.isLiveRoot(table)) return 'RevokeFirst';
    if (table.place !== null) this.#takeOut(table, table.place);
    table.place = null;
    table.entries = new Map();
    return 'NoError';
  }
  #takeOut(table: Table, { asid, vpn }: Place): void {
    let at = this.rootOf(asid);
    for (let level = 2; at !== null && level > 0; level--) {
      const entry = at.entries.get(indexOf(vpn, level));
      if (entry === table) at.entries.delete(indexOf(vpn, level));
      at = entry?.kind === 'table' ? entry : null;
    }
  }
  /** The table in which the leaf of a frame of `level` stands, or how many bits are left where a table is missing. */
  #holder(root: Table, vpn: number, level: number): Table | null {
    let at = root;
    for (let above = 2; above > level; above--) {
      const entry = at.entries.get(indexOf(vpn, above));
      if (entry?.kind !== 'table') return null;
      at = entry;
    }
    return at;
  }
  mapPage(slot: number, space: number, vpn: number, read: boolean, write: boolean, execute: boolean): string {
    const refused = this.#invoked(slot, 'frame');
    if (refused !== null) return refused;
    const cap = this.slots.get(slot)!;
    const frame = cap.thing as Frame;
    const root = this.#space(space);
    if (typeof root === 'string') return root;
    const { asid } = root.place!;
    if (cap.place !== null && cap.place.asid !== asid) return 'InvalidCapability';
    if (cap.place !== null && cap.place.vpn !== vpn) return 'InvalidArgument';
    const span = 512 ** frame.level;
    if (vpn < 0 || vpn + span > USER_PAGES) return 'InvalidArgument';
    if (vpn % span !== 0) return 'AlignmentError';
    const holder = this.#holder(root, vpn, frame.level);
    if (holder === null) return 'FailedLookup';
    const index = indexOf(vpn, frame.level);
    const there = holder.entries.get(index);
    const isItself = cap.place !== null && there?.kind === 'leaf' && there.frame === frame;
    if (there !== undefined && !isItself) return 'DeleteFirst';
    const flags = flagsOf(cap.read && read, cap.write && write, execute);
    holder.entries.set(index, { kind: 'leaf', frame, flags });
    cap.place = { asid, vpn };
    return 'NoError';
  }
  unmapPage(slot: number): string {
    const refused = this.#invoked(slot, 'frame');
    if (refused !== null) return refused;
    const cap = this.slots.get(slot)!;
    this.#removeLeaf(cap, cap.thing as Frame);
    return 'NoError';
  }
  #removeLeaf(cap: Cap, frame: Frame): void {
    const root = cap.place === null ? null : this.rootOf(cap.place.asid);
    const holder = root === null ? null : this.#holder(root, cap.place!.vpn, frame.level);
    const index = cap.place === null ? 0 : indexOf(cap.place.vpn, frame.level);
    const there = holder?.entries.get(index);
    if (there?.kind === 'leaf' && there.frame === frame) holder?.entries.delete(index);
    cap.place = null;
  }

  // ---------------------------------------------------------------- ASIDs

  makePool(source: number, to: number): string {
    const index = this.pools.indexOf(null);
    if (index < 0) return 'DeleteFirst';
    const untyped = this.thingIn(source);
    if (untyped?.kind !== 'untyped' || untyped.pages !== 1) return 'InvalidCapability';
    if (this.#children(untyped).length > 0) return 'RevokeFirst';
    if (this.slots.has(to)) return 'DeleteFirst';
    untyped.used = 1;
    const pool: Pool = { kind: 'pool', from: untyped, roots: new Map() };
    this.install(to, pool);
    this.pools[index] = pool;
    return 'NoError';
  }
  assign(slot: number, tableSlot: number): string {
    const refused = this.#invoked(slot, 'pool');
    if (refused !== null) return refused;
    const pool = this.thingIn(slot) as Pool;
    const table = this.thingIn(tableSlot);
    if (table?.kind !== 'table' || table.place !== null) return 'InvalidCapability';
    const first = this.pools.indexOf(pool) * 512;
    const asid = Array.from({ length: 512 }, (_, i) => first + i).find((a) => a > 0 && !pool.roots.has(a));
    if (asid === undefined) return 'DeleteFirst';
    pool.roots.set(asid, table);
    table.place = { asid, vpn: 0 };
    return 'NoError';
  }
}

function flagsOf(read: boolean, write: boolean, execute: boolean): string {
  if (!read) return 'VRA';
  return `VR${write ? 'W' : ''}${execute ? 'X' : ''}UA${write ? 'D' : ''}`;
}
