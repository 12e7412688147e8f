/** What look-up, derivation and revocation cost on this host. A million capabilities is a normal size. */
import { bench } from '@bulkhead/bench';
import { Capabilities, granuleOf, objects } from '../src/index.ts';

const ROOT = 8;
const NODE_RADIX = 18;
const NODE_PAGE = 512;
const UNTYPED_PAGE = 4096;
const UNTYPED_BITS = 24;

const words = new Int32Array((UNTYPED_PAGE * 4096 + 2 ** UNTYPED_BITS) / 4);
const capabilities = new Capabilities({ words, finalise: () => {} });
const at = (index: number): number => NODE_PAGE * 1024 + index * 8;
capabilities.install(ROOT, objects.CNODE, granuleOf(NODE_PAGE, 0), NODE_RADIX);
capabilities.installGuard(ROOT, 0, 32 - NODE_RADIX);
capabilities.install(at(1), objects.UNTYPED, granuleOf(UNTYPED_PAGE, 0), UNTYPED_BITS);
const retype = (type: number, sizeBits: number, index: number): number =>
  capabilities.retype(at(1), type, sizeBits, ROOT, 0, 0, index, 1);

retype(objects.ENDPOINT, 0, 2);
for (let i = 0; i < 64; i++) capabilities.copy(at(64 + i), at(2), objects.ALL_RIGHTS);

const LOOKUPS = 1000;
bench(
  'look-up, one level',
  () => {
    let sum = 0;
    for (let i = 0; i < LOOKUPS; i++) sum += capabilities.lookup(ROOT, 64 + (i & 63));
    return sum;
  },
  { per: LOOKUPS },
);

// Three levels of 4 bits below the root, which then takes the first 20 bits of a path.
const DEEP = 160;
retype(objects.CNODE, 4, DEEP);
retype(objects.CNODE, 4, DEEP + 1);
retype(objects.CNODE, 6, DEEP + 2);
capabilities.copy(capabilities.wordOf(at(DEEP + 2)), at(2), objects.ALL_RIGHTS);
capabilities.move(capabilities.wordOf(at(DEEP + 1)), at(DEEP + 2));
capabilities.move(capabilities.wordOf(at(DEEP)), at(DEEP + 1));
bench(
  'look-up, three levels',
  () => {
    let sum = 0;
    for (let i = 0; i < LOOKUPS; i++) sum += capabilities.resolve(at(DEEP), i & 0, 14);
    return sum;
  },
  { per: LOOKUPS },
);

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

for (const count of [1e3, 1e4, 1e5]) {
  bench(
    `copy and revoke, each of ${count} descendants`,
    () => {
      for (let i = 0; i < count; i++) capabilities.copy(at(1000 + i), at(2), objects.ALL_RIGHTS);
      capabilities.revoke(at(2));
    },
    { per: count },
  );
}
