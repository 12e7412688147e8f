/** A small memory with a root CNode, an untyped, a device's untyped and the control of interrupts. */
import { Capabilities, granuleOf, objects, SLOT_WORDS } from '../src/index.ts';

export const ROOT = 8;
export const ROOT_RADIX = 6;
export const UNTYPED_BITS = 16;
export const DEVICE_PAGE = 0x40000;
const CNODE_PAGE = 1;
const UNTYPED_PAGE = 16;
const GRANULES_PER_PAGE = 256;

export interface Finalised {
  readonly type: number;
  readonly object: number;
  readonly final: boolean;
}
export interface Fixture {
  readonly capabilities: Capabilities;
  readonly words: Int32Array;
  readonly finalised: Finalised[];
  readonly basePage: number;
  /** The word index of a slot of the root CNode. */
  readonly at: (index: number) => number;
  readonly untyped: number;
  readonly device: number;
  readonly irqControl: number;
}

export function fixture(
  basePage = 0,
  cancelBadgedSends: (endpoint: number, badge: number) => void = () => {},
): Fixture {
  const words = new Int32Array((1 << (UNTYPED_BITS + 1)) / 4);
  const finalised: Finalised[] = [];
  const capabilities = new Capabilities({
    words,
    basePage,
    cancelBadgedSends,
    finalise: (type, object, _slot, final) => finalised.push({ type, object, final }),
  });
  const at = (index: number): number => CNODE_PAGE * GRANULES_PER_PAGE * 4 + index * SLOT_WORDS;
  capabilities.install(ROOT, objects.CNODE, granuleOf(basePage + CNODE_PAGE, 0), ROOT_RADIX);
  capabilities.installGuard(ROOT, 0, 32 - ROOT_RADIX);
  capabilities.install(at(1), objects.UNTYPED, granuleOf(basePage + UNTYPED_PAGE, 0), UNTYPED_BITS);
  capabilities.install(at(2), objects.UNTYPED, granuleOf(DEVICE_PAGE, 0), 22, true);
  capabilities.install(at(3), objects.IRQ_CONTROL, 0, 0);
  return { capabilities, words, finalised, basePage, at, untyped: at(1), device: at(2), irqControl: at(3) };
}

/** Retypes into the root CNode from an index on. */
export const make = (f: Fixture, untyped: number, type: number, sizeBits: number, index: number, count = 1): number =>
  f.capabilities.retype(untyped, type, sizeBits, ROOT, 0, 0, index, count);

/** @returns the index of the first word that differs, or -1. */
export function firstDifference(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return i;
  return -1;
}
