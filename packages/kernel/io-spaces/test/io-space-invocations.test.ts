import { errors, objects } from '@bulkhead/capabilities';
import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { FAULT } from './iommu.ts';
import {
  CONTROL,
  DEVICE_PAGE,
  DEVICE_UNTYPED,
  DEVICES,
  DOMAINS,
  FIRST_PAGE,
  issue,
  mapFrame,
  mapTable,
  UNTYPED,
  type World,
  world,
} from './world.ts';

const { IO_SPACE_CONTROL_ISSUE, IO_PAGE_TABLE_MAP, IO_PAGE_TABLE_UNMAP, PAGE_MAP_IO, PAGE_UNMAP_IO } = labels;
const NIC = 0x18;
const DOMAIN = 2;
const SPACE = 4;
/** Root, level 1 and level 0 in three slots; then four frames. */
const TABLES = 5;
const FRAMES = 10;
const FREE = 20;
const IO_PAGE = 0x12345;
const FRAME_PAGE: number = FIRST_PAGE + 6;

/** @returns the error; memory and IOMMU must be as they were. */
function refused(w: World, run: () => number): number {
  const before = w.words.slice();
  const calls = w.iommu.log.length;
  const error = run();
  expect(error).toBeLessThan(0);
  expect(w.words.every((word, i) => word === before[i])).toBe(true);
  expect(w.iommu.log.length).toBe(calls);
  return error;
}
/** An IO space, six tables and four frames, nothing mapped. */
function made(basePage = 0): World {
  const w = world({ basePage });
  expect(issue(w, NIC, DOMAIN, SPACE)).toBe(0);
  expect(w.make(objects.IO_PAGE_TABLE, 0, TABLES, 5)).toBe(0);
  expect(w.make(objects.IO_PAGE_TABLE, 0, FREE)).toBe(0);
  expect(w.make(objects.FRAME, 12, FRAMES, 4)).toBe(0);
  return w;
}
/** With the three tables of IO_PAGE mapped. */
function tabled(basePage = 0): World {
  const w = made(basePage);
  for (let level = 0; level < 3; level++) expect(mapTable(w, TABLES + level, SPACE, IO_PAGE)).toBe(0);
  return w;
}
/** With the first frame at IO_PAGE, which the device has read. */
function mapped(): World {
  const w = tabled();
  expect(mapFrame(w, FRAMES, SPACE, IO_PAGE)).toBe(0);
  expect(w.iommu.access(NIC, IO_PAGE, true)).toBe(FRAME_PAGE);
  return w;
}
const reads = (w: World, ioPage = IO_PAGE): number => w.iommu.access(NIC, ioPage, false);

describe('every invocation', () => {
  it('InvalidCapability wins for an empty slot', () => {
    const w = made();
    expect(refused(w, () => w.invoke(60, 0))).toBe(errors.INVALID_CAPABILITY);
    expect(w.capabilities.details.capability).toBe(0);
  });
  it('IllegalOperation, for a label that is another type’s or nobody’s, wins over TruncatedMessage', () => {
    const w = made();
    const own = new Map([
      [CONTROL, [IO_SPACE_CONTROL_ISSUE]],
      [SPACE, []],
      [TABLES, [IO_PAGE_TABLE_MAP, IO_PAGE_TABLE_UNMAP]],
      [FRAMES, [PAGE_MAP_IO, PAGE_UNMAP_IO]],
      [UNTYPED, []],
    ]);
    for (const [slot, labelsOf] of own)
      for (const label of [0, -1, 87, 93, 88.5, 88, 89, 90, 91, 92])
        if (!labelsOf.includes(label)) expect(refused(w, () => w.invoke(slot, label))).toBe(errors.ILLEGAL_OPERATION);
  });
  it('TruncatedMessage wins over what the words and capabilities say', () => {
    const w = mapped();
    const short: readonly [number, number, number[], number[]][] = [
      [CONTROL, IO_SPACE_CONTROL_ISSUE, [-1, 0, 1], [0]],
      [CONTROL, IO_SPACE_CONTROL_ISSUE, [-1, 0, 1, 99], []],
      [TABLES, IO_PAGE_TABLE_MAP, [], [SPACE]],
      [TABLES, IO_PAGE_TABLE_MAP, [2 ** 40], []],
      [FRAMES, PAGE_MAP_IO, [0], [UNTYPED]],
      [FRAMES, PAGE_MAP_IO, [0, 2 ** 40], []],
    ];
    for (const [slot, label, words, extras] of short)
      expect(refused(w, () => w.invoke(slot, label, words, extras))).toBe(errors.TRUNCATED_MESSAGE);
  });
});

