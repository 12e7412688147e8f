/** Where each piece of memory that an audit names stands in a system that runs, and a free place at its end. */
import type { System } from '@bulkhead/assembler';
import type { MemorySnapshot } from '@bulkhead/inspection';
import { type Piece, piecesOf } from '../../src/layout.ts';

const PAGE_BYTES = 4096;
const WORD_BYTES = 4;
const SPOT_BYTES = 64;
const GRANULE_BYTES = 16;
/** The lower half of a root table has so many entries of two words. */
const USER_ENTRIES = 256;

/** Sixteen words at the end of a piece, or two that stand for nothing now. */
export interface Spot {
  readonly id: string;
  readonly address: number;
  readonly lenBytes: number;
  /** All of the piece. */
  readonly piece: { readonly address: number; readonly lenBytes: number };
}

type Region = MemorySnapshot['ram'][number];

/** @returns the words of RAM from an address on. */
export function wordsAt({ board }: System, address: number, lenBytes: number): Int32Array {
  const from = (address - board.ram.basePage * PAGE_BYTES) / WORD_BYTES;
  return board.ram.words.subarray(from, from + lenBytes / WORD_BYTES);
}

/** @returns spots by the names that the audit gives the memory. */
export function spotsOf(system: System, { ram }: MemorySnapshot): Map<string, Spot> {
  const pieces = piecesOf(system.description);
  const ofPieces = pieces.flatMap((piece) => {
    const at = placeOf(ram, piece, pieces);
    return at === null ? [] : [spotIn(piece.id, at, piece.sizeBytes)];
  });
  return new Map([...ofPieces, ...ofKernel(system)].map((spot) => [spot.id, spot]));
}
const spotIn = (id: string, address: number, lenBytes: number): Spot => ({
  id,
  address: address + lenBytes - SPOT_BYTES,
  lenBytes: SPOT_BYTES,
  piece: { address, lenBytes },
});

/** Queues of one connection may stand side by side: then they are one region, the way up first. */
function placeOf(ram: readonly Region[], piece: Piece, pieces: readonly Piece[]): number | null {
  const found = ram.find(
    ({ purpose }) => purpose !== null && purpose.component === piece.owner && isOf(purpose, piece),
  );
  if (found === undefined) return null;
  if (!piece.what.endsWith(' queue')) return found.address;
  const alike = pieces.filter(
    (one) => one.owner === piece.owner && one.what.endsWith(' queue') && textOf(one) === textOf(piece),
  );
  const regions = ram.filter(({ purpose }) => purpose?.component === piece.owner && isOf(purpose, piece));
  const addresses = regions.flatMap(({ address, lenBytes }) =>
    Array.from({ length: lenBytes / piece.sizeBytes }, (_, i) => address + i * piece.sizeBytes),
  );
  return addresses[alike.indexOf(piece)] ?? null;
}
const textOf = ({ id }: Piece): string => id.replace(/^.* of (.* -> .*)$/, '$1');

function isOf({ kind, name }: NonNullable<Region['purpose']>, { what, id }: Piece): boolean {
  if (kind === 'region') return what === `region '${name}'`;
  if (kind === 'shared-region') return id === `shared region of ${name}`;
  if (kind === 'queue') return what.endsWith(' queue') && id.endsWith(` of ${name}`);
  return what === kind.replace('-', ' ');
}

/** Where the kernel's own stands: a word of its core that it does not use, an invalid entry of a table, a free slot. */
function ofKernel(system: System): Spot[] {
  const { kernel, board } = system;
  const domains = kernel.domains.filter(({ isKernel, rootPage }) => !isKernel && rootPage !== 0);
  return [
    spotIn('kernel memory', (board.ram.basePage + 31) * PAGE_BYTES, PAGE_BYTES),
    ...domains.map(({ name, rootPage }): Spot => {
      const entries = wordsAt(system, rootPage * PAGE_BYTES, USER_ENTRIES * 8);
      const free = Array.from({ length: USER_ENTRIES }, (_, i) => i).find(
        (i) => entries[i * 2] === 0 && entries[i * 2 + 1] === 0,
      )!;
      const piece = { address: rootPage * PAGE_BYTES, lenBytes: PAGE_BYTES };
      return { id: `page tables of domain ${name}`, address: piece.address + free * 8, lenBytes: 8, piece };
    }),
    ...domains.map(({ name, cnodeSlot }): Spot => {
      const address = kernel.capabilities.objectOf(cnodeSlot) * GRANULE_BYTES;
      const lenBytes = 2 ** kernel.capabilities.sizeOf(cnodeSlot) * 32;
      return spotIn(`capability space of domain ${name}`, address, lenBytes);
    }),
  ];
}
