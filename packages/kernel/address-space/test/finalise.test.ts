import { objects } from '@bulkhead/capabilities';
import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { ASID_CONTROL, KERNEL_ROOT, nameOf, POOL, UNTYPED } from './machine.ts';
import {
  asidOf,
  FRAMES,
  FREE,
  find,
  KIB4,
  LAST,
  OTHER_SPACE,
  pageOf,
  prepare,
  rootOf,
  SPACE,
  SPARE,
} from './prepared.ts';
import { readPage } from './reader.ts';

const { PAGE_TABLE } = objects;

describe('deletion', () => {
  it('of a frame takes its mapping away, although a copy of it stays', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.copy(FREE, FRAMES);
    machine.mapPage(FREE, KIB4, SPACE);
    machine.fences.length = 0;
    machine.capabilities.delete(machine.at(FRAMES));
    expect([find(machine, 0), find(machine, KIB4) === null]).toEqual([null, false]);
    expect(machine.fences).toEqual([[0, asidOf(machine, SPACE)]]);
  });
  it('of a copy that is mapped nowhere takes nothing away', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.copy(FREE, FRAMES);
    machine.fences.length = 0;
    machine.capabilities.delete(machine.at(FREE));
    expect(find(machine, 0)).not.toBeNull();
    expect(machine.fences).toEqual([]);
  });
  it('by revoking the original takes the mappings of all copies away', () => {
    const machine = prepare();
    for (let i = 0; i < 5; i++) {
      machine.copy(FREE + i, FRAMES);
      machine.mapPage(FREE + i, i * KIB4, SPACE);
    }
    machine.capabilities.revoke(machine.at(FRAMES));
    for (let i = 0; i < 5; i++) expect(find(machine, i * KIB4)).toBeNull();
  });
  it('of the last capability to a table drops what it holds; of a copy, nothing', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.copy(FREE, LAST);
    machine.fences.length = 0;
    machine.capabilities.delete(machine.at(LAST));
    expect([find(machine, 0) === null, machine.fences]).toEqual([false, []]);
    machine.capabilities.delete(machine.at(FREE));
    expect(find(machine, 0)).toBeNull();
    expect(machine.fences).toEqual([[-1, asidOf(machine, SPACE)]]);
  });
  it('of the last capability to a root frees its ASID, which the next root gets', () => {
    const machine = prepare();
    const asid = asidOf(machine, SPACE);
    machine.copy(FREE, SPACE);
    machine.capabilities.delete(machine.at(SPACE));
    expect(rootOf(machine, FREE)).toBeGreaterThan(0);
    machine.fences.length = 0;
    machine.capabilities.delete(machine.at(FREE));
    expect(machine.fences).toEqual([[-1, asid]]);
    expect([machine.assign(SPARE), asidOf(machine, SPARE)]).toEqual([0, asid]);
  });
  it('of a frame of an address space that is gone leaves the next of the same ASID alone', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.capabilities.delete(machine.at(SPACE));
    machine.assign(SPARE);
    machine.make(PAGE_TABLE, 0, FREE, UNTYPED, 2);
    machine.mapTable(FREE, 0, SPARE);
    machine.mapTable(FREE + 1, 0, SPARE);
    machine.mapPage(FRAMES + 1, 0, SPARE);
    machine.capabilities.delete(machine.at(FRAMES));
    expect(find(machine, 0, SPARE)).toMatchObject({ ppn: BigInt(pageOf(machine, FRAMES + 1)) });
  });
  it('of an ASID pool takes the ASIDs of all its address spaces, and fences everything', () => {
    const machine = prepare();
    machine.capabilities.delete(machine.at(POOL));
    expect([rootOf(machine, SPACE), rootOf(machine, OTHER_SPACE)]).toEqual([-1, -1]);
    expect(machine.fences).toEqual([[-1, -1]]);
    expect(nameOf(machine.mapPage(FRAMES, 0, SPACE))).toBe('FailedLookup');
  });
  it('of a copy of a pool changes nothing, and of a pool without address spaces fences nothing', () => {
    const machine = prepare();
    machine.copy(FREE, POOL);
    machine.capabilities.delete(machine.at(POOL));
    expect(rootOf(machine, SPACE)).toBeGreaterThan(0);
    machine.invoke(ASID_CONTROL, labels.ASID_CONTROL_MAKE_POOL, [POOL, 32], [41, -1]);
    machine.capabilities.delete(machine.at(POOL));
    expect(machine.fences).toEqual([]);
  });
  it('of the control of ASIDs changes nothing: no address space is in it', () => {
    const machine = prepare();
    machine.capabilities.delete(machine.at(ASID_CONTROL));
    expect(rootOf(machine, SPACE)).toBeGreaterThan(0);
  });
  it('of everything by revoking the untyped leaves no address space, and fences it', () => {
    const machine = prepare();
    const asid = asidOf(machine, SPACE);
    machine.mapPage(FRAMES, 0, SPACE);
    machine.capabilities.revoke(machine.at(UNTYPED));
    expect(machine.spaces.rootOf(machine.at(SPACE))).toBe(-1);
    expect(machine.fences).toContainEqual([-1, asid]);
    expect(readPage(machine.memory, KERNEL_ROOT, 0)).toBeNull();
  });
});
