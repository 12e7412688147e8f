/** The two capability address spaces: what a look-up costs by depth, what growth costs, and what slots are wasted. */
import { bench } from '@bulkhead/bench';
import {
  Capabilities,
  type CapabilitySpace,
  censusOf,
  GuardedSpace,
  granuleOf,
  objects,
  RadixSpace,
  radixCapacityOf,
} from '../src/index.ts';

const HOLDER = 8;
const UNTYPED_PAGE = 256;
const UNTYPED_BITS = 27;
const LOOKUPS = 1024;

interface World {
  readonly capabilities: Capabilities;
  readonly at: (index: number) => number;
}
/** A CNode of 16 slots: 0 the root of a space, 1 an untyped, 2 a spare slot, 3 an endpoint. */
function world(untypedBits: number): World {
  const words = new Int32Array((UNTYPED_PAGE * 4096 + 2 ** untypedBits) / 4);
  const capabilities = new Capabilities({ words, finalise: () => {} });
  const at = (index: number): number => 1024 + index * 8;
  capabilities.install(HOLDER, objects.CNODE, granuleOf(1, 0), 4);
  capabilities.install(at(1), objects.UNTYPED, granuleOf(UNTYPED_PAGE, 0), untypedBits);
  capabilities.retype(at(1), objects.ENDPOINT, 0, HOLDER, 0, 0, 3, 1);
  return { capabilities, at };
}
const radixIn = ({ capabilities, at }: World): RadixSpace =>
  new RadixSpace({ capabilities, anchor: at(0), spareNode: HOLDER, spareIndex: 2 });

function measure(name: string, space: CapabilitySpace, pointers: Int32Array): void {
  bench(
    `${name}, ${space.stepsTo(pointers[0]!)} steps`,
    () => {
      let sum = 0;
      for (let i = 0; i < LOOKUPS; i++) sum += space.lookup(pointers[i]!);
      return sum;
    },
    { per: LOOKUPS },
  );
}

// One flat CNode, as a small process has.
{
  const { capabilities, at } = world(20);
  capabilities.retype(at(1), objects.CNODE, 12, HOLDER, 0, 0, 0, 1);
  capabilities.installGuard(at(0), 0, 20);
  const pointers = Int32Array.from({ length: LOOKUPS }, (_, i) => i & 63);
  for (let i = 0; i < 64; i++) capabilities.copy(capabilities.wordOf(at(0)) + i * 8, at(3), objects.ALL_RIGHTS);
  measure('look-up, guarded', new GuardedSpace(capabilities, at(0)), pointers);
}

// The same radix tree by the manual's look-up and by its own, at each height.
for (let height = 1; height <= 5; height++) {
  const w = world(20);
  const space = radixIn(w);
  const top = height === 1 ? 0 : radixCapacityOf(height - 1).slots;
  const pointers = Int32Array.from({ length: LOOKUPS }, (_, i) => top + (i & 63));
  for (const pointer of pointers) {
    const slot = space.reserve(pointer, w.at(1));
    if (w.capabilities.typeOf(slot) === objects.NULL) w.capabilities.copy(slot, w.at(3), objects.ALL_RIGHTS);
  }
  measure('look-up, radix', space, pointers);
  if (height === 1 || height === 4)
    measure('look-up, the same, guarded', new GuardedSpace(w.capabilities, w.at(0)), pointers);
}

// A million capabilities: dense, and one to a leaf of 128.
const MILLION = 1_048_576;
{
  const w = world(UNTYPED_BITS);
  const space = radixIn(w);
  for (let i = 0; i < MILLION; i++) w.capabilities.copy(space.reserve(i, w.at(1)), w.at(3), objects.ALL_RIGHTS);
  const scattered = Int32Array.from({ length: LOOKUPS }, (_, i) => (i * 514_229) % MILLION);
  measure('look-up among a million, radix', space, scattered);
  measure('look-up among a million, the same, guarded', new GuardedSpace(w.capabilities, w.at(0)), scattered);
  const census = censusOf(w.capabilities, w.at(0));
  process.stdout.write(`a million, dense: ${JSON.stringify(census)}\n`);
}
{
  const w = world(UNTYPED_BITS);
  const space = radixIn(w);
  for (let i = 0; i < 8192; i++) w.capabilities.copy(space.reserve(i * 128, w.at(1)), w.at(3), objects.ALL_RIGHTS);
  process.stdout.write(`8192, one to a leaf: ${JSON.stringify(censusOf(w.capabilities, w.at(0)))}\n`);
}
for (let height = 1; height <= 5; height++)
  process.stdout.write(`height ${height}: ${JSON.stringify(radixCapacityOf(height))}\n`);

// Growth to each height, from nothing; the tree is deleted again.
for (const height of [1, 3, 5]) {
  const w = world(16);
  const space = radixIn(w);
  const top = height === 1 ? 0 : radixCapacityOf(height - 1).slots;
  bench(`make and delete a tree of height ${height} with one leaf`, () => {
    space.reserve(top, w.at(1));
    w.capabilities.delete(w.at(0));
  });
}
