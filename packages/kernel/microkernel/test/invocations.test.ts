import { NO_SUCH_RIGHT, type Right } from '@bulkhead/abi';
import { objects } from '@bulkhead/capabilities';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Invocations } from '../src/invocations.ts';
import { abi, CHILD, Fixture, IDENTITIES, NATIVE, NOWHERE, USER } from './fixture.ts';

let f: Fixture;
let on: Invocations;
beforeEach(() => {
  f = new Fixture();
  on = f.kernel.invocations;
});
const next = (right: Right, count = 1): Right => (right + count) as Right;

/** Rights outside a capability space of 4096 slots, and an empty slot. */
const NOT_THERE = [NOWHERE, 0, 4096, -1, 0x7fffffff, -0x80000000] as readonly number[] as readonly Right[];

/** Every invocation that names a right, with the rest of its arguments right. */
const naming: Readonly<Record<string, (right: Right) => number>> = {
  retype: (right) => on.retype(USER, right, abi.FRAME, 12, 1),
  map: (right) => on.map(USER, right, 1, abi.READ_WRITE),
  unmap: (right) => on.unmap(USER, right),
  address: (right) => on.address(USER, right),
  delete: (right) => on.delete(USER, right),
  revoke: (right) => on.revoke(USER, right),
  issueInterrupt: (right) => on.issueInterrupt(USER, right, 9),
  bindInterrupt: (right) => on.bindInterrupt(USER, right, 3),
  acknowledge: (right) => on.acknowledge(USER, right),
  faultOf: (right) => on.faultOf(USER, right),
  endDomain: (right) => on.endDomain(USER, right),
  startDomain: (right) => on.startDomain(USER, right),
};

describe('every invocation that names a right', () => {
  it.each(Object.keys(naming))('%s: no such right, when there is none', (name) => {
    for (const right of NOT_THERE) expect(naming[name]!(right)).toBe(NO_SUCH_RIGHT);
  });
  it.each(Object.keys(naming).filter((name) => !['delete', 'revoke'].includes(name)))(
    '%s: invalid capability, when it is of another type',
    (name) => {
      expect(naming[name]!(f.endpoint(USER))).toBe(abi.INVALID_CAPABILITY);
    },
  );
  it.each(Object.keys(naming))('%s: charges one invocation and one look-up', (name) => {
    const { invocation, capLookup } = f.kernel.primitives;
    const before = [f.ledger.countOf(invocation), f.ledger.countOf(capLookup)];
    naming[name]!(NOWHERE);
    expect([f.ledger.countOf(invocation), f.ledger.countOf(capLookup)]).toEqual(before.map((count) => count + 1));
  });
  it('another domain’s index names nothing of it', () => {
    const theirs = f.frames(NATIVE, 40);
    expect(on.address(USER, next(theirs, 39))).toBe(NO_SUCH_RIGHT);
  });
});

