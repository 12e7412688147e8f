import { DEVICE_READ, NO_SPACE, NOT_A_FRAME, NOT_MAPPED, NOT_OWNER, NOT_SUPERVISOR } from '@bulkhead/iommu-driver-api';
import { describe, expect, it } from 'vitest';
import {
  bench,
  frame,
  IDENTITY,
  MSI_PAGE,
  NIC,
  NIC_DRIVER,
  OTHER_DRIVER,
  pageOfFrame,
  SUPERVISOR,
  started,
} from './bench.ts';

const LARGE = 21;
/** A frame of 2 MiB whose physical page is aligned. */
const LARGE_FRAME = 0x200;

describe('What a device reaches', () => {
  it('is nothing before the first map: an IOMMU that translates has no context for it', () => {
    expect(started().iommu.translate(NIC, 16, false)).toBe('no context');
  });
  it('is exactly what was mapped, at the answered page', () => {
    const { iommu, map } = started();
    const ioPage = map(7);
    expect(iommu.translate(NIC, ioPage, true)).toBe(pageOfFrame(7));
    expect(iommu.translate(NIC, ioPage + 1, false)).toBe('not mapped');
    expect(iommu.translate(NIC, pageOfFrame(7), false)).toBe('not mapped');
    expect(iommu.translate(NIC, MSI_PAGE, true)).toBe('not mapped');
    expect(iommu.translate(NIC + 1, ioPage, false)).toBe('no context');
  });
  it('it may write only what was mapped for writing', () => {
    const { iommu, map } = started();
    const ioPage = map(7, DEVICE_READ);
    expect(iommu.translate(NIC, ioPage, false)).toBe(pageOfFrame(7));
    expect(iommu.translate(NIC, ioPage, true)).toBe('read only');
  });
  it('a frame of 2 MiB is one aligned superpage', () => {
    const { iommu, map } = started();
    const ioPage = map(LARGE_FRAME, 3, LARGE);
    expect(ioPage % 512).toBe(0);
    expect(iommu.translate(NIC, ioPage + 511, true)).toBe(pageOfFrame(LARGE_FRAME) + 511);
    expect(iommu.translate(NIC, ioPage + 512, true)).toBe('not mapped');
  });
  it('frames of one size that follow each other come side by side', () => {
    const { map } = started();
    const first = map(0);
    for (let n = 1; n < 600; n++) expect(map(n)).toBe(first + n);
    const large = map(LARGE_FRAME, 3, LARGE);
    expect(map(2 * LARGE_FRAME, 3, LARGE)).toBe(large + 512);
  });
  it('page 0 stays free: a device that follows a null pointer faults', () => {
    const { iommu, map } = started();
    expect(map(1)).toBeGreaterThan(0);
    expect(iommu.translate(NIC, 0, false)).toBe('not mapped');
  });
});

describe('Unmap and reclaim', () => {
  it('an IOMMU that caches everything serves nothing of it any more when the answer is given', () => {
    const { handlers, iommu, map } = started();
    const [small, large] = [map(7), map(LARGE_FRAME, 3, LARGE)];
    iommu.translate(NIC, small, true);
    iommu.translate(NIC, large + 3, true);
    expect(handlers.iommu.unmap(NIC_DRIVER, NIC, small)).toBe(0);
    expect(iommu.translate(NIC, small, true)).toBe('not mapped');
    expect(iommu.translate(NIC, large + 3, true)).toBe(pageOfFrame(LARGE_FRAME) + 3);
    expect(handlers.iommu.unmap(NIC_DRIVER, NIC, large)).toBe(0);
    expect(iommu.translate(NIC, large + 3, true)).toBe('not mapped');
    expect(iommu.commands.at(-1)).toBe('iofence');
  });
  it('an unmapped page is the next to be given', () => {
    const { handlers, map } = started();
    const pages = [map(1), map(2), map(3)];
    handlers.iommu.unmap(NIC_DRIVER, NIC, pages[1]!);
    expect(map(4)).toBe(pages[1]);
    expect(map(5)).toBe(pages[2]! + 1);
  });
  it('reclaim takes every mapping and the context, and says how many there were', () => {
    const { handlers, iommu, map } = started();
    const pages = [map(1), map(2), map(LARGE_FRAME, 3, LARGE)];
    for (const page of pages) iommu.translate(NIC, page, true);
    expect(handlers.iommu.reclaim(SUPERVISOR, NIC)).toBe(3);
    for (const page of [...pages, MSI_PAGE]) expect(iommu.translate(NIC, page, false)).toBe('no context');
    expect(handlers.iommu.reclaim(SUPERVISOR, NIC)).toBe(0);
  });
  it('the tables of a reclaimed device serve again, for as often as one likes', () => {
    const { handlers, iommu, map } = started();
    for (let round = 0; round < 100; round++) {
      const page = map(round);
      expect(iommu.translate(NIC, page, true)).toBe(pageOfFrame(round));
      handlers.iommu.reclaim(SUPERVISOR, NIC);
    }
  });
  it('a new holder never meets the mappings of a former one', () => {
    const { iommu, map, owners } = started();
    const page = map(1);
    map(2);
    iommu.translate(NIC, page + 1, true);
    owners.set(NIC, OTHER_DRIVER);
    expect(map(3, 3, 12, NIC, OTHER_DRIVER)).toBe(page);
    expect(iommu.translate(NIC, page, true)).toBe(pageOfFrame(3));
    expect(iommu.translate(NIC, page + 1, true)).toBe('not mapped');
  });
});

