/** Many operations in a process of its own, so that collecting garbage is exact: prints the garbage that they made. */
import { Capabilities, errors, granuleOf, Invocations, labels, objects, RadixSpace } from '../src/index.ts';

const rounds = Number(process.argv[2]);
const { gc } = globalThis as unknown as { readonly gc: () => void };
const ROOT = 8;
const at = (index: number): number => 1024 + index * 8;
let finalised = 0;
const c = new Capabilities({
  words: new Int32Array(65536),
  finalise: () => {
    finalised++;
  },
});
c.install(ROOT, objects.CNODE, granuleOf(1, 0), 6);
c.installGuard(ROOT, 0, 26);
c.install(at(1), objects.UNTYPED, granuleOf(16, 0), 16);
const invocations = new Invocations({ capabilities: c, unitsBeforePreemption: 8 });
const space = new RadixSpace({ capabilities: c, anchor: at(4), spareNode: ROOT, spareIndex: 5 });
c.retype(at(1), objects.UNTYPED, 13, ROOT, 0, 0, 8, 1);
c.retype(at(1), objects.ENDPOINT, 0, ROOT, 0, 0, 9, 1);
c.copy(space.reserve(1, at(1)), at(9), objects.ALL_RIGHTS);
let wrong = 0;
const expect = (answer: number, expected: number): void => {
  if (answer !== expected) wrong++;
};

function retype(): number {
  invocations.message[0] = objects.FRAME;
  invocations.message[1] = 12;
  invocations.message[2] = 0;
  invocations.message[3] = 0;
  invocations.message[4] = 12;
  invocations.message[5] = 1;
  invocations.length = 6;
  invocations.extras[0] = ROOT;
  invocations.extraCount = 1;
  return invocations.invoke(at(8), labels.UNTYPED_RETYPE);
}
function run(count: number): void {
  for (let i = 0; i < count; i++) {
    expect(c.lookup(ROOT, 9), at(9));
    expect(c.lookup(ROOT, 11), errors.FAILED_LOOKUP);
    expect(c.typeOf(space.lookup(1)), objects.ENDPOINT);
    expect(c.mint(at(10), at(9), objects.ALL_RIGHTS, i + 1), 0);
    expect(c.copy(at(11), at(10), objects.READ), 0);
    expect(c.revoke(at(9), 1), errors.PREEMPTED);
    expect(c.revoke(at(9)), 0);
    // The radix space's copy went with them.
    expect(c.copy(space.reserve(1, at(1)), at(9), objects.ALL_RIGHTS), 0);
    expect(c.retype(at(8), objects.CNODE, 3, ROOT, 0, 0, 10, 2), 0);
    expect(c.delete(at(10), 3), errors.PREEMPTED);
    expect(c.delete(at(10)), 0);
    expect(c.revoke(at(8)), 0);
    expect(retype(), errors.PREEMPTED);
    expect(retype(), 0);
    expect(c.revoke(at(8)), 0);
  }
}
run(20_000);
gc();
const before = process.memoryUsage().heapUsed;
run(rounds);
const garbageBytes = process.memoryUsage().heapUsed - before;
process.stdout.write(JSON.stringify({ garbageBytes, wrong, finalised }));