describe('issuing an IO space', () => {
  it('makes a capability with the device and its domain, a child of the control', () => {
    const w = made();
    const { capabilities } = w;
    expect(capabilities.typeOf(w.at(SPACE))).toBe(objects.IO_SPACE);
    expect([capabilities.objectOf(w.at(SPACE)), capabilities.badgeOf(w.at(SPACE))]).toEqual([NIC, DOMAIN]);
    expect(capabilities.isDerived(w.at(CONTROL), w.at(SPACE))).toBe(true);
  });
  it('RangeError of the device wins over that of the domain, and that over the device’s being taken', () => {
    const w = made();
    for (const device of [-1, DEVICES, NIC + 2 ** 32]) {
      expect(refused(w, () => issue(w, device, 0, SPACE))).toBe(errors.RANGE_ERROR);
      expect([w.capabilities.details.rangeMin, w.capabilities.details.rangeMax]).toEqual([0, DEVICES - 1]);
    }
    for (const domain of [0, -1, DOMAINS + 1, 1 + 2 ** 32]) {
      expect(refused(w, () => issue(w, NIC, domain, SPACE))).toBe(errors.RANGE_ERROR);
      expect([w.capabilities.details.rangeMin, w.capabilities.details.rangeMax]).toEqual([1, DOMAINS]);
    }
  });
  it('RevokeFirst, for a device that has one and for a domain that is another’s, wins over the slot', () => {
    const w = made();
    expect(refused(w, () => issue(w, NIC, 3, SPACE))).toBe(errors.REVOKE_FIRST);
    expect(refused(w, () => issue(w, 0x20, DOMAIN, SPACE))).toBe(errors.REVOKE_FIRST);
  });
  it('the look-up of the slot wins over what it holds', () => {
    const w = made();
    const ask = (depth: number, root: number): number =>
      refused(w, () => w.invoke(CONTROL, IO_SPACE_CONTROL_ISSUE, [1, 1, SPACE, depth], [root]));
    expect(ask(33, 0)).toBe(errors.RANGE_ERROR);
    expect(ask(32 + 2 ** 32, 0)).toBe(errors.RANGE_ERROR);
    expect(ask(32, UNTYPED)).toBe(errors.FAILED_LOOKUP);
    expect(ask(4, 0)).toBe(errors.FAILED_LOOKUP);
    expect(ask(32, 0)).toBe(errors.DELETE_FIRST);
  });
  it('can be done again when the last capability is gone', () => {
    const w = made();
    w.capabilities.copy(w.at(30), w.at(SPACE), objects.ALL_RIGHTS);
    w.capabilities.delete(w.at(SPACE));
    expect(issue(w, NIC, 3, 31)).toBe(errors.REVOKE_FIRST);
    w.capabilities.delete(w.at(30));
    expect(issue(w, NIC, 3, 31)).toBe(0);
  });
});

