import { DEVICE_READ, NO_SPACE } from '@bulkhead/iommu-driver-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bench,
  EFFORT,
  identityOf,
  MSI_PAGE,
  NIC,
  NIC_DRIVER,
  OTHER_DRIVER,
  pageOfFrame,
  SUPERVISOR,
  started,
} from './bench.ts';

/** Where the interrupts of vector 0 go, as `redirect` is told. */
const FILES = 16;
const OTHER = 0x20;
const CAPABILITIES = 0;
const BASE_FORMAT = 0x00000210;
const NO_MRIF = 0x00400210;

describe('Messages of a device (RISC-V IOMMU 1.0 §2.3.3)', () => {
  it('each vector has a page of its own, which raises its identity at the real file', () => {
    const { calls, iommu, map, vectors } = started();
    vectors.set(NIC, 5);
    map(1);
    expect(calls).toContain(`redirect ${NIC} ${FILES} 5`);
    for (let vector = 0; vector < 5; vector++)
      expect(iommu.message(NIC, FILES + vector, identityOf(NIC, vector))).toEqual([MSI_PAGE, identityOf(NIC, vector)]);
    expect(iommu.enabled).toBe(true);
  });
  it('and no other, whatever number is written', () => {
    const property = fc.property(fc.integer({ min: 1, max: 15 }), fc.nat(2047), fc.nat(14), (count, data, vector) => {
      const { iommu, map, vectors } = started();
      vectors.set(NIC, count);
      map(1);
      const sent = iommu.message(NIC, FILES + vector, data);
      expect(sent).toEqual(vector < count ? [MSI_PAGE, identityOf(NIC, vector)] : 'not mapped');
      expect(iommu.enabled).toBe(vector < count && data === identityOf(NIC, vector));
    });
    fc.assert(property, { numRuns: 60 * EFFORT });
  });
  it('the real file is out of reach of every device: its page, its neighbours, by address and by mapping', () => {
    const { iommu, map, vectors } = started();
    vectors.set(NIC, 2);
    map(1);
    for (const page of [MSI_PAGE, MSI_PAGE + 1, MSI_PAGE + 15])
      expect(iommu.translate(NIC, page, true)).toBe('not mapped');
    expect(iommu.message(NIC, MSI_PAGE, 9)).toBe('not mapped');
  });
  it('two devices have files of their own: neither raises what belongs to the other', () => {
    const { iommu, map, owners, vectors } = started();
    owners.set(OTHER, OTHER_DRIVER);
    vectors.set(NIC, 3).set(OTHER, 3);
    map(1);
    map(2, 3, 12, OTHER, OTHER_DRIVER);
    for (let vector = 0; vector < 3; vector++) {
      expect(iommu.message(OTHER, FILES + vector, identityOf(NIC, vector))).toEqual([
        MSI_PAGE,
        identityOf(OTHER, vector),
      ]);
      expect(iommu.message(NIC, FILES + vector, identityOf(OTHER, vector))).toEqual([
        MSI_PAGE,
        identityOf(NIC, vector),
      ]);
    }
  });
  it('more vectors than files: those beyond are not routed, and the PCI-bus driver is told so', () => {
    const { calls, iommu, map, vectors } = started();
    vectors.set(NIC, 40);
    map(1);
    expect(calls).toContain(`redirect ${NIC} ${FILES} 15`);
    expect(iommu.message(NIC, FILES + 14, 3)).toEqual([MSI_PAGE, identityOf(NIC, 14)]);
    expect(iommu.message(NIC, FILES + 15, 3)).toBe('not mapped');
  });
  it('a device without interrupts has none', () => {
    const { calls, iommu, map } = started();
    map(1);
    expect(calls).toContain(`redirect ${NIC} ${FILES} 0`);
    expect(iommu.message(NIC, FILES, 0)).toBe('not mapped');
  });
  it('the pages of interrupts are no memory: the first frame comes behind them, and none is given there', () => {
    const { map, vectors } = started();
    vectors.set(NIC, 1);
    for (let n = 0; n < 40; n++) expect(map(n)).toBe(FILES + 16 + n);
  });
  it('go when the device is reclaimed, and come anew with its next holder', () => {
    const { handlers, iommu, map, owners, vectors } = started();
    vectors.set(NIC, 2);
    map(1);
    iommu.message(NIC, FILES, 1);
    handlers.iommu.reclaimFrom(SUPERVISOR, NIC_DRIVER);
    expect(iommu.message(NIC, FILES, 1)).toBe('no context');
    owners.set(NIC, OTHER_DRIVER).set(OTHER, OTHER_DRIVER);
    vectors.set(OTHER, 2);
    // Another device takes the tables that were freed: what the IOMMU had cached of them must be gone.
    map(1, 3, 12, OTHER, OTHER_DRIVER);
    expect(iommu.message(OTHER, FILES, 1)).toEqual([MSI_PAGE, identityOf(OTHER, 0)]);
    map(1, 3, 12, NIC, OTHER_DRIVER);
    expect(iommu.message(NIC, FILES + 1, 1)).toEqual([MSI_PAGE, identityOf(NIC, 1)]);
  });
  it('a space whose interrupts the PCI-bus driver does not take is none', () => {
    const { iommu, map } = started({}, `redirect ${NIC} ${FILES} 0`);
    expect(map(1)).toBe(NO_SPACE);
    expect(iommu.translate(NIC, 32, false)).toBe('no context');
  });
});

describe('Without translation of messages', () => {
  it('the page of the interrupt file is mapped at its own address, and raises whatever is written', () => {
    const { calls, iommu, map, vectors } = started({ msiTranslation: false });
    vectors.set(NIC, 2);
    const page = map(1, DEVICE_READ);
    expect(iommu.translate(NIC, page, false)).toBe(pageOfFrame(1));
    expect(iommu.message(NIC, MSI_PAGE, 99)).toEqual([MSI_PAGE, 99]);
    expect(calls).toContain(`redirect ${NIC} ${FILES} 0`);
  });
  it('an IOMMU with contexts in base format serves as well (§2.1.2)', () => {
    const all = bench({ msiTranslation: false });
    all.iommu.setRegister(CAPABILITIES, BASE_FORMAT);
    all.start();
    const page = all.map(1, 3, 12, NIC);
    expect(all.iommu.translate(NIC, page, true)).toBe(pageOfFrame(1));
    expect(all.iommu.message(NIC, MSI_PAGE, 7)).toEqual([MSI_PAGE, 7]);
  });
  it.each([BASE_FORMAT, NO_MRIF])(
    'an IOMMU of capabilities %i is refused when it is to translate them',
    (capabilities) => {
      const all = bench();
      all.iommu.setRegister(CAPABILITIES, capabilities);
      expect(all.start).toThrow(/no memory-resident interrupt files/);
    },
  );
  it('a bare IOMMU asks nobody and tells nobody', () => {
    const { calls, map } = started({ mode: 'bare' });
    map(1);
    expect(calls.some((call) => call.startsWith('redirect'))).toBe(false);
  });
});

describe('Requester IDs that two levels do not name', () => {
  it('have no IO space: 15 bits in extended format', () => {
    const { map, owners } = started();
    owners.set(0x8000, NIC_DRIVER).set(0x7fff, NIC_DRIVER);
    expect(map(1, 3, 12, 0x8000)).toBe(NO_SPACE);
    expect(map(1, 3, 12, 0x7fff)).toBeGreaterThan(0);
  });
});
