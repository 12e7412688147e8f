import { describe, expect, it } from 'vitest';
import * as interrupt from '../src/interrupt.ts';
import * as register from '../src/register.ts';
import * as statistics from '../src/statistics.ts';
import * as transmit from '../src/transmit-descriptor.ts';

/** What is in the register files and is no register. */
const NOT_REGISTERS = /_(INITIAL|COUNT|BYTES|START|END)$/;
const registers = Object.entries({ ...register, ...statistics }).filter(([name]) => !NOT_REGISTERS.test(name));

describe('82574 registers (datasheet 3.4 §10.2)', () => {
  it('are aligned words inside the memory BAR, no two at one offset', () => {
    const offsets = registers.map(([, offset]) => offset);
    expect(offsets.filter((offset) => offset % 4 !== 0 || offset >= 0x2_0000)).toEqual([]);
    expect(new Set(offsets).size).toBe(offsets.length);
  });
  it('of queue 1 collide with none of queue 0', () => {
    const offsets = new Map(registers.map(([name, offset]) => [offset, name]));
    const { RDBAL, RDBAH, RDLEN, RDH, RDT, RXDCTL, TDBAL, TDBAH, TDLEN, TDH, TDT, TXDCTL, TARC } = register;
    for (const offset of [RDBAL, RDBAH, RDLEN, RDH, RDT, RXDCTL, TDBAL, TDBAH, TDLEN, TDH, TDT, TXDCTL, TARC]) {
      expect(offsets.get(offset + register.QUEUE_STRIDE_BYTES)).toBeUndefined();
    }
  });
  it('the interrupt causes are the sum of their bits, and OTHER stands for six of them', () => {
    const causes = Object.entries(interrupt).filter(([name, field]) => /^ICR_/.test(name) && typeof field === 'object');
    const masks = causes
      .filter(([name]) => name !== 'ICR_INT_ASSERTED')
      .map(([, field]) => (field as { mask: number }).mask);
    expect(masks.reduce((sum, mask) => sum | mask, 0)).toBe(interrupt.ICR_CAUSES);
    const { ICR_LSC, ICR_RXO, ICR_MDAC, ICR_SRPD, ICR_ACK, ICR_MNG } = interrupt;
    const others = [ICR_LSC, ICR_RXO, ICR_MDAC, ICR_SRPD, ICR_ACK, ICR_MNG];
    expect(others.reduce((sum, field) => sum | field.mask, 0)).toBe(interrupt.ICR_OTHER_CAUSES);
  });
  it('the command bits of a transmit descriptor are those of its CMD byte', () => {
    const bits = [transmit.TDESC_CMD_EOP, transmit.TDESC_CMD_IFCS, transmit.TDESC_CMD_IC, transmit.TDESC_CMD_RS];
    expect(bits.map((field) => field.mask >>> 24)).toEqual([1, 2, 4, 8]);
    expect(transmit.TDESC_CMD).toBe(transmit.TDESC_LOWER + 3);
  });
});
