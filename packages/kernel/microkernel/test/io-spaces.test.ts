/** IO spaces in the kernel: a program maps for a device, and what it was given can be taken back. */
import { objects } from '@bulkhead/capabilities';
import { Clock } from '@bulkhead/clock';
import { ALL_PAGES, labels } from '@bulkhead/io-spaces';
import { message } from '@bulkhead/ipc';
import type { Program, ThreadContext } from '@bulkhead/kernel-core';
import { Ledger } from '@bulkhead/ledger';
import { describe, expect, it } from 'vitest';
import { Fixture, USER } from './fixture.ts';

const DEVICE = 3;
const DOMAIN = 7;
const SPACE = 2000;
const IO_PAGE = 5;
const LEVELS = 3;

/** What the IOMMU is told. */
class Recorder {
  readonly story: string[] = [];
  attach(device: number, _rootPage: number, domain: number): void {
    this.story.push(`attach ${device} to ${domain}`);
  }
  detach(device: number): void {
    this.story.push(`detach ${device}`);
  }
  invalidate(domain: number, ioPage: number): void {
    this.story.push(`invalidate ${domain} ${ioPage === ALL_PAGES ? 'all' : ioPage}`);
  }
}

function machine() {
  const iommu = new Recorder();
  const answers: number[] = [];
  const ask = (
    t: ThreadContext,
    pointer: number,
    label: number,
    words: number[],
    ...capabilities: number[]
  ): number => {
    words.forEach((word, i) => void t.setWord(i, word));
    capabilities.forEach((capability, i) => void t.setCapability(i, capability));
    return t.call(pointer, message.messageTag(label, 0, capabilities.length, words.length));
  };
  const given = { control: 0, cnode: 0, tables: 0, frame: 0 };
  const program: Program = function* (t) {
    yield ask(t, given.control, labels.IO_SPACE_CONTROL_ISSUE, [DEVICE, DOMAIN, SPACE, 32], given.cnode);
    answers.push(t.label);
    for (let level = 0; level < LEVELS; level++) {
      yield ask(t, given.tables + level, labels.IO_PAGE_TABLE_MAP, [IO_PAGE << 12], SPACE);
      answers.push(t.label);
    }
    yield ask(t, given.frame, labels.PAGE_MAP_IO, [objects.READ | objects.WRITE, IO_PAGE << 12], SPACE);
    answers.push(t.label);
  };
  const ledger = new Ledger({
    clock: new Clock(1e9),
    primitives: [{ name: 'own', cause: 'compute' }],
    prices: [1],
    components: ['program'],
  });
  const f = new Fixture({ iommu, userCode: { programs: [program], charges: [ledger.charge(0, () => {})], work: [0] } });
  const { kernel } = f;
  const domain = f.domainOf(USER);
  given.control = kernel.spaces.freeSlots(domain, 1);
  kernel.capabilities.move(kernel.spaces.slotAt(domain, given.control), kernel.kernelMemory.ioSpaceControl);
  given.cnode = kernel.spaces.grant(domain.cnodeSlot, domain);
  given.tables = kernel.spaces.make(domain, objects.IO_PAGE_TABLE, 0, LEVELS);
  given.frame = f.frames(USER);
  const made = kernel.userThreads!.add(domain, { program: 0, priority: 5, budgetCycles: 1e6, periodCycles: 1e6 });
  expect(made).toBeGreaterThan(0);
  // Components that do nothing take at least what they were told.
  for (const seat of kernel.seats) seat.deliver = () => void kernel.executive.takeNotification(seat);
  kernel.executive.limitCycles = 1e9;
  kernel.executive.settle(0);
  return { f, iommu, answers, given, domain };
}

describe('IO spaces (seL4 reference manual, section 8.3 I/O Space)', () => {
  it('a program that holds the control gives a device a space, and maps its own frames there', () => {
    const { answers, iommu, f, given } = machine();
    expect(answers).toEqual([0, 0, 0, 0, 0]);
    expect(iommu.story[0]).toBe(`attach ${DEVICE} to ${DOMAIN}`);
    expect(f.kernel.capabilities.isIoMapped(f.kernel.spaces.slotAt(f.domainOf(USER), given.frame))).toBe(true);
  });
  it('a frame that goes is out of the reach of the device before its memory is used again', () => {
    const { f, iommu, given } = machine();
    expect(f.kernel.invocations.delete(USER, given.frame as never)).toBe(0);
    expect(iommu.story.at(-1)).toBe(`invalidate ${DOMAIN} ${IO_PAGE}`);
  });
  it('revoking the control takes every space back: the device is detached', () => {
    const { f, iommu, given } = machine();
    expect(f.kernel.invocations.revoke(USER, given.control as never)).toBe(0);
    expect(iommu.story).toContain(`detach ${DEVICE}`);
  });
  it('the end of a domain takes the device from it, with the memory', () => {
    const { f, iommu, domain } = machine();
    f.kernel.spaces.close(domain);
    expect(iommu.story.filter((line) => line.startsWith('detach'))).toEqual([`detach ${DEVICE}`]);
  });
  it('without an IOMMU there is no control of IO spaces', () => {
    const { kernel } = new Fixture();
    expect(kernel.capabilities.typeOf(kernel.kernelMemory.ioSpaceControl)).toBe(objects.NULL);
  });
});
