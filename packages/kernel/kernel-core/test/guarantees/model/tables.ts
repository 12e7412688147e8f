/** Tables of three levels, as MMU and IOMMU read them; and the address spaces and IO spaces that begin with them. */
import { objects } from '@bulkhead/capabilities';
import { describe, entryLine, ioName, rootLine, spaceName } from '../machine.ts';
import type { Book } from './book.ts';
import type { Cap, Thing } from './things.ts';

const ENTRIES = 512;
const ROOT_LEVEL = 2;
export const indexOf = (page: number, level: number): number => Math.floor(page / ENTRIES ** level) % ENTRIES;
export const pageOf = ({ object }: Thing): number => object / 256;

/** The table of a level on the way to a page; or the last that there is, and its level. */
export function descend(root: Thing, page: number, level: number): { table: Thing; level: number } {
  let table = root;
  for (let above = ROOT_LEVEL; above > level; above--) {
    const entry = table.entries.get(indexOf(page, above));
    if (entry === undefined || entry.flags !== '') return { table, level: above };
    table = entry.thing;
  }
  return { table, level };
}
/** Wherever it hangs on the way to a page. */
export function takeOut(root: Thing | null, page: number, gone: Thing): void {
  let table = root;
  for (let level = ROOT_LEVEL; table !== null && level >= 0; level--) {
    const entry = table.entries.get(indexOf(page, level));
    if (entry?.thing === gone) table.entries.delete(indexOf(page, level));
    table = entry?.flags === '' && entry.thing !== gone ? entry.thing : null;
  }
}

const poolOf = (book: Book, asid: number): Thing | undefined =>
  [...book.things].find(({ type, index }) => type === objects.ASID_POOL && index === Math.floor(asid / ENTRIES));
export const rootOf = (book: Book, asid: number): Thing | null => poolOf(book, asid)?.entries.get(asid)?.thing ?? null;
export const isRoot = (book: Book, { thing, mapping }: Cap): boolean =>
  thing.type === objects.PAGE_TABLE && mapping !== null && rootOf(book, mapping.space) === thing;
export const ioSpaceOf = (book: Book, domain: number): Thing | undefined =>
  [...book.things].find(({ type, index }) => type === objects.IO_SPACE && index === domain);

function* linesOf(space: string, table: Thing, first: number, level: number): Generator<string> {
  for (const [i, { thing, flags }] of table.entries) {
    const page = first + i * ENTRIES ** level;
    yield describe([space, page, entryLine(level, pageOf(thing), flags)]);
    if (flags === '') yield* linesOf(space, thing, page, level - 1);
  }
}
/** All that is mapped, in words. */
export function* mappings({ things }: Book): Generator<string> {
  for (const each of things) {
    if (each.type === objects.ASID_POOL)
      for (const [asid, { thing: root }] of each.entries) {
        yield rootLine(spaceName(asid), pageOf(root));
        yield* linesOf(spaceName(asid), root, 0, ROOT_LEVEL);
      }
    if (each.type !== objects.IO_SPACE) continue;
    const { root, object, index } = each;
    yield rootLine(`${ioName(index)} of device ${object}`, root === null ? -1 : pageOf(root));
    if (root !== null) yield* linesOf(ioName(index), root, 0, ROOT_LEVEL);
  }
}
