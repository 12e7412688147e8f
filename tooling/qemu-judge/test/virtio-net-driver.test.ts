import { virtioNetDriver } from '@bulkhead/virtio-net-driver';
import { startVirtioNet } from '../src/index.ts';
import { driverClauses } from './driver-clauses.ts';

driverClauses('virtio-net-driver on QEMU’s virtio-net-pci', startVirtioNet, virtioNetDriver, {
  receivesAtLeastBytes: 0,
  sendsAtLeastBytes: 0,
});
