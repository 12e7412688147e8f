import { HEAP_PAGE, Kernel } from './kernel.js';
import { createMachine, PAGE_BYTES } from './machine.js';

const machine = createMachine(128);
const kernel = new Kernel(machine);
const heap = HEAP_PAGE * PAGE_BYTES;

const parent = kernel.spawn();
kernel.store(parent, heap + 8, 1234);
const child = kernel.fork(parent);
console.log(`the child reads what its parent wrote: ${kernel.load(child, heap + 8)}`);
kernel.store(child, heap + 8, 5678);
console.log(
  `after the child has written: parent ${kernel.load(parent, heap + 8)}, child ${kernel.load(child, heap + 8)}`,
);
kernel.store(parent, heap + 8, 4321);
kernel.load(parent, 0);

for (const { cause, page, outcome } of kernel.faults)
  console.log(`page fault: scause ${cause}, page 0x${page.toString(16)}: ${outcome}`);
console.log(
  `${machine.hart.trapCount} traps, ${machine.hart.satpWriteCount} satp writes, ${machine.mmu.missCount} walks`,
);
