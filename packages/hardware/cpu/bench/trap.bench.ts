/** What a kernel does with a hart at every entry and exit. */
import { bench } from '@bulkhead/bench';
import { ECALL_U } from '@bulkhead/riscv-datasheet';
import { BASE, createMachine } from '../test/machine.ts';

const ROUND = 4096;
const { hart } = createMachine();
hart.writeSatp(1, BASE);

bench(
  'trap from user mode and sret',
  () => {
    for (let i = 0; i < ROUND; i++) {
      hart.setPreviousMode(0);
      hart.sret();
      hart.trap(ECALL_U, false, 0, 0);
    }
    return hart.trapCount;
  },
  { per: ROUND },
);
bench(
  'change of address space, tagged',
  () => {
    for (let i = 0; i < ROUND; i++) hart.writeSatp(1 + (i & 1), BASE);
    return hart.satpWriteCount;
  },
  { per: ROUND },
);
