/** What derivation, deletion, revocation and retype cost on this host. A million capabilities is a normal size. */
import { bench, timed } from '@bulkhead/bench';
import { Capabilities, errors, granuleOf, objects, SLOT_WORDS } from '../src/index.ts';

const ROOT = 8;
/** The word of a slot that names the next of its list. */
const NEXT = 5;
const NODE_RADIX = 21;
const NODE_PAGE = 512;
const UNTYPED_PAGE = NODE_PAGE + 2 ** (NODE_RADIX + 5 - 12);
const UNTYPED_BITS = 25;

/** Lent as RAM is: from the start of a cache line of the host, before which its allocator puts 16 bytes. */
const SKIPPED_BYTES = 48;
const LEN_BYTES: number = UNTYPED_PAGE * 4096 + 2 ** UNTYPED_BITS;
const words = new Int32Array(new ArrayBuffer(SKIPPED_BYTES + LEN_BYTES), SKIPPED_BYTES, LEN_BYTES / 4);
const capabilities = new Capabilities({ words, finalise: () => {} });
const at = (index: number): number => NODE_PAGE * 1024 + index * 8;
capabilities.install(ROOT, objects.CNODE, granuleOf(NODE_PAGE, 0), NODE_RADIX);
capabilities.installGuard(ROOT, 0, 32 - NODE_RADIX);
capabilities.install(at(1), objects.UNTYPED, granuleOf(UNTYPED_PAGE, 0), UNTYPED_BITS);
const retype = (type: number, sizeBits: number, index: number, count = 1): number =>
  capabilities.retype(at(1), type, sizeBits, ROOT, 0, 0, index, count);
retype(objects.ENDPOINT, 0, 2);

const PAIRS = 1000;
bench(
  'mint and delete',
  () => {
    for (let i = 0; i < PAIRS; i++) {
      capabilities.mint(at(200), at(2), objects.ALL_RIGHTS, i + 1);
      capabilities.delete(at(200));
    }
  },
  { per: PAIRS },
);
bench(
  'copy, move and delete',
  () => {
    for (let i = 0; i < PAIRS; i++) {
      capabilities.copy(at(200), at(2), objects.READ);
      capabilities.move(at(201), at(200));
      capabilities.delete(at(201));
    }
  },
  { per: PAIRS },
);

const FIRST = 1024;
const MILLION = 1_048_576;
/** Descendants side by side, so that the list runs through memory in order; or scattered, as after long use. */
const slotAt = (i: number, isScattered: boolean): number => at(FIRST + (isScattered ? (i * 514_229) % MILLION : i));

/** The same walk through as much memory, so placed, by a plain loop: the least that emptying a list of slots can be. */
const LINK_WORDS: number = (FIRST + MILLION) * SLOT_WORDS;
const links = new Int32Array(new ArrayBuffer(SKIPPED_BYTES + 4 * LINK_WORDS), SKIPPED_BYTES, LINK_WORDS);
function linkAll(slots: Int32Array): void {
  for (const [i, slot] of slots.entries()) links[slot - at(0) + NEXT] = i === 0 ? 0 : slots[i - 1]! - at(0);
}
function walk(first: number): number {
  let slot = first;
  while (slot !== 0) {
    const next = links[slot + NEXT]!;
    links[slot] = 0;
    links[slot + 1] = 0;
    links[slot + 2] = 0;
    links[slot + 3] = 0;
    links[slot + 4] = 0;
    links[slot + NEXT] = next;
    links[slot + 6] = 0;
    links[slot + 7] = 0;
    slot = next;
  }
  return slot;
}

const ROUND_MS = 30;
/** @returns nanoseconds a descendant, for the part that `isRevoke` says, in the faster half of the repetitions. */
function timeOf(slots: Int32Array, isRevoke: boolean): number {
  const times: number[] = [];
  for (let spent = 0; spent < ROUND_MS; spent += times.at(-1)!) {
    const start = performance.now();
    for (let i = 0; i < slots.length; i++) capabilities.copy(slots[i]!, at(2), objects.ALL_RIGHTS);
    const copied = performance.now();
    capabilities.revoke(at(2));
    times.push(isRevoke ? performance.now() - copied : copied - start);
  }
  times.sort((x, y) => x - y);
  return (times[times.length >> 1]! * 1e6) / slots.length;
}

for (const isScattered of [false, true]) {
  for (const count of isScattered ? [1e3, 1e6] : [1e3, 1e4, 1e5, 1e6]) {
    const slots = Int32Array.from({ length: count }, (_, i) => slotAt(i, isScattered));
    const yardstick = {
      name: 'a step of a walk that zeroes as many slots, so placed',
      per: count,
      run: () => {
        const last = slots[count - 1]! - at(0);
        if (links[last + NEXT] !== slots[count - 2]! - at(0)) linkAll(slots);
        return walk(last);
      },
    };
    const name = `each of ${count} ${isScattered ? 'scattered' : 'adjacent'}`;
    if (count === 1e3 || count === 1e6) timed(`copy, ${name}`, () => timeOf(slots, false), { yardstick });
    timed(`revoke, ${name}`, () => timeOf(slots, true), { yardstick });
  }
}
const PREEMPTED_COUNT = 1e5;
bench(
  'copy and revoke, preempted every 100 units',
  () => {
    for (let i = 0; i < PREEMPTED_COUNT; i++) capabilities.copy(at(FIRST + i), at(2), objects.ALL_RIGHTS);
    while (capabilities.revoke(at(2), 100) === errors.PREEMPTED);
  },
  { per: PREEMPTED_COUNT },
);
// An untyped for what each round makes and takes back: without children it starts over.
retype(objects.UNTYPED, 24, 400);
const make = (type: number, sizeBits: number, index: number, count = 1): number =>
  capabilities.retype(at(400), type, sizeBits, ROOT, 0, 0, index, count);
/** A tree as deep as it is large: each CNode holds the next one's only capability. */
for (const count of [1e3, 1e5]) {
  bench(
    `retype and delete a nest of ${count} CNodes`,
    () => {
      let holder = at(300);
      make(objects.CNODE, 1, 300);
      for (let i = 1; i < count; i++) {
        make(objects.CNODE, 1, 301);
        const inner = capabilities.wordOf(holder);
        capabilities.move(inner, at(301));
        holder = inner;
      }
      capabilities.delete(at(300));
    },
    { per: count },
  );
}
for (const [name, type, sizeBits, count] of [
  ['256 endpoints at once', objects.ENDPOINT, 0, 256],
  ['one endpoint', objects.ENDPOINT, 0, 1],
  ['one CNode of 128 slots', objects.CNODE, 7, 1],
] as const) {
  bench(
    `retype ${name}, and revoke`,
    () => {
      make(type, sizeBits, 512, count);
      capabilities.revoke(at(400));
    },
    { per: count },
  );
}
// What a call that is preempted leaves is taken up again: a page in 16 calls.
bench('retype one frame of 4 KiB, preempted every 256 bytes, and revoke', () => {
  while (capabilities.retype(at(400), objects.FRAME, 12, ROOT, 0, 0, 512, 1, 1) === errors.PREEMPTED);
  capabilities.revoke(at(400));
});
