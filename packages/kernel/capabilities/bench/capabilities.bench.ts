/** What derivation, deletion, revocation and retype cost on this host. A million capabilities is a normal size. */
import { bench } from '@bulkhead/bench';
import { Capabilities, errors, granuleOf, objects } from '../src/index.ts';

const ROOT = 8;
const NODE_RADIX = 21;
const NODE_PAGE = 512;
const UNTYPED_PAGE = NODE_PAGE + 2 ** (NODE_RADIX + 5 - 12);
const UNTYPED_BITS = 25;

const words = new Int32Array((UNTYPED_PAGE * 4096 + 2 ** UNTYPED_BITS) / 4);
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
for (const isScattered of [false, true]) {
  for (const count of isScattered ? [1e3, 1e6] : [1e3, 1e4, 1e5, 1e6]) {
    const links = new Int32Array(words.length / 8);
    for (let i = 0; i < count; i++)
      links[slotAt(i, isScattered) / 8] = slotAt(i + 1 === count ? 0 : i + 1, isScattered) / 8;
    let link = slotAt(0, isScattered) / 8;
    bench(
      `copy and revoke, each of ${count} ${isScattered ? 'scattered' : 'adjacent'}`,
      () => {
        for (let i = 0; i < count; i++) capabilities.copy(slotAt(i, isScattered), at(2), objects.ALL_RIGHTS);
        capabilities.revoke(at(2));
      },
      {
        per: count,
        // What grows with the count beyond this is ours; what grows with this is the host's memory.
        yardstick: {
          name: 'a step in a list of as many, so placed',
          per: count,
          run: () => {
            for (let i = 0; i < count; i++) link = links[link]!;
            return link;
          },
        },
      },
    );
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
