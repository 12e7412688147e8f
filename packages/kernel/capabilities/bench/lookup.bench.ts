/**
 * Look-up alone: in one CNode, warm and among a million slots, and by depth. The yardstick reads one word of each slot
 * in the same order by a plain index: what is beyond it is ours, what grows with it is the host's memory.
 */
import { bench } from '@bulkhead/bench';
import { Capabilities, granuleOf, objects, SLOT_WORDS } from '../src/index.ts';

const MILLION_RADIX = 20;
const MILLION = 2 ** MILLION_RADIX;
const LEVEL_RADIX = 8;
const LEVELS = 4;
const LEVEL_SLOTS = 2 ** LEVEL_RADIX;
const PAGE_WORDS = 1024;
const PAGE_SLOTS = PAGE_WORDS / SLOT_WORDS;
const CHAIN_PAGE = 1 + MILLION / PAGE_SLOTS;

const words = new Int32Array(CHAIN_PAGE * PAGE_WORDS + LEVELS * LEVEL_SLOTS * SLOT_WORDS);
const capabilities = new Capabilities({ words, finalise: () => {} });
// Capabilities in all slots, in no list of the derivation tree: a look-up does not look at that.
for (let word = PAGE_WORDS; word < words.length; word += SLOT_WORDS) words[word] = objects.ENDPOINT;

/** One stream of pseudo-random numbers (xorshift), the same in every run. */
let state = 0x9e3779b9;
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

function measure(name: string, root: number, pointers: Int32Array, firstWord: number): void {
  const run = (): number => {
    let sum = 0;
    for (let i = 0; i < pointers.length; i++) sum = (sum + capabilities.lookup(root, pointers[i]!)) | 0;
    return sum;
  };
  const load = (): number => {
    let sum = 0;
    for (let i = 0; i < pointers.length; i++) sum = (sum + words[firstWord + pointers[i]! * SLOT_WORDS]!) | 0;
    return sum;
  };
  const per = pointers.length;
  bench(name, run, { per, yardstick: { name: 'an indexed load of as many, so placed', per, run: load } });
}

let free = 0;
/** @returns a slot with a capability to a CNode, whose guard takes the bits that the tree below leaves. */
function node(page: number, radix: number, guardSize: number): number {
  free += SLOT_WORDS;
  capabilities.install(free, objects.CNODE, granuleOf(page, 0), radix);
  capabilities.installGuard(free, 0, guardSize);
  return free;
}

for (const [radix, count] of [
  [12, 4096],
  [MILLION_RADIX, MILLION / 4],
] as const) {
  const pointers = Int32Array.from({ length: count }, () => random(2 ** radix));
  measure(`look-up, one CNode of ${2 ** radix} slots, random`, node(1, radix, 32 - radix), pointers, PAGE_WORDS);
}

// A chain: slot 0 of each node leads to the next. A tree of depth d begins d nodes before the end.
const pageOfLevel = (level: number): number => CHAIN_PAGE + (level * LEVEL_SLOTS) / PAGE_SLOTS;
for (let level = 0; level + 1 < LEVELS; level++) {
  const word = pageOfLevel(level) * PAGE_WORDS;
  words[word] = 0;
  capabilities.install(word, objects.CNODE, granuleOf(pageOfLevel(level + 1), 0), LEVEL_RADIX);
}
for (let depth = 1; depth <= LEVELS; depth++) {
  const root = node(pageOfLevel(LEVELS - depth), LEVEL_RADIX, 32 - depth * LEVEL_RADIX);
  const pointers = Int32Array.from({ length: 4096 }, () => random(LEVEL_SLOTS));
  measure(`look-up, depth ${depth}, random of 256`, root, pointers, pageOfLevel(LEVELS - 1) * PAGE_WORDS);
}
