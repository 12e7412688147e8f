/** What it costs on this host to map and unmap a page, and to find the root of an address space at a switch. */
import { bench } from '@bulkhead/bench';
import { objects } from '@bulkhead/capabilities';
import { labels } from '../src/index.ts';
import { Machine, READ_WRITE, UNTYPED } from '../test/machine.ts';

const machine = new Machine({ fence: { fence: () => {} } });
const { spaces } = machine;
const SPACE = 10;
const LAST = 12;
const FRAME = 13;
machine.make(objects.PAGE_TABLE, 0, SPACE, UNTYPED, 3);
machine.make(objects.FRAME, 12, FRAME);
machine.assign(SPACE);
machine.mapTable(SPACE + 1, 0, SPACE);
machine.mapTable(LAST, 0, SPACE);
const PAGES = 500;
const frame = machine.at(FRAME);
const root = machine.at(SPACE);

bench(
  'map and unmap a page',
  () => {
    for (let vpn = 0; vpn < PAGES; vpn++) {
      spaces.map(root, frame, vpn, READ_WRITE, false);
      spaces.unmap(frame);
    }
  },
  { per: PAGES },
);

const { message } = machine;
message.extras[0] = root;
bench(
  'the same as invocations',
  () => {
    for (let vpn = 0; vpn < PAGES; vpn++) {
      message.low[0] = vpn << 12;
      message.high[0] = 0;
      message.low[1] = READ_WRITE;
      message.length = 3;
      message.extraCount = 1;
      spaces.invoke(frame, labels.PAGE_MAP, message);
      spaces.invoke(frame, labels.PAGE_UNMAP, message);
    }
  },
  { per: PAGES },
);

bench(
  'map again with other rights',
  () => {
    for (let i = 0; i < PAGES; i++) spaces.map(root, frame, 7, i & 3, false);
  },
  { per: PAGES },
);

let found = 0;
bench(
  'root of an address space',
  () => {
    for (let i = 0; i < PAGES; i++) found += spaces.rootOf(root);
  },
  { per: PAGES },
);
bench(
  'take a table out, empty it, and hang it in again',
  () => {
    spaces.unmapTable(machine.at(LAST));
    spaces.mapTable(root, machine.at(LAST), 0);
  },
  { per: 1 },
);
if (found < 0) throw new Error('the address space has no root');
