/**
 * IO spaces as one would explain them: an explicit tree of capabilities, and for each space what is mapped where, by
 * path and not by table. Slow, small, and without a word of the memory that is tested.
 */
import { errors, objects } from '@bulkhead/capabilities';

const { FRAME, IO_PAGE_TABLE, IO_SPACE, IO_SPACE_CONTROL, UNTYPED } = objects;

export interface Capability {
  readonly type: number;
  /** The page of a frame or a table, the first of an untyped; the device of an IO space. */
  readonly object: number;
  readonly original: boolean;
  parent: Capability | undefined;
  rights: number;
  domain: number;
  mapping: { readonly domain: number; readonly ioPage: number } | undefined;
}
interface Space {
  readonly device: number;
  /** Tables by level and the part of the address that leads to them. */
  readonly tables: Map<string, number>;
  readonly leaves: Map<number, { readonly page: number; readonly write: boolean }>;
}

const prefix = (level: number, ioPage: number): number => Math.floor(ioPage / 512 ** (level + 1));
const path = (level: number, ioPage: number): string => `${level} ${prefix(level, ioPage)}`;

export class Model {
  readonly slots: Map<number, Capability> = new Map();
  readonly spaces: Map<number, Space> = new Map();
  readonly #watermarks: Map<Capability, number> = new Map();

  boot(slot: number, type: number, object: number): void {
    this.slots.set(slot, capability(type, object, undefined, true));
  }
  /** @returns the page that a device reaches, or -1. */
  access(device: number, ioPage: number, write: boolean): number {
    for (const space of this.spaces.values()) {
      const leaf = space.device === device ? space.leaves.get(ioPage) : undefined;
      if (leaf !== undefined && (leaf.write || !write)) return leaf.page;
    }
    return -1;
  }

  retype(untyped: number, type: number, slot: number, pages: number): number {
    const from = this.slots.get(untyped)!;
    if (this.slots.has(slot)) return errors.DELETE_FIRST;
    const used = this.#descendants(from).length === 0 ? 0 : (this.#watermarks.get(from) ?? 0);
    if (used === pages) return errors.NOT_ENOUGH_MEMORY;
    this.#watermarks.set(from, used + 1);
    const made = capability(type, from.object + used, from, true);
    made.rights = objects.READ | objects.WRITE;
    this.slots.set(slot, made);
    return 0;
  }
  issue(control: number, device: number, domain: number, slot: number): number {
    const from = this.slots.get(control)!;
    const taken = [...this.spaces].some(([each, space]) => each === domain || space.device === device);
    if (taken) return errors.REVOKE_FIRST;
    if (this.slots.has(slot)) return errors.DELETE_FIRST;
    const made = capability(IO_SPACE, device, from, true);
    made.domain = domain;
    this.slots.set(slot, made);
    this.spaces.set(domain, { device, tables: new Map(), leaves: new Map() });
    return 0;
  }
  copy(to: number, from: number, rights: number): number {
    if (this.slots.has(to)) return errors.DELETE_FIRST;
    const source = this.slots.get(from);
    if (source === undefined) return errors.FAILED_LOOKUP;
    if (source.type === IO_SPACE_CONTROL) return errors.ILLEGAL_OPERATION;
    if (source.type === IO_PAGE_TABLE && source.mapping === undefined) return errors.ILLEGAL_OPERATION;
    const made = capability(source.type, source.object, source.original ? source : source.parent, false);
    made.rights = source.rights & rights;
    made.domain = source.domain;
    made.mapping = source.type === FRAME ? undefined : source.mapping;
    this.slots.set(to, made);
    return 0;
  }
  move(to: number, from: number): number {
    if (this.slots.has(to)) return errors.DELETE_FIRST;
    const source = this.slots.get(from);
    if (source === undefined) return errors.FAILED_LOOKUP;
    this.slots.delete(from);
    this.slots.set(to, source);
    return 0;
  }

