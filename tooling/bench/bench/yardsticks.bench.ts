/** The yardstick against itself: how far a ratio may be trusted on this machine. */
import { bench, cacheLine, copyOf } from '../src/index.ts';

bench('copy of one cache line, against itself', cacheLine.run, { per: cacheLine.per });
const frame = copyOf(1_514);
bench('copy of one Ethernet frame', frame.run, { per: frame.per, bytes: 1_514 });