describe('mapping an IO page table', () => {
  it('the level is that of the first missing table, and the first lets the device through', () => {
    const w = made();
    expect(w.iommu.log).toEqual([]);
    for (let level = 0; level < 3; level++) {
      expect(refused(w, () => mapFrame(w, FRAMES, SPACE, IO_PAGE))).toBe(errors.FAILED_LOOKUP);
      expect(w.capabilities.details.bitsLeft).toBe(39 - 9 * level);
      expect(mapTable(w, TABLES + level, SPACE, IO_PAGE)).toBe(0);
    }
    expect(w.iommu.log).toEqual([`attach ${NIC} ${DOMAIN}`]);
    expect(mapFrame(w, FRAMES, SPACE, IO_PAGE)).toBe(0);
    expect(reads(w)).toBe(FRAME_PAGE);
  });
  it('InvalidCapability 0, mapped already, wins over InvalidCapability 1, no IO space', () => {
    const w = tabled();
    expect(refused(w, () => mapTable(w, TABLES, UNTYPED, IO_PAGE))).toBe(errors.INVALID_CAPABILITY);
    expect(w.capabilities.details.capability).toBe(0);
    expect(refused(w, () => mapTable(w, TABLES + 3, UNTYPED, 2 ** 26))).toBe(errors.INVALID_CAPABILITY);
    expect(w.capabilities.details.capability).toBe(1);
  });
  it('InvalidArgument 0, an address above 38 bits, wins over DeleteFirst, no table is missing', () => {
    const w = tabled();
    expect(refused(w, () => mapTable(w, TABLES + 3, SPACE, 2 ** 26 + IO_PAGE))).toBe(errors.INVALID_ARGUMENT);
    expect(w.capabilities.details.argument).toBe(0);
    expect(refused(w, () => mapTable(w, TABLES + 3, SPACE, IO_PAGE))).toBe(errors.DELETE_FIRST);
  });
  it('another region shares the tables above', () => {
    const w = tabled();
    expect(mapTable(w, TABLES + 3, SPACE, IO_PAGE + 512)).toBe(0);
    expect(mapFrame(w, FRAMES, SPACE, IO_PAGE + 512)).toBe(0);
    expect(reads(w, IO_PAGE + 512)).toBe(FRAME_PAGE);
    expect(reads(w)).toBe(FAULT);
  });
  it('the last page of 38 bits can be mapped', () => {
    const w = made();
    for (let level = 0; level < 3; level++) expect(mapTable(w, TABLES + level, SPACE, 2 ** 26 - 1)).toBe(0);
    expect(mapFrame(w, FRAMES, SPACE, 2 ** 26 - 1)).toBe(0);
    expect(reads(w, 2 ** 26 - 1)).toBe(FRAME_PAGE);
  });
  it('works where the memory does not begin with page 0', () => {
    const w = tabled(0x80000);
    expect(mapFrame(w, FRAMES, SPACE, IO_PAGE)).toBe(0);
    expect(reads(w)).toBe(0x80000 + FRAME_PAGE);
  });
});

describe('unmapping an IO page table', () => {
  it.each([0, 1, 2])('what the table of turn %d mapped is out of the device’s reach when it returns', (level) => {
    const w = mapped();
    expect(w.invoke(TABLES + level, IO_PAGE_TABLE_UNMAP)).toBe(0);
    expect(reads(w)).toBe(FAULT);
    expect(w.capabilities.isMapped(w.at(TABLES + level))).toBe(false);
  });
  it.each([0, 1, 2])('the table of turn %d comes back empty', (level) => {
    const w = mapped();
    w.invoke(TABLES + level, IO_PAGE_TABLE_UNMAP);
    expect(mapTable(w, TABLES + level, SPACE, IO_PAGE)).toBe(0);
    for (let turn = level + 1; turn < 3; turn++) {
      expect(reads(w)).toBe(FAULT);
      expect(mapTable(w, turn === 1 ? TABLES + 3 : TABLES + 4, SPACE, IO_PAGE)).toBe(0);
    }
    expect(reads(w)).toBe(FAULT);
    expect(mapFrame(w, FRAMES + 1, SPACE, IO_PAGE)).toBe(0);
    expect(reads(w)).toBe(FRAME_PAGE + 1);
  });
  it('RevokeFirst while there are copies, which would say that it is mapped', () => {
    const w = mapped();
    w.capabilities.copy(w.at(30), w.at(TABLES), objects.ALL_RIGHTS);
    for (const slot of [30, TABLES])
      expect(refused(w, () => w.invoke(slot, IO_PAGE_TABLE_UNMAP))).toBe(errors.REVOKE_FIRST);
  });
  it('is no error where it is not mapped', () => {
    const w = made();
    expect(w.invoke(TABLES, IO_PAGE_TABLE_UNMAP)).toBe(0);
    expect(w.iommu.log).toEqual([]);
  });
});

