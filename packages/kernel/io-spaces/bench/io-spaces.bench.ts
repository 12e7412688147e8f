/** What mapping a page for a device costs on this host, and what taking many back costs each. */
import { bench } from '@bulkhead/bench';
import { Capabilities, granuleOf, objects } from '@bulkhead/capabilities';
import { IoSpaceInvocations, IoSpaces, labels } from '../src/index.ts';

const ROOT = 8;
const NODE_RADIX = 16;
const NODE_PAGE = 16;
const UNTYPED_PAGE = 1024;
const UNTYPED_BITS = 22;
const TABLES = 100;
const FRAME = 200;
const COPIES = 1024;

const words = new Int32Array((UNTYPED_PAGE * 4096 + 2 ** UNTYPED_BITS) / 4);
const iommu = { invalidations: 0, attach: () => {}, detach: () => {}, invalidate: () => void iommu.invalidations++ };
const capabilities: Capabilities = new Capabilities({
  words,
  finalise: (type, object, slot, final) => invocations.finalise(type, object, slot, final),
});
const spaces = new IoSpaces({ capabilities, base: 512, domains: 15, iommu });
const invocations = new IoSpaceInvocations(capabilities, spaces);
const at = (index: number): number => NODE_PAGE * 1024 + index * 8;
capabilities.install(ROOT, objects.CNODE, granuleOf(NODE_PAGE, 0), NODE_RADIX);
capabilities.installGuard(ROOT, 0, 32 - NODE_RADIX);
capabilities.install(at(1), objects.IO_SPACE_CONTROL, 0, 0);
capabilities.install(at(2), objects.UNTYPED, granuleOf(UNTYPED_PAGE, 0), UNTYPED_BITS);

const lanes = (): Int32Array => new Int32Array(16);
const answer = { low: lanes(), high: lanes(), length: 0 };
const message = { low: lanes(), high: lanes(), length: 0, extras: new Int32Array(3), extraCount: 1, answer };
function invoke(slot: number, label: number, extra: number, a: number, b: number, c: number, d: number): number {
  message.low[0] = a;
  message.low[1] = b;
  message.low[2] = c;
  message.low[3] = d;
  message.length = 4;
  message.extras[0] = extra;
  return invocations.invoke(slot, label, message);
}
invoke(at(1), labels.IO_SPACE_CONTROL_ISSUE, ROOT, 0x18, 1, 3, 32);
const REGIONS = 32;
capabilities.retype(at(2), objects.IO_PAGE_TABLE, 0, ROOT, 0, 0, TABLES, REGIONS + 2);
capabilities.retype(at(2), objects.FRAME, 12, ROOT, 0, 0, FRAME, 1);
invoke(at(TABLES), labels.IO_PAGE_TABLE_MAP, at(3), 0, 0, 0, 0);
invoke(at(TABLES + 1), labels.IO_PAGE_TABLE_MAP, at(3), 0, 0, 0, 0);
for (let region = 0; region < REGIONS; region++)
  invoke(at(TABLES + 2 + region), labels.IO_PAGE_TABLE_MAP, at(3), region << 21, 0, 0, 0);
const map = (slot: number, page: number): number => invoke(slot, labels.PAGE_MAP_IO, at(3), 3, page << 12, 0, 0);

const PAIRS = 1000;
bench(
  'map a page for a device and unmap it',
  () => {
    for (let i = 0; i < PAIRS; i++) {
      map(at(FRAME), i);
      invoke(at(FRAME), labels.PAGE_UNMAP_IO, 0, 0, 0, 0, 0);
    }
  },
  { per: PAIRS },
);
for (const count of [100, 1000, 10_000]) {
  bench(
    `copy, map and revoke, each of ${count} frames`,
    () => {
      for (let i = 0; i < count; i++) {
        capabilities.copy(at(COPIES + i), at(FRAME), objects.ALL_RIGHTS);
        map(at(COPIES + i), i);
      }
      capabilities.revoke(at(FRAME));
    },
    {
      per: count,
      yardstick: {
        name: 'copy and revoke, unmapped',
        per: count,
        run: () => {
          for (let i = 0; i < count; i++) capabilities.copy(at(COPIES + i), at(FRAME), objects.ALL_RIGHTS);
          return capabilities.revoke(at(FRAME));
        },
      },
    },
  );
}