  mapTable(slot: number, spaceSlot: number, ioPage: number): number {
    const table = this.slots.get(slot);
    const wrong = this.#wrong(table, IO_PAGE_TABLE);
    if (wrong !== 0) return wrong;
    const named = this.slots.get(spaceSlot);
    if (table!.mapping !== undefined || named?.type !== IO_SPACE) return errors.INVALID_CAPABILITY;
    const { tables } = this.spaces.get(named.domain)!;
    const level = [2, 1, 0].find((each) => !tables.has(path(each, ioPage)));
    if (level === undefined) return errors.DELETE_FIRST;
    tables.set(path(level, ioPage), table!.object);
    table!.mapping = { domain: named.domain, ioPage };
    return 0;
  }
  unmapTable(slot: number): number {
    const table = this.slots.get(slot);
    const wrong = this.#wrong(table, IO_PAGE_TABLE);
    if (wrong !== 0) return wrong;
    if (!this.#isLast(table!)) return errors.REVOKE_FIRST;
    this.#dropTable(table!);
    return 0;
  }
  mapFrame(slot: number, spaceSlot: number, ioPage: number, asked: number): number {
    const frame = this.slots.get(slot);
    const wrong = this.#wrong(frame, FRAME);
    if (wrong !== 0) return wrong;
    const named = this.slots.get(spaceSlot);
    if (frame!.mapping !== undefined || named?.type !== IO_SPACE) return errors.INVALID_CAPABILITY;
    const { tables, leaves } = this.spaces.get(named.domain)!;
    if ([2, 1, 0].some((level) => !tables.has(path(level, ioPage)))) return errors.FAILED_LOOKUP;
    if (leaves.has(ioPage)) return errors.DELETE_FIRST;
    const rights = asked & frame!.rights;
    if ((rights & objects.READ) === 0) return errors.INVALID_ARGUMENT;
    leaves.set(ioPage, { page: frame!.object, write: (rights & objects.WRITE) !== 0 });
    frame!.mapping = { domain: named.domain, ioPage };
    return 0;
  }
  unmapFrame(slot: number): number {
    const frame = this.slots.get(slot);
    const wrong = this.#wrong(frame, FRAME);
    if (wrong === 0) this.#dropFrame(frame!);
    return wrong;
  }

  delete(slot: number): number {
    const gone = this.slots.get(slot);
    if (gone === undefined) return 0;
    const last = this.#isLast(gone);
    if (gone.type === FRAME) this.#dropFrame(gone);
    if (gone.type === IO_PAGE_TABLE && last) this.#dropTable(gone);
    if (gone.type === IO_SPACE && last) this.spaces.delete(gone.domain);
    this.slots.delete(slot);
    for (const each of this.slots.values()) if (each.parent === gone) each.parent = gone.parent;
    return 0;
  }
  revoke(slot: number): number {
    const root = this.slots.get(slot);
    if (root === undefined) return 0;
    for (const each of this.#descendants(root)) this.delete(each);
    return 0;
  }

  #wrong(invoked: Capability | undefined, type: number): number {
    if (invoked === undefined) return errors.INVALID_CAPABILITY;
    return invoked.type === type ? 0 : errors.ILLEGAL_OPERATION;
  }
  #descendants(root: Capability): number[] {
    const under = (each: Capability | undefined): boolean =>
      each !== undefined && (each.parent === root || under(each.parent));
    return [...this.slots].filter(([, each]) => under(each)).map(([slot]) => slot);
  }
  #isLast(one: Capability): boolean {
    return ![...this.slots.values()].some(
      (each) => each !== one && each.type !== UNTYPED && each.type === one.type && each.object === one.object,
    );
  }
  #dropFrame(frame: Capability): void {
    const { mapping } = frame;
    frame.mapping = undefined;
    const leaves = mapping === undefined ? undefined : this.spaces.get(mapping.domain)?.leaves;
    if (leaves?.get(mapping!.ioPage)?.page === frame.object) leaves.delete(mapping!.ioPage);
  }
  /** Takes a table away, and all that is reached through it. */
  #dropTable(table: Capability): void {
    const { mapping } = table;
    table.mapping = undefined;
    const space = mapping === undefined ? undefined : this.spaces.get(mapping.domain);
    const level = [2, 1, 0].find((each) => space?.tables.get(path(each, mapping!.ioPage)) === table.object);
    if (space === undefined || level === undefined) return;
    const inside = (ioPage: number): boolean => prefix(level, ioPage) === prefix(level, mapping!.ioPage);
    for (const key of space.tables.keys()) {
      const [each, part] = key.split(' ').map(Number) as [number, number];
      if (each <= level && inside(part * 512 ** (each + 1))) space.tables.delete(key);
    }
    for (const ioPage of space.leaves.keys()) if (inside(ioPage)) space.leaves.delete(ioPage);
  }
}

const capability = (type: number, object: number, parent: Capability | undefined, original: boolean): Capability => ({
  type,
  object,
  original,
  parent,
  rights: 0,
  domain: 0,
  mapping: undefined,
});
