import { FRAME_MIN_BYTES } from '@bulkhead/intel-82574-datasheet';
import { nicDriver } from '@bulkhead/nic-driver';
import { startE1000e } from '../src/index.ts';
import { driverClauses } from './driver-clauses.ts';

driverClauses('nic-driver on QEMU’s e1000e', startE1000e, nicDriver, {
  receivesAtLeastBytes: FRAME_MIN_BYTES,
  sendsAtLeastBytes: 14,
});