describe('retype: which error wins', () => {
  it('the right, then the type, then the count, then the size', () => {
    const untyped = f.untyped(USER);
    expect(on.retype(USER, NOWHERE, 9, 99, 0)).toBe(NO_SUCH_RIGHT);
    expect(on.retype(USER, f.endpoint(USER), 9, 99, 0)).toBe(abi.INVALID_CAPABILITY);
    expect(on.retype(USER, untyped, 9, 99, 0)).toBe(abi.INVALID_ARGUMENT);
    expect(on.retype(USER, untyped, abi.FRAME, 99, 0)).toBe(abi.RANGE_ERROR);
    expect(on.retype(USER, untyped, abi.FRAME, 99, 257)).toBe(abi.RANGE_ERROR);
    expect(on.retype(USER, untyped, abi.FRAME, 64, 1)).toBe(abi.RANGE_ERROR);
    expect(on.retype(USER, untyped, abi.FRAME, 13, 1)).toBe(abi.INVALID_ARGUMENT);
    expect(on.retype(USER, untyped, abi.UNTYPED, 3, 1)).toBe(abi.INVALID_ARGUMENT);
    expect(on.retype(USER, untyped, abi.FRAME, 21, 1)).toBe(abi.NOT_ENOUGH_MEMORY);
  });
  it.each([-1, 2, 3, 5, 6, 7, 16])('type %i is none that a user may make', (type) => {
    expect(on.retype(USER, f.untyped(USER), type, 12, 1)).toBe(abi.INVALID_ARGUMENT);
  });
  it('a size that is negative is out of range', () => {
    expect(on.retype(USER, f.untyped(USER), abi.FRAME, -1, 1)).toBe(abi.RANGE_ERROR);
  });
  it('no free slot, when as many do not lie side by side', () => {
    const untyped = f.untyped(USER);
    f.fillSlots(USER, 2);
    expect(on.retype(USER, untyped, abi.FRAME, 12, 3)).toBe(abi.NO_FREE_SLOT);
    expect(on.retype(USER, untyped, abi.FRAME, 12, 2)).toBeGreaterThan(0);
  });
  it('not enough memory comes before no free slot, as the contract lists them', () => {
    const untyped = f.untyped(USER);
    f.fillSlots(USER, 0);
    expect(on.retype(USER, untyped, abi.FRAME, 21, 1)).toBe(abi.NOT_ENOUGH_MEMORY);
  });
  it('gives rights that follow each other, to memory side by side', () => {
    const first = on.retype(USER, f.untyped(USER), abi.FRAME, 12, 4) as Right;
    const pages = [0, 1, 2, 3].map((i) => on.address(USER, next(first, i)) - on.address(USER, first));
    expect(pages).toEqual([0, 1, 2, 3]);
  });
  it('what is refused takes neither memory nor slots', () => {
    const untyped = f.untyped(USER);
    const free = f.kernel.capabilities.freeBytesOf(f.slot(USER, untyped));
    for (const refused of [on.retype(USER, untyped, abi.FRAME, 12, 0), on.retype(USER, untyped, abi.FRAME, 21, 1)])
      expect(refused).toBeLessThan(0);
    expect(f.kernel.capabilities.freeBytesOf(f.slot(USER, untyped))).toBe(free);
  });
  it('of a device gives frames and untyped memory', () => {
    const device = f.deviceUntyped(USER, 0x40000);
    expect(on.address(USER, on.retype(USER, device, abi.FRAME, 12, 1) as Right)).toBe(0x40000);
    expect(f.typeOf(USER, on.retype(USER, device, abi.UNTYPED, 12, 1) as Right)).toBe(objects.UNTYPED);
  });
});