describe('Refusals, in the order of their checks', () => {
  it('not-owner comes before not-a-frame', () => {
    const { handlers, map } = started();
    expect(map(1, 3, 13, NIC, OTHER_DRIVER)).toBe(NOT_OWNER);
    expect(map(1, 3, 13)).toBe(NOT_A_FRAME);
    expect(map(1, 3, 12, 0x19)).toBe(NOT_OWNER);
    expect(map(1, 3, 12, -1)).toBe(NOT_OWNER);
    expect(handlers.iommu.unmap(OTHER_DRIVER, NIC, 16)).toBe(NOT_OWNER);
    expect(handlers.iommu.unmap(NIC_DRIVER, NIC, 16)).toBe(NOT_MAPPED);
  });
  it('what is no frame, or no aligned frame of 2 MiB, is refused', () => {
    const { map } = started();
    expect(map(-100)).toBe(NOT_A_FRAME);
    expect(map(1, 3, LARGE)).toBe(NOT_A_FRAME);
  });
  it('only the supervisor reclaims', () => {
    const { handlers, map } = started();
    map(1);
    expect(handlers.iommu.reclaim(NIC_DRIVER, NIC)).toBe(NOT_SUPERVISOR);
    expect(handlers.iommu.reclaim(SUPERVISOR, -1)).toBe(0);
  });
  it('what was not mapped, and the page of the interrupt file, cannot be unmapped', () => {
    const { handlers, map } = started();
    const large = map(LARGE_FRAME, 3, LARGE);
    for (const page of [-1, 0, 16, 31, 32, large + 1, MSI_PAGE, 2 ** 26, 2 ** 31])
      expect(handlers.iommu.unmap(NIC_DRIVER, NIC, page)).toBe(NOT_MAPPED);
  });
  it('when tables run out, nothing half-done is left and reclaim makes room', () => {
    const { handlers, iommu, map, owners } = started();
    const devices = Array.from({ length: 20 }, (_, i) => 0x100 + i * 8);
    for (const device of devices) owners.set(device, NIC_DRIVER);
    const answers = devices.map((device) => map(1, 3, 12, device));
    const refused = devices.filter((_, i) => answers[i]! < 0);
    expect(answers.filter((answer) => answer < 0).every((answer) => answer === NO_SPACE)).toBe(true);
    expect(refused.length).toBeGreaterThan(0);
    for (const device of refused) expect(iommu.translate(device, 16, false)).not.toBe(pageOfFrame(1));
    handlers.iommu.reclaim(SUPERVISOR, devices[0]!);
    expect(map(1, 3, 12, refused[0]!)).toBeGreaterThan(0);
  });
  it('without checkOwner anybody maps for any device', () => {
    const { iommu, map } = started({ checkOwner: false });
    const page = map(1, 3, 12, 0x40, OTHER_DRIVER);
    expect(map(2, 3, 12, 0x40, NIC_DRIVER)).toBe(page + 1);
    expect(iommu.translate(0x40, page, true)).toBe(pageOfFrame(1));
  });
  it('a right to read only is mapped for reading, and not for writing', () => {
    const { map, readOnly } = started();
    readOnly();
    expect(map(1, 3)).toBe(NOT_A_FRAME);
    expect(map(1, 1)).toBeGreaterThan(0);
  });
  it('a right that came with a call is dropped, whatever the answer', () => {
    const { deleted, map } = started();
    map(1);
    map(2, 3, 12, NIC, OTHER_DRIVER);
    map(-100);
    expect(deleted).toEqual([frame(1), frame(2), frame(-100)]);
  });
});

describe('Modes', () => {
  it('bare: map answers the physical page, and no table is touched', () => {
    const { handlers, iommu, map } = started({ mode: 'bare' });
    const commands = iommu.commands.length;
    expect(map(7)).toBe(pageOfFrame(7));
    expect(iommu.translate(NIC, pageOfFrame(7), true)).toBe(pageOfFrame(7));
    expect(handlers.iommu.unmap(NIC_DRIVER, NIC, pageOfFrame(7))).toBe(0);
    expect(iommu.commands.length).toBe(commands);
    expect(map(7, 3, 12, NIC, OTHER_DRIVER)).toBe(NOT_OWNER);
  });
  it('off: nothing can be mapped, and nothing passes', () => {
    const { iommu, map } = started({ mode: 'off' });
    expect(map(7)).toBe(NO_SPACE);
    expect(iommu.translate(NIC, 16, false)).toBe('off');
  });
});

describe('Start', () => {
  it('the caches are emptied before the mode is set, and the interrupt is bound', () => {
    const { calls, iommu } = started();
    expect(iommu.commands).toEqual(['iotinval all', 'inval_ddt all', 'iofence']);
    expect(calls).toContain(`issue ${IDENTITY}`);
    expect(calls).toContain('bind 700 0');
    expect([iommu.register(768), iommu.register(776)]).toEqual([MSI_PAGE << 12, IDENTITY]);
  });
  it.each(['map', 'address', `issue ${IDENTITY}`, 'bind 700 0'])('without %s the driver does not start', (refused) => {
    const { start } = bench({}, refused);
    expect(start).toThrow(/^iommu-driver: the kernel /);
  });
  it('an IOMMU that does not answer a fence ends the driver', () => {
    const all = bench();
    all.iommu.stuck = true;
    expect(all.start).toThrow(/command queue stands still/);
  });
});
