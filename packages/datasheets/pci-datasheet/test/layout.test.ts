import { get } from '@bulkhead/bits';
import { describe, expect, it } from 'vitest';
import * as pci from '../src/index.ts';

describe('configuration space (PCIe Base 5.0 §7.2.2, §7.5.1, §7.7.2)', () => {
  it('ECAM fields and shifts say the same', () => {
    const offset =
      (0x12 << pci.ECAM_BUS_SHIFT) | (0x1f << pci.ECAM_DEVICE_SHIFT) | (5 << pci.ECAM_FUNCTION_SHIFT) | 0xabc;
    expect(
      [pci.ECAM_BUS, pci.ECAM_DEVICE, pci.ECAM_FUNCTION, pci.ECAM_REGISTER].map((field) => get(offset, field)),
    ).toEqual([0x12, 0x1f, 5, 0xabc]);
    expect(pci.ECAM_BUS_SIZE_BYTES).toBe(
      pci.DEVICES_PER_BUS * pci.FUNCTIONS_PER_DEVICE * pci.CONFIGURATION_SPACE_SIZE_BYTES,
    );
  });
  it('six BARs stand one after another, up to the CardBus pointer', () => {
    expect([pci.BAR0, pci.BAR1, pci.BAR2, pci.BAR3, pci.BAR4, pci.BAR5].map((bar) => (bar - pci.BAR0) / 4)).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
    expect(pci.BAR5 + 4).toBe(pci.CARDBUS_CIS_POINTER);
  });
  it('the fields of a requester ID cover its 16 bits', () => {
    expect(pci.REQUESTER_ID_BUS.mask | pci.REQUESTER_ID_DEVICE.mask | pci.REQUESTER_ID_FUNCTION.mask).toBe(0xffff);
  });
  it('an MSI-X entry holds address, upper address, data and control', () => {
    expect(pci.MSIX_ENTRY_VECTOR_CONTROL + 4).toBe(pci.MSIX_ENTRY_SIZE_BYTES);
  });
});