describe('map and unmap: which error wins', () => {
  it('the right comes before the count, as the contract lists them', () => {
    expect(on.map(USER, NOWHERE, 0, abi.READ)).toBe(NO_SUCH_RIGHT);
  });
  it('a count out of range', () => {
    for (const count of [0, -1, 257, 0x7fffffff])
      expect(on.map(USER, f.frames(USER), count, abi.READ)).toBe(abi.RANGE_ERROR);
  });
  it('one right of the run that is none, or of another type, maps nothing', () => {
    const frames = f.frames(USER, 3);
    on.delete(USER, next(frames, 2));
    expect(on.map(USER, frames, 3, abi.READ)).toBe(NO_SUCH_RIGHT);
    expect(f.kernel.capabilities.isMapped(f.slot(USER, frames))).toBe(false);
    const before = f.frames(USER);
    expect(f.endpoint(USER)).toBe(before + 1);
    expect(on.map(USER, before, 2, abi.READ)).toBe(abi.INVALID_CAPABILITY);
    expect(f.kernel.capabilities.isMapped(f.slot(USER, before))).toBe(false);
  });
  it('what is mapped is not mapped again before it is unmapped', () => {
    const frame = f.frames(USER);
    expect(on.map(USER, frame, 1, abi.READ)).toBe(0);
    expect(on.map(USER, frame, 1, abi.READ)).toBe(abi.ILLEGAL_OPERATION);
    expect(on.unmap(USER, frame)).toBe(0);
    expect(on.map(USER, frame, 1, abi.READ)).toBe(0);
  });
  it('unmap fences the page, and is nothing for what is not mapped', () => {
    const frame = f.frames(USER);
    on.map(USER, frame, 1, abi.READ);
    const page = f.kernel.answer[1]!;
    f.hart.fences.length = 0;
    expect([on.unmap(USER, frame), on.unmap(USER, frame)]).toEqual([0, 0]);
    expect(f.hart.fences).toEqual([`${page}/${f.domainOf(USER).asid}`]);
  });
  it('frames lie side by side, with a free page behind them', () => {
    on.map(USER, f.frames(USER, 3), 3, abi.READ);
    const first = f.kernel.answer[1]!;
    on.map(USER, f.frames(USER), 1, abi.READ);
    expect(f.kernel.answer[1]).toBe(first + 4);
  });
  it('in the kernel’s domain tells where the memory is mapped already', () => {
    const frame = f.frames(NATIVE);
    expect(on.map(NATIVE, frame, 1, abi.READ_WRITE)).toBe(0);
    expect(f.kernel.answer[1]).toBeLessThan(0);
  });
  it('frames that are not side by side are not told as if they were, in the kernel’s domain', () => {
    const first = f.frames(NATIVE);
    const between = f.frames(NATIVE);
    on.delete(NATIVE, between);
    f.kernel.domains[0]!.nextSlot = between;
    expect(f.frames(NATIVE)).toBe(between);
    expect(on.address(NATIVE, between)).not.toBe(on.address(NATIVE, first) + 1);
    expect(on.map(NATIVE, first, 2, abi.READ)).toBeLessThan(0);
  });
  /** A frame of 4 KiB and one of 2 MiB, whose rights follow each other. */
  const twoSizes = (): Right => {
    const untyped = f.untyped(USER, 2);
    const small = on.retype(USER, untyped, abi.FRAME, 12, 1) as Right;
    expect(on.retype(USER, untyped, abi.FRAME, 21, 1)).toBe(small + 1);
    return small;
  };
  it('frames of two sizes in one run are refused as a whole', () => {
    const small = twoSizes();
    expect(on.map(USER, small, 2, abi.READ)).toBeLessThan(0);
    expect(f.kernel.capabilities.isMapped(f.slot(USER, small))).toBe(false);
  });
  it('a map that was refused is in nobody’s way', () => {
    const later = f.frames(USER);
    expect(on.map(USER, twoSizes(), 2, abi.READ)).toBeLessThan(0);
    expect(on.map(USER, later, 1, abi.READ)).toBe(0);
  });
  it('more access than the right allows gives what it allows', () => {
    const frame = f.frames(USER);
    const copy = f.kernel.spaces.grant(f.slot(USER, frame), f.domainOf(USER), 1, 0, objects.READ) as Right;
    expect(on.map(USER, copy, 1, abi.READ_WRITE)).toBe(0);
  });
});

describe('delete and revoke', () => {
  it('delete takes the right, and its mapping with it', () => {
    const frame = f.frames(USER);
    on.map(USER, frame, 1, abi.READ);
    f.hart.fences.length = 0;
    expect(on.delete(USER, frame)).toBe(0);
    expect(on.delete(USER, frame)).toBe(NO_SUCH_RIGHT);
    expect(f.hart.fences.length).toBe(1);
  });
  it('revoke takes what was derived, wherever it is, and leaves the right', () => {
    const frame = f.frames(USER);
    const theirs = f.kernel.spaces.grant(f.slot(USER, frame), f.domainOf(NATIVE)) as Right;
    expect(on.revoke(USER, frame)).toBe(0);
    expect(on.address(NATIVE, theirs)).toBe(NO_SUCH_RIGHT);
    expect(on.address(USER, frame)).toBeGreaterThan(0);
  });
  it('revoke by the holder of a copy leaves the original', () => {
    const frame = f.frames(USER);
    const theirs = f.kernel.spaces.grant(f.slot(USER, frame), f.domainOf(NATIVE)) as Right;
    expect(on.revoke(NATIVE, theirs)).toBe(0);
    expect(on.address(USER, frame)).toBeGreaterThan(0);
  });
  it('revoke of untyped memory makes it whole again', () => {
    const untyped = f.untyped(USER);
    const whole = f.kernel.capabilities.freeBytesOf(f.slot(USER, untyped));
    on.retype(USER, untyped, abi.FRAME, 12, 200);
    expect(on.retype(USER, untyped, abi.FRAME, 12, 100)).toBe(abi.NOT_ENOUGH_MEMORY);
    expect(on.revoke(USER, untyped)).toBe(0);
    expect(f.kernel.capabilities.freeBytesOf(f.slot(USER, untyped))).toBe(whole);
  });
});

