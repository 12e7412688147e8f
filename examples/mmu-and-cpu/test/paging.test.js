import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { LOAD_PAGE_FAULT, STORE_PAGE_FAULT } from '@bulkhead/riscv-datasheet';
import { HEAP_PAGE, HEAP_PAGES, Kernel } from '../src/kernel.js';
import { createMachine, PAGE_BYTES } from '../src/machine.js';

const HEAP = HEAP_PAGE * PAGE_BYTES;
let machine;
let kernel;
beforeEach(() => {
  machine = createMachine(128);
  kernel = new Kernel(machine);
});
const outcomes = () => kernel.faults.map(({ outcome }) => outcome);

test('a page of the heap appears, zeroed, when it is first touched, and is walked to once', () => {
  const process = kernel.spawn();
  assert.equal(kernel.load(process, HEAP), 0);
  assert.equal(kernel.store(process, HEAP + 4, 7), true);
  assert.equal(kernel.load(process, HEAP + 4), 7);
  assert.deepEqual(kernel.faults, [{ cause: LOAD_PAGE_FAULT, page: HEAP_PAGE, outcome: 'zeroed' }]);
  assert.equal(machine.hart.trapCount, 1 + 3, 'a fault, and three programs that gave the hart back');
  assert.equal(machine.mmu.missCount, 2, 'one walk faulted, one filled the TLB');
});

test('two processes see different memory at the same address', () => {
  const [one, other] = [kernel.spawn(), kernel.spawn()];
  kernel.store(one, HEAP, 1);
  kernel.store(other, HEAP, 2);
  assert.deepEqual([kernel.load(one, HEAP), kernel.load(other, HEAP)], [1, 2]);
});

test('a forked process shares pages until somebody writes', () => {
  const parent = kernel.spawn();
  kernel.store(parent, HEAP, 11);
  const child = kernel.fork(parent);
  assert.equal(kernel.load(child, HEAP), 11);
  kernel.store(child, HEAP, 22);
  assert.deepEqual([kernel.load(parent, HEAP), kernel.load(child, HEAP)], [11, 22]);
  assert.deepEqual(outcomes(), ['zeroed', 'copied']);
  kernel.store(parent, HEAP, 33);
  assert.deepEqual([kernel.load(parent, HEAP), kernel.load(child, HEAP)], [33, 22]);
  assert.deepEqual(outcomes(), ['zeroed', 'copied', 'taken back']);
});

test('a fork without its fence would let the parent write into the child', () => {
  const parent = kernel.spawn();
  kernel.store(parent, HEAP, 11); // now the TLB holds a writable leaf
  machine.hart.sfence = () => {};
  const child = kernel.fork(parent);
  kernel.store(parent, HEAP, 33);
  assert.equal(kernel.load(child, HEAP), 33);
});

test('an address outside the heap is refused, and the process stays in the kernel', () => {
  const process = kernel.spawn();
  assert.equal(kernel.store(process, (HEAP_PAGE + HEAP_PAGES) * PAGE_BYTES, 1), false);
  assert.equal(kernel.load(process, 0), undefined);
  assert.deepEqual(
    kernel.faults.map(({ cause, outcome }) => [cause, outcome]),
    [
      [STORE_PAGE_FAULT, 'refused'],
      [LOAD_PAGE_FAULT, 'refused'],
    ],
  );
});
