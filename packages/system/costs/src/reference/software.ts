/** What other systems measured for what they isolate in another way: to compare with a run, never to price one. */
import { calibrated } from '../constant.ts';
import { DITTO, type ReferenceRow, upTo } from './row.ts';

const KSPLIT = 'KSplit, OSDI 2022, Table 4';
const LXD = "LXDs, ATC '19, Table 1";
const REDLEAF = 'RedLeaf, OSDI 2020';

/** CHOICE: a figure in cycles is carried to another machine as it is, and not scaled by the clock. */
const FROM_HASWELL = { skylake: DITTO, icelake: DITTO, 'neoverse-n1': DITTO, u54: DITTO } as const;

export const SOFTWARE: readonly ReferenceRow[] = [
  {
    label: 'send path of a monolithic Linux, user to driver, one full frame',
    haswell: calibrated(2680, 'LVDs, VEE 2020, native', 'second-hand'),
  },
  {
    label: 'driver behind VMFUNC, call and reply with its generated interface',
    haswell: calibrated(502, KSPLIT, 'second-hand'),
  },
  { label: 'the same: added by scalar arguments', haswell: calibrated(30, KSPLIT, 'second-hand') },
  { label: 'the same: added by an array of 32 integers', haswell: calibrated(188, KSPLIT, 'second-hand') },
  { label: 'asynchronous thread created', haswell: calibrated(46, LXD, 'second-hand'), ...FROM_HASWELL },
  { label: 'asynchronous thread switched', haswell: upTo(41, calibrated(29, LXD, 'second-hand')), ...FROM_HASWELL },
  { label: 'call between language domains', haswell: calibrated(124, REDLEAF, 'second-hand'), ...FROM_HASWELL },
  {
    label: 'the same: added by a remote reference',
    haswell: calibrated(17, REDLEAF, 'second-hand'),
    ...FROM_HASWELL,
  },
  {
    label: 'the same, through a shadow that restarts the domain',
    haswell: calibrated(279, REDLEAF, 'second-hand'),
    ...FROM_HASWELL,
  },
  {
    label: 'the same, with unwinding alone',
    haswell: upTo(18, calibrated(16, `${REDLEAF} and its kin`, 'second-hand')),
    ...FROM_HASWELL,
  },
];