describe('interrupts: which error wins', () => {
  it('issue: the range, then who has it, then the slot', () => {
    const control = f.irqControl(USER);
    for (const identity of [0, -1, IDENTITIES + 1, 0x7fffffff])
      expect(on.issueInterrupt(USER, control, identity)).toBe(abi.RANGE_ERROR);
    expect(on.issueInterrupt(USER, control, IDENTITIES)).toBeGreaterThan(0);
    f.fillSlots(USER, 0);
    expect(on.issueInterrupt(USER, control, 0)).toBe(abi.RANGE_ERROR);
    expect(on.issueInterrupt(USER, control, IDENTITIES)).toBe(abi.REVOKE_FIRST);
    expect(on.issueInterrupt(USER, control, 1)).toBe(abi.NO_FREE_SLOT);
  });
  it('issue: one handler an identity, whoever controls', () => {
    on.issueInterrupt(USER, f.irqControl(USER), 9);
    expect(on.issueInterrupt(NATIVE, f.irqControl(NATIVE), 9)).toBe(abi.REVOKE_FIRST);
  });
  it('bind: the right, then the token', () => {
    const handler = on.issueInterrupt(USER, f.irqControl(USER), 9) as Right;
    expect(on.bindInterrupt(USER, NOWHERE, 99)).toBe(NO_SUCH_RIGHT);
    for (const token of [-1, 15, 31, 0x7fffffff]) expect(on.bindInterrupt(USER, handler, token)).toBe(abi.RANGE_ERROR);
    expect(f.enabled.has(9)).toBe(false);
    expect(on.bindInterrupt(USER, handler, 14)).toBe(0);
    expect(f.enabled.has(9)).toBe(true);
  });
  it('a token may be as large as the contract says', () => {
    const handler = on.issueInterrupt(USER, f.irqControl(USER), 9) as Right;
    expect(on.bindInterrupt(USER, handler, 14)).toBe(0);
    expect(on.bindInterrupt(USER, handler, 15)).toBe(abi.RANGE_ERROR);
  });
  it('acknowledge: illegal before it is bound', () => {
    const handler = on.issueInterrupt(USER, f.irqControl(USER), 9) as Right;
    expect(on.acknowledge(USER, handler)).toBe(abi.ILLEGAL_OPERATION);
    on.bindInterrupt(USER, handler, 1);
    expect(on.acknowledge(USER, handler)).toBe(0);
  });
  it('a handler that is deleted masks its interrupt, which may be issued again', () => {
    const control = f.irqControl(USER);
    const handler = on.issueInterrupt(USER, control, 9) as Right;
    on.bindInterrupt(USER, handler, 1);
    on.delete(USER, handler);
    expect(f.enabled.has(9)).toBe(false);
    expect(on.issueInterrupt(USER, control, 9)).toBeGreaterThan(0);
  });
  it('of two rights to one handler, the last one counts', () => {
    const handler = on.issueInterrupt(USER, f.irqControl(USER), 9) as Right;
    const theirs = f.kernel.spaces.grant(f.slot(USER, handler), f.domainOf(NATIVE)) as Right;
    on.bindInterrupt(NATIVE, theirs, 1);
    on.delete(USER, handler);
    expect([on.acknowledge(NATIVE, theirs), f.enabled.has(9)]).toEqual([0, true]);
  });
});