describe('mapping a page for a device', () => {
  it('InvalidCapability 0 for what is not 4 KiB, and for what is mapped already, wins over InvalidCapability 1', () => {
    const w = mapped();
    w.make(objects.FRAME, 12, 30);
    w.words[w.at(30)] = (w.words[w.at(30)]! & ~(63 << 8)) | (21 << 8);
    w.capabilities.setMapping(w.at(FRAMES + 1), 7, 0x5);
    for (const slot of [30, FRAMES, FRAMES + 1]) {
      expect(refused(w, () => mapFrame(w, slot, UNTYPED, 2 ** 26))).toBe(errors.INVALID_CAPABILITY);
      expect(w.capabilities.details.capability).toBe(0);
    }
  });
  it('InvalidCapability 1, no IO space, wins over InvalidArgument 1, an address above 38 bits', () => {
    const w = tabled();
    expect(refused(w, () => mapFrame(w, FRAMES, TABLES, 2 ** 26))).toBe(errors.INVALID_CAPABILITY);
    expect(w.capabilities.details.capability).toBe(1);
    expect(refused(w, () => mapFrame(w, FRAMES, SPACE, 2 ** 26))).toBe(errors.INVALID_ARGUMENT);
    expect(w.capabilities.details.argument).toBe(1);
  });
  it('FailedLookup, a table is missing, wins over InvalidArgument 0, no rights', () => {
    const w = tabled();
    expect(refused(w, () => mapFrame(w, FRAMES, SPACE, IO_PAGE + 512, 0))).toBe(errors.FAILED_LOOKUP);
    const { wasSource, lookupFailure, bitsLeft } = w.capabilities.details;
    expect([wasSource, lookupFailure, bitsLeft]).toEqual([false, errors.MISSING_CAPABILITY, 21]);
  });
  it('DeleteFirst, another page is there, wins over InvalidArgument 0, no rights', () => {
    const w = mapped();
    expect(refused(w, () => mapFrame(w, FRAMES + 1, SPACE, IO_PAGE, 0))).toBe(errors.DELETE_FIRST);
  });
  it('InvalidArgument 0 where no right is left, or only Write', () => {
    const w = tabled();
    w.capabilities.copy(w.at(30), w.at(FRAMES), objects.WRITE);
    const asked: readonly [number, number][] = [
      [FRAMES, 0],
      [FRAMES, objects.WRITE],
      [30, objects.READ],
      [30, objects.READ | objects.WRITE],
    ];
    for (const [slot, rights] of asked) {
      expect(refused(w, () => mapFrame(w, slot, SPACE, IO_PAGE, rights))).toBe(errors.INVALID_ARGUMENT);
      expect(w.capabilities.details.argument).toBe(0);
    }
  });
  it('effective rights are those asked for that the capability has', () => {
    const w = tabled();
    w.capabilities.copy(w.at(30), w.at(FRAMES), objects.READ);
    mapFrame(w, 30, SPACE, IO_PAGE);
    mapFrame(w, FRAMES, SPACE, IO_PAGE + 1, objects.READ);
    for (const ioPage of [IO_PAGE, IO_PAGE + 1]) {
      expect(reads(w, ioPage)).toBe(FRAME_PAGE);
      expect(w.iommu.access(NIC, ioPage, true)).toBe(FAULT);
    }
  });
  it('ignores the offset in the page', () => {
    const w = tabled();
    expect(w.invoke(FRAMES, PAGE_MAP_IO, [3, IO_PAGE * 4096 + 4095], [SPACE])).toBe(0);
    expect(reads(w)).toBe(FRAME_PAGE);
  });
  it('maps a device’s memory, whose page is beyond the kernel’s', () => {
    const w = tabled();
    w.make(objects.FRAME, 12, 30, 1, DEVICE_UNTYPED);
    expect(mapFrame(w, 30, SPACE, IO_PAGE)).toBe(0);
    expect(reads(w)).toBe(DEVICE_PAGE);
  });
  it('a copy of the IO space’s capability serves as well', () => {
    const w = tabled();
    w.capabilities.copy(w.at(30), w.at(SPACE), 0);
    expect(mapFrame(w, FRAMES, 30, IO_PAGE)).toBe(0);
    expect(reads(w)).toBe(FRAME_PAGE);
  });
  it('two capabilities to one frame are mapped in two places, and each is undone alone', () => {
    const w = mapped();
    w.capabilities.copy(w.at(30), w.at(FRAMES), objects.ALL_RIGHTS);
    expect(mapFrame(w, 30, SPACE, IO_PAGE + 1)).toBe(0);
    expect(reads(w, IO_PAGE + 1)).toBe(FRAME_PAGE);
    w.capabilities.delete(w.at(FRAMES));
    expect([reads(w), reads(w, IO_PAGE + 1)]).toEqual([FAULT, FRAME_PAGE]);
  });
});