describe('alarms and faults', () => {
  it('setAlarm: a token or a time out of range changes nothing', () => {
    on.setAlarm(USER, 3, 10);
    const { timerAt } = f.hart;
    for (const [token, delayUs] of [
      [-1, 10],
      [15, 10],
      [3, -1],
      [0x7fffffff, -0x80000000],
    ] as const)
      expect(on.setAlarm(USER, token, delayUs)).toBe(abi.RANGE_ERROR);
    expect(f.hart.timerAt).toBe(timerAt);
  });
  it('setAlarm: replaces an earlier one, and 0 cancels', () => {
    const never = f.hart.timerAt;
    on.setAlarm(USER, 3, 10);
    const soon = f.hart.timerAt;
    expect(soon).toBe(f.clock.now + 10_000);
    on.setAlarm(USER, 3, 0x7fffffff);
    expect(f.hart.timerAt).toBeGreaterThan(2 ** 40);
    on.setAlarm(USER, 3, 0);
    expect(f.hart.timerAt).toBeGreaterThanOrEqual(never);
  });
  it('setAlarm: the hart is told of the earliest, whosever it is', () => {
    on.setAlarm(USER, 1, 500);
    const users = f.hart.timerAt;
    on.setAlarm(NATIVE, 1, 10);
    expect(f.hart.timerAt).toBeLessThan(users);
    on.setAlarm(NATIVE, 1, 900);
    expect(f.hart.timerAt).toBe(users);
    on.setAlarm(USER, 1, 0);
    expect(f.hart.timerAt).toBeGreaterThan(users);
  });
  it('bindFaults: a token out of range', () => {
    for (const token of [-1, 15, 0x7fffffff]) expect(on.bindFaults(USER, token)).toBe(abi.RANGE_ERROR);
    expect(on.bindFaults(USER, 0)).toBe(0);
  });
});

describe('domains: which error wins', () => {
  it('one that was never started is over', () => {
    expect(on.faultOf(USER, f.thread(USER, CHILD))).toBe(abi.FAULT_ENDED);
    expect(on.endDomain(USER, f.thread(USER, CHILD))).toBe(0);
    expect(f.kernel.faults).toEqual([]);
  });
  it('start: illegal while it is alive', () => {
    const child = f.thread(USER, CHILD);
    expect(on.startDomain(USER, child)).toBe(0);
    expect(on.startDomain(USER, child)).toBe(abi.ILLEGAL_OPERATION);
    expect(on.faultOf(USER, child)).toBe(0);
  });
  it('end: says who, and is nothing the second time', () => {
    const child = f.thread(USER, CHILD);
    on.startDomain(USER, child);
    expect([on.endDomain(USER, child), on.endDomain(USER, child)]).toEqual([0, 0]);
    expect(f.kernel.faults.map(({ component, message }) => [component, message])).toEqual([['child', 'ended by user']]);
    expect([on.faultOf(USER, child), f.kernel.answer[3]]).toEqual([abi.FAULT_ENDED, CHILD]);
  });
  it('start: not enough memory, when its promised memory went to something else', () => {
    const child = f.thread(USER, CHILD);
    f.domainOf(CHILD).untypedSlot = f.slot(USER, f.untyped(USER, -4));
    expect(on.startDomain(USER, child)).toBe(abi.NOT_ENOUGH_MEMORY);
    expect(on.faultOf(USER, child)).toBe(abi.FAULT_ENDED);
  });
  it('start takes back what it had given away', () => {
    const child = f.thread(USER, CHILD);
    on.startDomain(USER, child);
    const theirs = f.kernel.spaces.grant(f.slot(CHILD, f.frames(CHILD)), f.domainOf(USER)) as Right;
    on.endDomain(USER, child);
    expect(on.address(USER, theirs)).toBeGreaterThan(0);
    on.startDomain(USER, child);
    expect(on.address(USER, theirs)).toBe(NO_SUCH_RIGHT);
  });
  it('the kernel’s own domain is ended by nobody', () => {
    expect(on.endDomain(USER, f.thread(USER, NATIVE))).toBeLessThan(0);
    expect(f.domainOf(NATIVE).alive).toBe(true);
  });
  it('faults are told to who holds a right to the domain, and to nobody else', () => {
    on.bindFaults(NATIVE, 3);
    const child = f.thread(USER, CHILD);
    on.startDomain(USER, child);
    f.kernel.executive.takeNotification(f.kernel.seats[NATIVE]!);
    on.endDomain(USER, child);
    expect(f.kernel.executive.takeNotification(f.kernel.seats[NATIVE]!)).toBe(0);
  });
});