describe('unmapping a page', () => {
  it('is over for the device when it returns, though it had cached it', () => {
    const w = mapped();
    expect(w.invoke(FRAMES, PAGE_UNMAP_IO)).toBe(0);
    expect(reads(w)).toBe(FAULT);
    expect(mapFrame(w, FRAMES, SPACE, IO_PAGE)).toBe(0);
  });
  it('IllegalOperation where it is mapped in an address space', () => {
    const w = tabled();
    w.capabilities.setMapping(w.at(FRAMES), 7, 0x5);
    expect(refused(w, () => w.invoke(FRAMES, PAGE_UNMAP_IO))).toBe(errors.ILLEGAL_OPERATION);
    w.capabilities.delete(w.at(FRAMES));
    expect(w.iommu.log.filter((call) => call.startsWith('invalidate'))).toEqual([]);
  });
  it('is no error where it is not mapped', () => {
    const w = tabled();
    expect(w.invoke(FRAMES, PAGE_UNMAP_IO)).toBe(0);
  });
  it('removes nothing of another page that took its place under a new table', () => {
    const w = mapped();
    w.invoke(TABLES + 2, IO_PAGE_TABLE_UNMAP);
    mapTable(w, TABLES + 2, SPACE, IO_PAGE);
    mapFrame(w, FRAMES + 1, SPACE, IO_PAGE);
    expect(w.invoke(FRAMES, PAGE_UNMAP_IO)).toBe(0);
    expect(reads(w)).toBe(FRAME_PAGE + 1);
  });
});

describe('deleting and revoking', () => {
  it('deleting a frame’s capability unmaps it, the last one or not', () => {
    const w = mapped();
    w.capabilities.copy(w.at(30), w.at(FRAMES), objects.ALL_RIGHTS);
    w.capabilities.delete(w.at(FRAMES));
    expect(reads(w)).toBe(FAULT);
    expect(w.iommu.log.at(-1)).toBe(`invalidate ${DOMAIN} ${IO_PAGE}`);
  });
  it('revoking the untyped takes tables and frames out of the device’s reach before it returns', () => {
    const w = mapped();
    expect(w.capabilities.revoke(w.at(UNTYPED))).toBe(0);
    expect(reads(w)).toBe(FAULT);
    expect(w.iommu.log).toContain(`detach ${NIC}`);
  });
  it('deleting a table’s capability does nothing while there is another', () => {
    const w = mapped();
    w.capabilities.copy(w.at(30), w.at(TABLES + 1), objects.ALL_RIGHTS);
    w.capabilities.delete(w.at(TABLES + 1));
    expect(reads(w)).toBe(FRAME_PAGE);
    w.capabilities.delete(w.at(30));
    expect(reads(w)).toBe(FAULT);
  });
  it('deleting the IO space’s last capability detaches the device and drops its mappings', () => {
    const w = mapped();
    w.capabilities.copy(w.at(30), w.at(SPACE), objects.ALL_RIGHTS);
    w.capabilities.delete(w.at(SPACE));
    expect(reads(w)).toBe(FRAME_PAGE);
    w.capabilities.delete(w.at(30));
    expect(reads(w)).toBe(FAULT);
    expect(w.iommu.log.slice(-2)).toEqual([`detach ${NIC}`, `invalidate ${DOMAIN} -1`]);
  });
  it('revoking the control removes every space that was issued, and every copy and mint of it', () => {
    const w = mapped();
    expect(issue(w, 0x20, 3, 30)).toBe(0);
    w.capabilities.copy(w.at(31), w.at(SPACE), objects.ALL_RIGHTS);
    w.capabilities.mint(w.at(32), w.at(31), objects.ALL_RIGHTS, 0x30018);
    w.capabilities.mint(w.at(33), w.at(30), objects.ALL_RIGHTS, 99);
    expect([32, 33].map((slot) => w.capabilities.badgeOf(w.at(slot)))).toEqual([DOMAIN, 3]);
    expect(w.capabilities.revoke(w.at(CONTROL))).toBe(0);
    for (const slot of [SPACE, 30, 31, 32, 33]) expect(w.capabilities.typeOf(w.at(slot))).toBe(objects.NULL);
    expect(reads(w)).toBe(FAULT);
    expect(issue(w, NIC, DOMAIN, SPACE)).toBe(0);
  });
  it('revoking an issued space takes its copies, and leaves it and the device', () => {
    const w = mapped();
    w.capabilities.copy(w.at(31), w.at(SPACE), objects.ALL_RIGHTS);
    w.capabilities.revoke(w.at(SPACE));
    expect(w.capabilities.typeOf(w.at(31))).toBe(objects.NULL);
    expect(reads(w)).toBe(FRAME_PAGE);
  });
  it('a table of a space that is gone cannot bring its entries into another', () => {
    const w = mapped();
    w.capabilities.delete(w.at(SPACE));
    expect(issue(w, NIC, DOMAIN, SPACE)).toBe(0);
    expect(mapTable(w, TABLES, SPACE, IO_PAGE)).toBe(errors.INVALID_CAPABILITY);
    expect(w.invoke(TABLES, IO_PAGE_TABLE_UNMAP)).toBe(0);
    expect(mapTable(w, TABLES, SPACE, IO_PAGE)).toBe(0);
    expect(reads(w)).toBe(FAULT);
    expect(mapTable(w, TABLES + 3, SPACE, IO_PAGE)).toBe(0);
    expect(reads(w)).toBe(FAULT);
  });
  it('a capability to a space that was issued anew to another device names nothing', () => {
    const w = mapped();
    const stale = w.words.slice(w.at(SPACE), w.at(SPACE) + 4);
    w.capabilities.delete(w.at(SPACE));
    issue(w, 0x20, DOMAIN, 30);
    w.words.set(stale, w.at(SPACE));
    expect(mapTable(w, FREE, SPACE, IO_PAGE)).toBe(errors.INVALID_CAPABILITY);
  });
});
